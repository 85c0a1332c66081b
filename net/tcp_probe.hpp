#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>

namespace grape {

/// Finds out whether anybody listens at a numeric address, without ever blocking: for callers whose
/// own way to connect would block for minutes where packets vanish. Not thread-safe.
class tcp_probe {
public:
  enum class answer : std::uint8_t {
    pending, ///< Nobody knows yet; look again.
    open,
    unknown, ///< The host is a name, which cannot be looked up without blocking.
  };

  /// `host` is an IPv4 or IPv6 address.
  tcp_probe(const std::string& host, std::uint16_t port);
  ~tcp_probe();

  tcp_probe(const tcp_probe&) = delete;
  tcp_probe& operator=(const tcp_probe&) = delete;

  /// Errors: unavailable (refused, or no way there), with the system's words.
  outcome<answer> look();

private:
  answer answer_ = answer::pending;
  int socket_ = -1; // Closed once the answer is known.
  int error_ = 0;   // Of the system, known at once.
};

} // namespace grape
