#include "net/http/server_answer.hpp"

// Boost 1.74 prints a status without including it.
#include <ostream>

#include <boost/beast/http/status.hpp>

namespace grape::http {

response malformed_answer(unsigned status, std::string_view text) {
  response made;
  made.status = status;
  made.body.append(R"({"status":{"error":")").append(text).append(R"("},"time":0.0})");
  return made;
}

response overloaded_answer(std::string_view text, std::uint32_t retry_after_s) {
  response made;
  made.status = 503;
  made.retry_after_s = retry_after_s;
  made.body.append(R"({"status":{"error":"Service overloaded: )")
    .append(text)
    .append(R"("},"time":0.0,"grape":{"applied":false}})");
  return made;
}

response forgotten_answer() {
  return malformed_answer(500, "Service internal error: the request was dropped");
}

std::string too_large_text(std::optional<std::uint64_t> length, std::uint64_t limit) {
  if (!length)
    return "JSON payload has exceeded limit (" + std::to_string(limit) + " bytes).";
  return "JSON payload (" + std::to_string(*length) + " bytes) is larger than allowed (limit: "
         + std::to_string(limit) + " bytes).";
}

namespace {

/// Without what would end the quotes or the line.
std::string header_text(std::string text) {
  std::erase_if(text, [](char c) { return c == '"' || c == '\\' || (c >= 0 && c < ' '); });
  return text;
}

} // namespace

void print_answer_head(std::string& into, const response& answer, bool keep, bool is_http_1_1) {
  const auto reason
    = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(answer.status));
  into.assign("HTTP/1.1 ").append(std::to_string(answer.status)).append(1, ' ');
  into.append(reason.data(), reason.size());
  const auto bytes = answer.file ? answer.file->size() : answer.body.size();
  if (bytes > 0)
    into.append("\r\ncontent-type: ").append(answer.content_type);
  into.append("\r\ncontent-length: ").append(std::to_string(bytes));
  if (answer.file)
    into.append("\r\ncontent-disposition: attachment; filename=\"")
      .append(header_text(answer.file->name()))
      .append(1, '"');
  if (answer.retry_after_s)
    into.append("\r\nretry-after: ").append(std::to_string(*answer.retry_after_s));
  into.append(answer.more_fields);
  if (!keep)
    into.append("\r\nconnection: close");
  else if (!is_http_1_1)
    into.append("\r\nconnection: keep-alive");
  into.append("\r\n\r\n");
}

} // namespace grape::http
