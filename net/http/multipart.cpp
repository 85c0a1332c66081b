#include "net/http/multipart.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace grape::http {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";

status malformed(std::string_view what) {
  return {errc::malformed, "Multipart error: " + std::string(what)};
}

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The value of `name="..."` or `name=...` among the parameters of a header; empty if absent.
std::string_view parameter(std::string_view header, std::string_view name) {
  const auto folded = lower(header);
  for (auto at = folded.find(name); at != std::string::npos; at = folded.find(name, at + 1)) {
    const auto is_own = at == 0 || folded[at - 1] == ' ' || folded[at - 1] == ';';
    const auto value = at + name.size();
    if (!is_own || value >= header.size() || header[value] != '=')
      continue;
    auto rest = header.substr(value + 1);
    if (!rest.empty() && rest.front() == '"') {
      rest.remove_prefix(1);
      return rest.substr(0, rest.find('"'));
    }
    return rest.substr(0, rest.find_first_of("; \r\n"));
  }
  return {};
}

/// The Content-Disposition line of a part's head.
std::string_view disposition(std::string_view head) {
  while (!head.empty()) {
    const auto end = std::min(head.find(line_end), head.size());
    const auto line = head.substr(0, end);
    if (lower(line).starts_with("content-disposition:"))
      return line;
    head.remove_prefix(std::min(end + line_end.size(), head.size()));
  }
  return {};
}

} // namespace

outcome<std::string_view> multipart_field(std::string_view body, std::string_view content_type,
                                          std::string_view name) {
  const auto boundary = parameter(content_type, "boundary");
  if (!lower(content_type).starts_with("multipart/form-data") || boundary.empty())
    return malformed("the content type is not multipart/form-data with a boundary");
  const auto opening = "--" + std::string(boundary);
  const auto closing = "\r\n" + opening;
  if (!body.starts_with(opening))
    return malformed("the body does not begin with its boundary");
  body.remove_prefix(opening.size());
  while (body.starts_with(line_end)) {
    const auto head = body.find(head_end);
    if (head == std::string_view::npos)
      return malformed("a part has no end of its head");
    const auto content = body.substr(head + head_end.size());
    const auto end = content.find(closing);
    if (end == std::string_view::npos)
      return malformed("a part has no end");
    if (parameter(disposition(body.substr(line_end.size(), head)), "name") == name)
      return content.substr(0, end);
    body = content.substr(end + closing.size());
  }
  return malformed("there is no field `" + std::string(name) + "`");
}

} // namespace grape::http
