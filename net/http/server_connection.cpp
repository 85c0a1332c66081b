#include "net/http/server_connection.hpp"

#include "net/http/server_session.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace grape::http {

namespace {

constexpr std::size_t stall_step = 65'536;
constexpr std::size_t turn_bytes_max = 1u << 20;

iovec piece_of(std::string_view text) noexcept {
  return {const_cast<char*>(text.data()), text.size()}; // sendmsg only reads it.
}

} // namespace

connection::connection(std::shared_ptr<server_state> of, int socket)
  : shared_(std::move(of))
  , state_(*shared_)
  , socket_(socket) {
  ++state_.open;
}

connection::~connection() {
  ::close(socket_);
  --state_.open;
  state_.tell_if_draining();
}

bool connection::begin_life(std::uint64_t key) {
  key_ = key;
  life_.emplace(live());
  life_->begin(next_);
  tell(0);
  return !life_->done();
}

bool connection::watch() {
  return state_.sockets.watch(socket_, key_);
}

void connection::ready(const readiness& told) {
  wake((told.readable ? readable : 0) | (told.writable ? writable : 0) | (told.ended ? ended : 0),
       thread_kind::own);
}

void connection::wait_for::await_suspend(std::coroutine_handle<> waiter) const noexcept {
  of.next_ = waiter;
  of.awaited_ = what | aborted;
}

bool connection::wait_for::await_resume() const noexcept {
  return (of.news_.fetch_and(~what) & aborted) == 0;
}

bool connection::may_go_on(news what) const noexcept {
  const auto come = news_.load();
  if ((come & aborted) != 0)
    return true;
  return (come & what) != 0 && (on_own_thread_ || (what & own_only) == 0);
}

void connection::wake(news more, thread_kind by) {
  if ((news_.fetch_or(more | running) & running) != 0)
    return; // Whoever goes on with it sees the news before leaving.
  on_own_thread_ = by == thread_kind::own;
  turn_bytes_ = 0;
  while (true) {
    auto come = news_.load();
    const auto due = come & awaited_;
    const bool begins = awaited_ == 0;
    const bool elsewhere = due != 0 && (due & ~own_only) == 0 && !on_own_thread_;
    if (begins || (due != 0 && !elsewhere)) {
      go_on();
      if (!life_->done())
        continue;
      state_.sessions.remove(key_); // It stays `running`: nobody goes on with it any more.
      return;
    }
    if (news_.compare_exchange_weak(come, come & ~running)) {
      if (elsewhere)
        state_.sockets.post(key_);
      return;
    }
  }
}

void connection::go_on() {
  awaited_ = 0;
  do
    next_.resume();
  while (awaited_ == 0 && !life_->done());
}

// Another thread may be reading or writing: the socket is only closed when all are done with it.
bool connection::cut() {
  if ((news_.fetch_or(aborted) & aborted) != 0)
    return false;
  ::shutdown(socket_, SHUT_RDWR);
  tell(0);
  return true;
}

// As if on a foreign thread: so it queues for one of the server's own.
connection::wait_for connection::next_turn() noexcept {
  on_own_thread_ = false;
  news_ |= turn;
  return {*this, turn};
}

// 0: there will be no more. Asks the socket only if it was told to be readable: a short read has
// taken all that was there.
task<std::size_t> connection::receive(std::span<char> into) {
  while (true) {
    const bool go_on = co_await wait_for{*this, readable};
    if (!go_on)
      co_return 0;
    const auto got = ::recv(socket_, into.data(), into.size(), MSG_DONTWAIT);
    const auto read = got > 0 ? static_cast<std::size_t>(got) : 0;
    turn_bytes_ += read;
    if (turn_bytes_ >= turn_bytes_max)
      on_own_thread_ = false; // The next wait is for a turn as well.
    if (read == into.size() || (read > 0 && (news_.load() & ended) != 0))
      news_ |= readable; // There may be more, of which nobody is told again.
    if (read > 0 || got == 0)
      co_return read;
    if (errno == EINTR)
      news_ |= readable;
    else if (errno != EAGAIN && errno != EWOULDBLOCK)
      co_return 0;
  }
}

task<bool> connection::write_all(std::string_view first, std::string_view second) {
  std::size_t unmarked = 0;
  while (!first.empty() || !second.empty()) {
    std::array<iovec, 2> rest{piece_of(first), piece_of(second)};
    msghdr message{};
    message.msg_iov = rest.data();
    message.msg_iovlen = rest.size();
    const auto done = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (done < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
      co_return false;
    const auto sent = done > 0 ? static_cast<std::size_t>(done) : 0;
    const auto of_first = std::min(sent, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(sent - of_first);
    unmarked += sent;
    if (unmarked >= stall_step) {
      unmarked = 0;
      allow(state_.options.stall_timeout);
    }
    if (sent > 0 || errno == EINTR)
      continue;
    const bool watched
      = std::exchange(watches_writing_, true) || state_.sockets.watch_writing(socket_, key_);
    const bool go_on = co_await wait_for{*this, writable};
    if (!watched || !go_on)
      co_return false;
  }
  co_return true;
}

void connection::end_writing() noexcept {
  ::shutdown(socket_, SHUT_WR);
}

} // namespace grape::http
