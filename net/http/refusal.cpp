#include "net/http/refusal.hpp"

#include "core/check.hpp"
#include "net/http/json_writer.hpp"

#include <charconv>
#include <optional>

namespace grape::http {

namespace {

struct shape {
  unsigned status;
  std::string_view opening;
  bool surely_not_applied = false; ///< Of the 5xx only; a 4xx never applies anything.
  bool plain_text = false;
};

shape shape_of(errc code) {
  switch (code) {
    case errc::ok: break;
    case errc::wrong_input: return {400, "Wrong input: "};
    case errc::bad_request:
    case errc::too_large: return {400, "Bad request: "};
    case errc::malformed: return {400, ""};
    case errc::invalid: return {422, ""};
    case errc::not_found: return {404, "Not found: "};
    case errc::already_exists: return {409, "Wrong input: "};
    case errc::unauthenticated: return {401, "", false, true};
    case errc::forbidden: return {403, "Forbidden: "};
    case errc::timed_out: return {408, "Timeout: "};
    case errc::overloaded: return {503, "Service temporarily overloaded: ", true};
    case errc::unavailable:
    case errc::stale_route:
    case errc::closed: return {503, "Shard temporarily unavailable: ", true};
    case errc::rate_limited: return {429, "Rate limiting exceeded: "};
    case errc::no_space: return {507, "Insufficient storage: "};
    case errc::commit_unknown:
    case errc::corrupted:
    case errc::io_error:
    case errc::bad_config:
    case errc::wrong_version:
    case errc::cancelled:
    case errc::internal: return {500, "Service internal error: "};
  }
  check_failed("a refusal needs a reason", __FILE__, __LINE__);
}

/// A refusal by rate says at its end when to come again, if ever: "... Retry after 27s".
std::optional<unsigned> retry_after_s(std::string_view text) {
  constexpr std::string_view opening = "Retry after ";
  const auto at = text.rfind(opening);
  if (at == std::string_view::npos)
    return {};
  text.remove_prefix(at + opening.size());
  unsigned seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return read.ec == std::errc{} ? std::optional{seconds} : std::nullopt;
}

} // namespace

response refusal(const status& why, double seconds) {
  const auto form = shape_of(why.code);
  const auto text = std::string(form.opening) + why.detail;
  response out;
  out.status = form.status;
  if (form.status == 503)
    out.retry_after_s = 1;
  if (why.code == errc::rate_limited)
    out.retry_after_s = retry_after_s(why.detail);
  if (form.plain_text) {
    out.content_type = "text/plain; charset=utf-8";
    out.body = text;
    return out;
  }
  json_writer body;
  body.open_object();
  body.key("status").open_object().key("error").text(text).close_object();
  body.key("time").number(seconds);
  if (form.surely_not_applied)
    body.key("grape").open_object().key("applied").boolean(false).close_object();
  body.close_object();
  out.body = std::move(body).take();
  return out;
}

} // namespace grape::http
