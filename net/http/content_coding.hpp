#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Bodies that travel compressed (RFC 9110, 8.4 and 12.5.3). Pure.
namespace grape::http {

enum class content_coding : std::uint8_t { identity, gzip, deflate };

/// What a Content-Encoding says; an empty one is identity. Nothing: a coding that is not spoken
/// here, or several of them.
std::optional<content_coding> coding_named(std::string_view name);

/// What an answer to this Accept-Encoding is best sent in; an empty one is identity.
content_coding best_coding(std::string_view accepted);

/// "gzip", "deflate", "identity".
std::string_view to_string(content_coding of) noexcept;

/// The body in a coding that is not identity. Fast rather than small.
std::string compressed(std::string_view body, content_coding how);

/// The reverse. What it becomes is never larger than `bytes_max`, whatever it promises; `grows` is
/// told each size it reaches, and ends it by false. Errors: malformed (it is not in this coding, or
/// ends early), too_large, overloaded (ended by `grows`).
outcome<std::string> decompressed(std::string_view body, std::uint64_t bytes_max,
                                  const std::function<bool(std::size_t bytes)>& grows);

} // namespace grape::http
