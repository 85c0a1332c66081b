#pragma once

#include "core/outcome.hpp"
#include "core/request/options.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace grape::http {

/// Percent-decoded text; malformed where a `%` is not followed by two hexadecimal digits, or the
/// result is not UTF-8. With `plus_is_space`, '+' means ' ', as it does in a query string.
outcome<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// What follows '?' of one request: each name once, the last value wins. Values that are empty
/// count as absent where Qdrant says so.
class query_string {
public:
  static outcome<query_string> parse(std::string_view text);

  /// The value of `name`; absent if it was not given.
  std::optional<std::string_view> find(std::string_view name) const;

  /// A flag; false if absent or empty.
  outcome<bool> flag(std::string_view name) const;

  /// A number; nothing if absent or empty.
  outcome<std::optional<std::uint64_t>> whole(std::string_view name) const;

  /// `consistency`, `timeout` and `explain`. `default_ms` holds where no timeout is given.
  outcome<read_options> for_read(std::uint32_t default_ms) const;

  /// `wait`, `ordering`, `timeout` and `ack`.
  outcome<write_options> for_write() const;

  /// `timeout` of an endpoint that needs nothing else; checked only.
  status check_timeout() const;

  /// The same to be held to: milliseconds, 0 where none is given.
  outcome<std::uint32_t> timeout_ms() const;

private:
  std::map<std::string, std::string, std::less<>> values_;
};

} // namespace grape::http
