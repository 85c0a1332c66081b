#include "core/payload/selector.hpp"

#include <algorithm>

namespace grape::payload {

namespace {

/// One walk through a payload, keeping what the paths name or leave.
class pruning {
public:
  pruning(bool include, std::span<const path> named) : include_(include), named_(named) {
  }

  object prune(const object& from) {
    object kept;
    for (const auto& [key, child] : from) {
      here_.emplace_back(key);
      if (keeps())
        kept.set(key, prune(child));
      here_.pop_back();
    }
    return kept;
  }

private:
  value prune(const value& from) {
    if (const auto* members = from.as_object())
      return value{prune(*members)};
    const auto* elements = from.as_array();
    if (elements == nullptr)
      return from;
    array kept;
    here_.emplace_back(every_element{});
    for (const auto& element : *elements)
      if (keeps())
        kept.push_back(prune(element));
    here_.pop_back();
    return value{std::move(kept)};
  }

  bool keeps() const {
    if (include_)
      return std::any_of(named_.begin(), named_.end(), [this](const path& p) { return meets(p); });
    return std::none_of(named_.begin(), named_.end(), [this](const path& p) { return covers(p); });
  }

  /// One of the two begins with the other.
  bool meets(const path& named) const {
    const auto steps = named.steps();
    const auto common = std::min(steps.size(), here_.size());
    return std::equal(here_.begin(), here_.begin() + static_cast<std::ptrdiff_t>(common),
                      steps.begin());
  }

  /// `here_` lies at or below `named`.
  bool covers(const path& named) const {
    return named.steps().size() <= here_.size() && meets(named);
  }

  bool include_;
  std::span<const path> named_;
  std::vector<path_step> here_;
};

} // namespace

outcome<selection> selection::make(const payload_selector& wanted) {
  selection made;
  made.mode_ = wanted.wanted;
  for (const auto& text : wanted.paths) {
    auto parsed = path::parse(text);
    if (!parsed)
      return std::move(parsed).error();
    made.paths_.push_back(std::move(*parsed));
  }
  return made;
}

object selection::apply(const object& from) const {
  switch (mode_) {
    case payload_selector::mode::none:
      return {};
    case payload_selector::mode::all:
      return from;
    case payload_selector::mode::include:
    case payload_selector::mode::exclude:
      break;
  }
  return pruning{mode_ == payload_selector::mode::include, paths_}.prune(from);
}

} // namespace grape::payload
