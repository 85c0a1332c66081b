#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace grape {

/// Every way in which an operation can fail, told apart by what the caller can do about it.
/// The numbers travel on the wire and stand in the log: append, never renumber.
enum class errc : std::uint8_t {
  ok = 0,              ///< No error. Must stay 0: CAF reads 0 as "no error".
  wrong_input = 1,     ///< Well formed, but it does not fit what it names (dimension, vector name).
  bad_request = 2,     ///< Well formed, but not allowed or not available.
  malformed = 3,       ///< Does not parse; the detail is the complete text for the caller.
  invalid = 4,         ///< Parses, but a value is out of its range; the detail is complete.
  not_found = 5,       ///< A collection, point or alias that does not exist.
  already_exists = 6,  ///< The name is taken.
  unauthenticated = 7, ///< No key, or a wrong one.
  forbidden = 8,       ///< A good key that does not reach this far.
  timed_out = 9,       ///< A read passed its deadline. Writes use `commit_unknown` instead.
  overloaded = 10,     ///< Surely not applied; a queue is full. Try again later.
  unavailable = 11,    ///< Surely not applied; the shard or node is not ready. Try again later.
  commit_unknown = 12, ///< The write may or may not take effect; nobody can tell yet.
  stale_route = 13,    ///< Surely not applied; the request was routed by an old epoch or schema.
  too_large = 14,      ///< Larger than a stated limit.
  no_space = 15,       ///< The disk or the memory budget is full.
  corrupted = 16,      ///< Stored bytes fail their checksum or make no sense.
  io_error = 17,       ///< The operating system refused a file operation.
  bad_config = 18,     ///< The configuration cannot be used.
  wrong_version = 19,  ///< A format or protocol version that this program does not speak.
  cancelled = 20,      ///< Whoever asked no longer wants the answer.
  closed = 21,         ///< The database or node is shutting down or closed.
  internal = 22,       ///< A fault of ours that was caught at a border.
  rate_limited = 23,   ///< Surely not applied; more than the collection's strict mode lets through.
};

/// The name of a code as it stands in the enumeration, e.g. "not_found".
std::string_view to_string(errc code) noexcept;

/// Success, or a code with a sentence for a person: what, where, what would be right.
struct [[nodiscard]] status {
  errc code = errc::ok;
  std::string detail; ///< Empty on success. No trailing newline.

  bool ok() const noexcept { return code == errc::ok; }

  friend bool operator==(const status&, const status&) = default;
};

/// "not_found: collection `x`" for logs and tests; "ok" on success.
std::string to_string(const status& value);

} // namespace grape
