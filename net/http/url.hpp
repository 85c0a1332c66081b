#pragma once

#include "core/outcome.hpp"

#include <string>
#include <string_view>

/// Addresses of files elsewhere: http and https URLs (RFC 3986), as far as fetching one needs.
namespace grape::http {

struct http_url {
  bool secure = false;
  std::string user;   ///< "name:password", percent-decoded; empty: none.
  std::string host;   ///< Without brackets.
  std::string port;   ///< Never empty.
  std::string target; ///< Path and query; begins with '/'.

  /// As the Host field has it: the port unless it is the usual one, brackets round IPv6.
  std::string authority() const;

  /// For people and logs: neither who asks nor what is asked with it, which may be secrets.
  std::string shown() const;

  bool is_same_server(const http_url& other) const noexcept {
    return secure == other.secure && host == other.host && port == other.port;
  }
};

/// Error: bad_request, with nothing in its words that may be a secret.
outcome<http_url> parse_http_url(std::string_view url);

/// Where a redirection from `from` leads: `location` may be a whole URL, or relative to `from`.
/// Who asks is not told to another server. Error: bad_request.
outcome<http_url> redirected(const http_url& from, std::string_view location);

} // namespace grape::http
