#pragma once

#include "core/status.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>

struct epoll_event;

namespace grape::http {

/// Something that became possible for the socket that is watched under `key`.
struct readiness {
  std::uint64_t key = 0;
  bool readable = false;
  bool writable = false;
  bool ended = false; ///< The other side sends no more; readable as well.
};

/// Where the threads of a server wait for all of its sockets. They all wait on one epoll set: the
/// kernel wakes one of them for a socket that becomes ready, the one that fell asleep last, whose
/// caches are the warmest. So whoever is woken may work for as long as it takes: the others still
/// wait. Edges are told, once each. Thread-safe.
class poller {
public:
  /// Keys below are the poller's own.
  static constexpr std::uint64_t first_key = 1;

  poller() = default;
  ~poller();

  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Before anything else. Error: io_error, out of descriptors.
  status open();

  /// From now on tells when `socket` can be read, until it is closed. False: out of memory.
  bool watch(int socket, std::uint64_t key) noexcept;

  /// Tells also when it can be written.
  bool watch_writing(int socket, std::uint64_t key) noexcept;

  /// Lets one thread return from `next` with nothing but `key`.
  void post(std::uint64_t key);

  /// Waits for one event. False: closed.
  bool next(readiness& told);

  /// More comes than can be served, lately: for some time a thread that has nothing to do does not
  /// look at once when something comes but once in a millisecond, for all that has come meanwhile.
  /// It would take the processors away from those who work, only to say that they work.
  void press();

  /// Every thread returns from `next`, now and later.
  void close();

  bool is_closed() const noexcept { return closed_.load(); }

private:
  using clock = std::chrono::steady_clock;

  bool come(epoll_event& event);
  void ring() noexcept;
  bool take_posted(readiness& told);

  int events_ = -1;
  int bell_ = -1;
  std::atomic<bool> closed_{false};
  std::atomic<clock::time_point> pressed_until_{clock::time_point::min()};
  std::mutex mutex_;
  std::deque<std::uint64_t> posted_; // Protected by mutex_.
};

} // namespace grape::http
