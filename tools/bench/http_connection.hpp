#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::bench {

struct http_address {
  std::string host;
  std::uint16_t port = 6333;
};

/// Reads http://HOST[:PORT][/]. Errors: invalid.
outcome<http_address> read_url(std::string_view url);

/// The whole text of one request on a connection that stays open.
std::string render_request(const http_address& to, std::string_view method, std::string_view path,
                           std::string_view body);

/// What a node answered.
struct http_answer {
  unsigned status = 0;
  std::optional<std::uint32_t> retry_after_s;
  bool closes = false; ///< The node ends the connection after this answer.
  std::string body;
};

/// Cuts the first whole answer off the front of `received`; none while a part is missing. Knows
/// bodies with Content-Length only, as Grape sends them. Errors: malformed.
outcome<std::optional<http_answer>> take_answer(std::string& received);

/// A connection kept open over many requests, one at a time. Not thread-safe. Errors of all calls:
/// io_error (nobody listens, or the connection broke), malformed.
class http_connection {
public:
  static outcome<http_connection> open(const http_address& to);

  http_connection(http_connection&& other) noexcept;
  http_connection& operator=(http_connection&& other) noexcept;
  ~http_connection();

  /// For waiting until something can be received.
  int descriptor() const noexcept { return socket_; }

  status send(std::string_view request);

  /// The answer, if all of it has arrived. Does not wait.
  outcome<std::optional<http_answer>> receive();

  /// Sends, and waits for the answer.
  outcome<http_answer> ask(std::string_view request);

private:
  explicit http_connection(int socket) noexcept : socket_(socket) {
  }

  int socket_;
  std::string received_;
};

} // namespace grape::bench
