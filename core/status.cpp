#include "core/status.hpp"

namespace grape {

std::string_view to_string(errc code) noexcept {
  switch (code) {
    case errc::ok: return "ok";
    case errc::wrong_input: return "wrong_input";
    case errc::bad_request: return "bad_request";
    case errc::malformed: return "malformed";
    case errc::invalid: return "invalid";
    case errc::not_found: return "not_found";
    case errc::already_exists: return "already_exists";
    case errc::unauthenticated: return "unauthenticated";
    case errc::forbidden: return "forbidden";
    case errc::timed_out: return "timed_out";
    case errc::overloaded: return "overloaded";
    case errc::unavailable: return "unavailable";
    case errc::commit_unknown: return "commit_unknown";
    case errc::stale_route: return "stale_route";
    case errc::too_large: return "too_large";
    case errc::no_space: return "no_space";
    case errc::corrupted: return "corrupted";
    case errc::io_error: return "io_error";
    case errc::bad_config: return "bad_config";
    case errc::wrong_version: return "wrong_version";
    case errc::cancelled: return "cancelled";
    case errc::closed: return "closed";
    case errc::internal: return "internal";
    case errc::rate_limited: return "rate_limited";
  }
  return "unknown";
}

std::string to_string(const status& value) {
  std::string text{to_string(value.code)};
  if (!value.detail.empty())
    text += ": " + value.detail;
  return text;
}

} // namespace grape
