#pragma once

#include "core/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace grape::ctl {

/// Where a node answers.
struct node_address {
  std::string host = "127.0.0.1"; ///< A name or an address, without brackets.
  std::uint16_t port = 6333;

  std::string url() const; ///< "http://host:port"

  friend bool operator==(const node_address&, const node_address&) = default;
};

/// "http://host:port", "host:port" or "host". errc::malformed with the reason otherwise.
outcome<node_address> parse_address(const std::string& text);

struct question {
  std::string method = "GET";
  std::string target; ///< Percent-encoded path.
  std::string body;   ///< JSON, or empty.
};

struct answer {
  unsigned status = 0;
  std::string body;
};

/// Asks once and waits. errc::unavailable with the system's reason if nobody answers there,
/// errc::timed_out after `patience`, errc::malformed if the answer is not HTTP.
outcome<answer> ask(const node_address& node, const std::string& api_key, const question& what,
                    std::chrono::milliseconds patience);

/// One segment of a path, percent-encoded.
std::string path_segment(const std::string& text);

} // namespace grape::ctl
