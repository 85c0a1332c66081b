#include "net/http/cors.hpp"

namespace grape::http {

namespace {

void add_field(response& to, std::string_view name, std::string_view value) {
  to.more_fields.append("\r\n").append(name).append(": ").append(value);
}

} // namespace

std::optional<response> preflight_answer(const request& asked) {
  if (asked.wanted_method.empty())
    return std::nullopt;
  response made;
  if (asked.origin.empty()) {
    made.status = 400;
    made.content_type = "text/plain; charset=utf-8";
    made.body = "The request origin header is missing";
    return made;
  }
  add_field(made, "access-control-allow-methods",
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, CONNECT");
  if (!asked.wanted_fields.empty())
    add_field(made, "access-control-allow-headers", asked.wanted_fields);
  return made;
}

void allow_origin(std::string_view origin, response& answer) {
  if (origin.empty())
    return;
  add_field(answer, "access-control-allow-origin", origin);
  add_field(answer, "vary",
            "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
}

} // namespace grape::http
