#include "net/http/multipart.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace grape::http {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view head_end = "\r\n\r\n";
constexpr std::size_t head_bytes_max = 16'384; ///< Of a part.

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

bool is_multipart(std::string_view content_type) {
  return lower(content_type).starts_with("multipart/");
}

multipart_reader::multipart_reader(std::string boundary, std::string field)
  : closing_("\r\n--" + std::move(boundary))
  , field_(std::move(field)) {}

outcome<multipart_reader> multipart_reader::create(std::string_view content_type,
                                                   std::string field) {
  const auto boundary = parameter(content_type, "boundary");
  if (!lower(content_type).starts_with("multipart/form-data") || boundary.empty())
    return malformed("the content type is not multipart/form-data with a boundary");
  return multipart_reader{std::string(boundary), std::move(field)};
}

status multipart_reader::take(std::string_view bytes, const sink_fn& sink) {
  held_ += bytes;
  bool more = true;
  while (more)
    if (auto stepped = step(more, sink); !stepped.ok())
      return stepped;
  return {};
}

/// `more`: another step may find something in what is held.
status multipart_reader::step(bool& more, const sink_fn& sink) {
  more = false;
  switch (at_) {
    case place::opening: {
      const auto opening = std::string_view{closing_}.substr(line_end.size());
      const auto have = std::min(opening.size(), held_.size());
      if (std::string_view{held_}.substr(0, have) != opening.substr(0, have))
        return malformed("the body does not begin with its boundary");
      if (have < opening.size())
        return {};
      held_.erase(0, have);
      at_ = place::after_boundary;
      more = true;
      return {};
    }
    case place::after_boundary:
      if (held_.size() < line_end.size())
        return {};
      at_ = held_.starts_with(line_end) ? place::head : place::epilogue;
      more = true;
      return {};
    case place::head: return read_head(more);
    case place::content: return read_content(more, sink);
    case place::epilogue: held_.clear(); return {};
  }
  return {};
}

status multipart_reader::read_head(bool& more) {
  const auto end = held_.find(head_end);
  if (end == std::string::npos)
    return held_.size() > head_bytes_max ? malformed("a part has no end of its head") : status{};
  const auto head = std::string_view{held_}.substr(0, end);
  wanted_ = !whole_
            && parameter(disposition(head.substr(std::min(line_end.size(), head.size()))), "name")
                   == field_;
  held_.erase(0, end + head_end.size());
  at_ = place::content;
  more = true;
  return {};
}

/// All but what may be the beginning of a boundary.
status multipart_reader::read_content(bool& more, const sink_fn& sink) {
  const auto end = held_.find(closing_);
  const auto sure = end != std::string::npos         ? end
                    : held_.size() < closing_.size() ? 0
                                                     : held_.size() - closing_.size() + 1;
  if (wanted_ && sure > 0)
    if (auto taken = sink(std::string_view{held_}.substr(0, sure)); !taken.ok())
      return taken;
  if (end == std::string::npos) {
    held_.erase(0, sure);
    return {};
  }
  whole_ = whole_ || wanted_;
  wanted_ = false;
  held_.erase(0, end + closing_.size());
  at_ = place::after_boundary;
  more = true;
  return {};
}

status multipart_reader::finish() const {
  if (whole_)
    return {};
  switch (at_) {
    case place::opening: return malformed("the body does not begin with its boundary");
    case place::head: return malformed("a part has no end of its head");
    case place::content: return malformed("a part has no end");
    case place::after_boundary:
    case place::epilogue: break;
  }
  return malformed("there is no field `" + field_ + "`");
}

} // namespace grape::http
