#pragma once

#include "net/http/server.hpp"
#include "net/http/server_poller.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace grape::http {

class session;

/// How long a connection between two requests lives once draining has begun.
constexpr std::chrono::milliseconds drain_grace{200};

/// All connections by the keys under which they are watched. Thread-safe.
class session_table {
public:
  std::uint64_t new_key() noexcept { return next_key_++; }

  /// False: none may be added any more.
  bool add(std::uint64_t key, std::shared_ptr<session> one) {
    const std::lock_guard guard{mutex_};
    if (!closed_)
      sessions_.emplace(key, std::move(one));
    return !closed_;
  }

  std::shared_ptr<session> find(std::uint64_t key) const {
    const std::lock_guard guard{mutex_};
    const auto at = sessions_.find(key);
    return at == sessions_.end() ? nullptr : at->second;
  }

  void remove(std::uint64_t key) {
    const std::lock_guard guard{mutex_};
    sessions_.erase(key);
  }

  std::vector<std::shared_ptr<session>> all() const {
    const std::lock_guard guard{mutex_};
    std::vector<std::shared_ptr<session>> found;
    found.reserve(sessions_.size());
    for (const auto& [key, one] : sessions_)
      found.push_back(one);
    return found;
  }

  /// Lets nobody in any more.
  void close() {
    const std::lock_guard guard{mutex_};
    closed_ = true;
  }

private:
  std::atomic<std::uint64_t> next_key_{poller::first_key + 1}; // The first is the listener's.
  mutable std::mutex mutex_; // Protects what follows.
  std::unordered_map<std::uint64_t, std::shared_ptr<session>> sessions_;
  bool closed_ = false;
};

/// What all threads of a server share, and each of its connections keeps alive.
struct server_state {
  using clock = std::chrono::steady_clock;

  server_options options;
  handler_fn handler;
  poller sockets;
  session_table sessions;

  std::atomic<bool> draining{false};
  std::atomic<clock::time_point> grace_end{clock::time_point::max()}; ///< Of a drain.
  std::atomic<std::uint64_t> open{0};       ///< Connections.
  std::atomic<std::uint64_t> active{0};     ///< Connections with a request begun.
  std::atomic<std::uint64_t> in_flight{0};  ///< Requests with the handler or being written back.
  std::atomic<std::uint64_t> body_bytes{0}; ///< Held by all bodies together.
  std::atomic<std::uint64_t> uploads{0};    ///< Bodies on their way to the disk.
  std::atomic<std::uint64_t> answer_bytes{0}; ///< Held by all answers that are being written.

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> overloaded{0};
  std::atomic<std::uint64_t> malformed{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> cut_off{0}; ///< Requests handed over and not waited for.

  std::mutex quiet_mutex;
  std::condition_variable quiet; ///< Told while draining, when `open` or `active` went down.

  void tell_if_draining() {
    if (!draining.load())
      return;
    const std::lock_guard hold{quiet_mutex};
    quiet.notify_all();
  }
};

} // namespace grape::http
