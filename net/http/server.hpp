#pragma once

#include "core/outcome.hpp"
#include "net/http/message.hpp"
#include "net/http/upload.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace grape::http {

/// Where to listen and what a stranger may cost us. Every limit is at least 1.
struct server_options {
  std::string bind = "127.0.0.1"; ///< A numeric IPv4 or IPv6 address.
  std::uint16_t port = 6333;      ///< 0 = any free port; see `server::port`.

  /// Threads that read requests and call the handler. One is needed while handlers work: as many
  /// as handlers and `more_work` may take their time at once, and one more.
  std::uint32_t io_threads = 1;

  /// Requests that no limit on connections or on requests in flight refuses, since whoever asks
  /// them takes a refusal for a failure. They must be cheap. Called on any thread; empty: none.
  std::function<bool(const request&)> is_probe;

  /// Work that waited while handlers worked. Called on the server's threads after each call of the
  /// handler, again and again while it returns true or throws, which costs only what it did; like
  /// a handler it may take its time. Empty: there is none.
  std::function<bool()> more_work;

  std::uint32_t connections_max = 4096;    ///< One more is told 503 and closed.
  std::uint32_t in_flight_max = 1024;      ///< Requests not yet answered; one more gets 503.
  std::uint32_t header_bytes_max = 16'384; ///< Request line and fields; more is 431.
  std::uint64_t body_bytes_max = 32ull << 20;             ///< One body; more is 400.
  std::uint64_t body_bytes_in_flight_max = 256ull << 20;  ///< All bodies; more is 503.

  /// Asked before a body is read. Called on any thread; must be cheap. Empty: every body is read
  /// into memory.
  std::function<body_plan(const request&)> plan_body;
  upload_limits uploads; ///< Of bodies that go to the disk.

  /// All answers that are being written, but for one that is larger alone; more is 503. Where half
  /// of it is taken, whoever reads slower than `answer_rate_min` is cut off.
  std::uint64_t answer_bytes_in_flight_max = 512ull << 20;
  std::uint32_t answer_rate_min = 256u << 10; ///< Bytes a second, once `stall_timeout` is over.

  bool enable_cors = true; ///< Pages of any origin may ask.

  std::chrono::milliseconds idle_timeout{75'000};   ///< Between two requests of a connection.
  std::chrono::milliseconds header_timeout{10'000}; ///< From a request's first byte to its body.
  /// For each 64 KiB of a body or an answer, for each MiB of an upload.
  std::chrono::milliseconds stall_timeout{30'000};
  std::uint32_t retry_after_s = 1;                  ///< Sent with every 503 of the server's own.
};

/// Counted since the start, but for the two gauges. A snapshot without a common instant.
struct server_stats {
  std::uint64_t connections_open = 0;     ///< Gauge.
  std::uint64_t requests_in_flight = 0;   ///< Gauge: handed over, not yet written back.
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;  ///< Over `connections_max`.
  std::uint64_t requests_answered = 0;    ///< Answers begun, refusals included.
  std::uint64_t requests_overloaded = 0;  ///< Answered 503 by the server itself.
  std::uint64_t requests_malformed = 0;   ///< Not HTTP, or over a size limit.
  std::uint64_t connections_timed_out = 0;
};

/// Speaks HTTP/1.1 with strangers and hands whole requests to a handler. Knows nothing of what the
/// requests mean. All members may be called from any thread but the server's own.
///
/// The handler is called on one of the server's threads, and the other threads go on meanwhile: it
/// may work there, but see `io_threads`. `respond` may be called from any thread, also before the
/// handler returns and after the server is gone; it writes the answer on that thread, without
/// waiting for the client. If it is destroyed uncalled the client gets a 500.
/// Answers leave a connection in the order of its requests. HEAD reaches the handler as `get` and
/// its answer's body is held back; a verb without a name of its own arrives as `other`.
class server {
public:
  /// Binds, listens and serves. errc::bad_config: not an address, or no permission to use it;
  /// errc::io_error: the port is taken or the system refuses. The detail names address and reason.
  static outcome<std::unique_ptr<server>> start(server_options options, handler_fn handler);

  /// As `stop`.
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The port it listens on, also when 0 was asked for.
  std::uint16_t port() const noexcept;

  /// Stops accepting, answers what still comes with `Connection: close`, waits until the last
  /// connection has ended or is idle for 0.2 s, at most `within`, and halts. True: no request that
  /// had been handed over was cut off.
  bool drain(std::chrono::milliseconds within);

  /// Closes everything at once. Threads whose handler still works end after it.
  void halt();

  /// Halts and joins the threads: waits for handlers that work. A second call does nothing.
  void stop();

  server_stats stats() const noexcept;

private:
  struct engine;

  explicit server(std::unique_ptr<engine> from);

  std::unique_ptr<engine> engine_;
};

} // namespace grape::http
