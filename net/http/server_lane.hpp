#pragma once

#include "net/http/server.hpp"

// Boost 1.74 uses std::exchange in awaitable.hpp without including it.
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace grape::http {

using io_executor = boost::asio::io_context::executor_type;
using socket_stream = boost::asio::basic_stream_socket<boost::asio::ip::tcp, io_executor>;
using socket_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, io_executor>;
using lane_timer = boost::asio::basic_waitable_timer<
  std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, io_executor>;

template <class T>
using task = boost::asio::awaitable<T, io_executor>;
constexpr boost::asio::use_awaitable_t<io_executor> use_task;

/// How long a connection between two requests lives once draining has begun.
constexpr std::chrono::milliseconds drain_grace{200};

/// What all threads of a server share.
struct server_state {
  server_options options;
  handler_fn handler;

  std::atomic<bool> draining{false};
  std::atomic<std::uint64_t> open{0};       ///< Connections.
  std::atomic<std::uint64_t> active{0};     ///< Connections with a request begun.
  std::atomic<std::uint64_t> in_flight{0};  ///< Requests with the handler or being written back.
  std::atomic<std::uint64_t> body_bytes{0}; ///< Held by all bodies together.

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

class session;

/// One thread and the connections it serves; everything in it belongs to that thread alone.
struct lane {
  explicit lane(std::shared_ptr<server_state> from)
    : state(std::move(from)), reaper(io.get_executor()) {
  }

  std::shared_ptr<server_state> state;
  boost::asio::io_context io{1};
  lane_timer reaper;
  std::unordered_set<session*> sessions;
  bool closing = false; ///< New sessions end at once.
};

} // namespace grape::http
