#pragma once

#include "net/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::http {

/// The server's own answers, for what it does not even hand over. `text` is printed as it is: no
/// quotes or control characters.
response malformed_answer(unsigned status, std::string_view text);

/// 503, surely not applied.
response overloaded_answer(std::string_view text, std::uint32_t retry_after_s);

/// 500, for a handler that forgot to respond.
response forgotten_answer();

/// Qdrant's text for a body over the limit; without `length` it was chunked.
std::string too_large_text(std::optional<std::uint64_t> length, std::uint64_t limit);

/// Status line and header fields of `answer` into `into`, replacing what is there. A connection
/// that stays open is only mentioned to HTTP/1.0, one that closes to everybody.
void print_answer_head(std::string& into, const response& answer, bool keep, bool is_http_1_1);

} // namespace grape::http
