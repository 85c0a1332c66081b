#include "net/http/server_poller.hpp"

#include "core/check.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace grape::http {

namespace {

constexpr std::uint64_t bell_key = 0;
constexpr std::chrono::milliseconds nap{1};
constexpr std::chrono::milliseconds pressed_for{10};
constexpr std::uint32_t reading = EPOLLIN | EPOLLRDHUP | EPOLLET;

bool control(int events, int what, int socket, std::uint64_t key, std::uint32_t wanted) noexcept {
  epoll_event event{};
  event.events = wanted;
  event.data.u64 = key;
  return epoll_ctl(events, what, socket, &event) == 0;
}

} // namespace

poller::~poller() {
  for (const auto each : {events_, bell_})
    if (each >= 0)
      ::close(each);
}

status poller::open() {
  events_ = epoll_create1(EPOLL_CLOEXEC);
  bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (events_ < 0 || bell_ < 0 || !control(events_, EPOLL_CTL_ADD, bell_, bell_key, reading))
    return {errc::io_error, std::string("cannot wait for sockets: ") + std::strerror(errno)};
  return {};
}

bool poller::watch(int socket, std::uint64_t key) noexcept {
  return control(events_, EPOLL_CTL_ADD, socket, key, reading);
}

bool poller::watch_writing(int socket, std::uint64_t key) noexcept {
  return control(events_, EPOLL_CTL_MOD, socket, key, reading | EPOLLOUT);
}

// Nobody reads the bell: each stroke is an edge, and 2^64 of them take for ever.
void poller::ring() noexcept {
  const std::uint64_t one = 1;
  const auto written = ::write(bell_, &one, sizeof one);
  GRAPE_CHECK(written == sizeof one);
}

void poller::post(std::uint64_t key) {
  {
    const std::lock_guard guard{mutex_};
    posted_.push_back(key);
  }
  ring();
}

// Two strokes may be heard as one: whoever leaves something behind rings for the next.
bool poller::take_posted(readiness& told) {
  bool more = false;
  {
    const std::lock_guard guard{mutex_};
    if (posted_.empty())
      return false;
    told = {.key = posted_.front()};
    posted_.pop_front();
    more = !posted_.empty();
  }
  if (more)
    ring();
  return true;
}

bool poller::come(epoll_event& event) {
  auto came = 0;
  if (clock::now() < pressed_until_.load()) {
    came = epoll_wait(events_, &event, 1, 0);
    if (came == 0)
      std::this_thread::sleep_for(nap);
  }
  if (came == 0)
    came = epoll_wait(events_, &event, 1, -1);
  GRAPE_CHECK(came >= 0 || errno == EINTR);
  return came > 0;
}

void poller::press() {
  pressed_until_ = clock::now() + pressed_for;
}

// One event at a time: the thread may be gone with it for long.
bool poller::next(readiness& told) {
  while (!closed_.load()) {
    epoll_event event{};
    if (!come(event))
      continue;
    if (event.data.u64 != bell_key) {
      const auto what = event.events;
      const bool broken = (what & (EPOLLHUP | EPOLLERR)) != 0;
      const bool ended = broken || (what & EPOLLRDHUP) != 0;
      told = {.key = event.data.u64,
              .readable = ended || (what & EPOLLIN) != 0,
              .writable = broken || (what & EPOLLOUT) != 0,
              .ended = ended};
      return true;
    }
    if (!closed_.load() && take_posted(told))
      return true;
  }
  ring(); // For the next thread.
  return false;
}

void poller::close() {
  closed_ = true;
  ring();
}

} // namespace grape::http
