#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::payload {

/// Microseconds since 1970-01-01T00:00:00Z. Reads RFC 3339, and more: a space for the T, an offset
/// without its colon or its minutes, no offset (UTC), no seconds, only a date. Digits beyond the
/// microsecond are cut. Years 0..9999.
std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept;

/// RFC 3339 in UTC, with as many digits of the second as it needs.
std::string datetime_text(std::int64_t micros);

} // namespace grape::payload
