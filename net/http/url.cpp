#include "net/http/url.hpp"

#include "net/http/query_string.hpp"

#include <algorithm>
#include <vector>

namespace grape::http {

namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view secure_scheme = "https://";

std::string_view usual_port(bool secure) {
  return secure ? "443" : "80";
}

/// What would end a line of a request, or begin another one.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code > 0x20 && code != 0x7f;
  });
}

/// "/a/./b/../c" -> "/a/c" (RFC 3986, 5.2.4).
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> parts;
  bool ends_open = false;
  while (!path.empty()) {
    path.remove_prefix(1); // The slash.
    const auto end = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, end);
    path.remove_prefix(end);
    ends_open = part == "." || part == "..";
    if (part == ".." && !parts.empty())
      parts.pop_back();
    else if (!ends_open)
      parts.push_back(part);
  }
  std::string out;
  for (const auto part : parts)
    out += "/" + std::string(part);
  return ends_open || out.empty() ? out + "/" : out;
}

} // namespace

std::string http_url::authority() const {
  const auto name = host.find(':') == host.npos ? host : "[" + host + "]";
  return port == usual_port(secure) ? name : name + ":" + port;
}

std::string http_url::shown() const {
  return std::string(secure ? secure_scheme : plain_scheme) + authority()
         + target.substr(0, target.find('?'));
}

outcome<http_url> parse_http_url(std::string_view url) {
  http_url made;
  made.secure = url.starts_with(secure_scheme);
  if (!made.secure && !url.starts_with(plain_scheme))
    return status{errc::bad_request, "Invalid snapshot URI: not an http, https or file URL"};
  if (!is_printable(url))
    return status{errc::bad_request, "Invalid snapshot URI: a character that no URL may hold"};
  url.remove_prefix(made.secure ? secure_scheme.size() : plain_scheme.size());
  const auto end = std::min(url.find_first_of("/?#"), url.size());
  auto authority = url.substr(0, end);
  auto target = url.substr(end);
  target = target.substr(0, target.find('#'));
  made.target = (target.starts_with('/') ? "" : "/") + std::string(target);
  if (const auto at = authority.rfind('@'); at != authority.npos) {
    const auto user = percent_decode(authority.substr(0, at));
    if (!user)
      return status{errc::bad_request, "Invalid snapshot URI: who asks cannot be read"};
    made.user = *user;
    authority.remove_prefix(at + 1);
  }
  const auto colon = authority.rfind(':');
  const bool has_port = colon != authority.npos && authority.find(']', colon) == authority.npos;
  made.host = authority.substr(0, has_port ? colon : authority.size());
  made.port = has_port ? authority.substr(colon + 1) : usual_port(made.secure);
  if (made.host.size() > 2 && made.host.front() == '[' && made.host.back() == ']')
    made.host = made.host.substr(1, made.host.size() - 2);
  const bool is_number =
      std::all_of(made.port.begin(), made.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (made.host.empty() || made.port.empty() || made.port.size() > 5 || !is_number)
    return status{errc::bad_request, "Invalid snapshot URI: it names no host, or no port"};
  return made;
}

outcome<http_url> redirected(const http_url& from, std::string_view location) {
  auto next = from;
  location = location.substr(0, location.find('#'));
  if (!is_printable(location))
    return status{errc::bad_request, "a redirection from " + from.shown() + " cannot be read"};
  const auto mark = location.find_first_of("/?");
  if (location.find("://") < mark || location.starts_with("//")) {
    const auto whole = location.starts_with("//")
                           ? (from.secure ? "https:" : "http:") + std::string(location)
                           : std::string(location);
    auto parsed = parse_http_url(whole);
    if (!parsed)
      return status{errc::bad_request, "a redirection from " + from.shown() + " leads nowhere"};
    if (parsed->is_same_server(from) && parsed->user.empty())
      parsed->user = from.user;
    return parsed;
  }
  const auto path = from.target.substr(0, from.target.find('?'));
  const auto question = std::min(location.find('?'), location.size());
  const auto where = location.substr(0, question);
  const auto whole = where.empty() ? path
                     : where.starts_with('/')
                         ? std::string(where)
                         : path.substr(0, path.rfind('/') + 1) + std::string(where);
  next.target = without_dots(whole) + std::string(location.substr(question));
  return next;
}

} // namespace grape::http
