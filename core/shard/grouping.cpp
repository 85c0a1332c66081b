#include "core/shard/grouping.hpp"

#include <algorithm>
#include <tuple>

namespace grape::shard {

namespace {

bool makes_group(const payload::value& value) {
  return value.as_int() != nullptr || value.as_big() != nullptr || value.as_string() != nullptr;
}

} // namespace

bool group_order::operator()(const payload::value& a, const payload::value& b) const noexcept {
  const auto kind = [](const payload::value& of) { return of.as_int() ? 0 : of.as_big() ? 1 : 2; };
  if (kind(a) != kind(b))
    return kind(a) < kind(b);
  switch (kind(a)) {
    case 0: return *a.as_int() < *b.as_int();
    case 1: return *a.as_big() < *b.as_big();
    default: return a.as_string() && b.as_string() && *a.as_string() < *b.as_string();
  }
}

std::vector<payload::value> groups_at(const payload::object& of, const payload::path& path) {
  std::vector<payload::value> groups;
  payload::visit_values(of, path, [&](const payload::value& found) {
    if (makes_group(found))
      groups.push_back(found);
    if (const auto* elements = found.as_array())
      std::copy_if(elements->begin(), elements->end(), std::back_inserter(groups), makes_group);
    return true;
  });
  std::sort(groups.begin(), groups.end(), group_order{});
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

group_filler::group_filler(const shard_grouping& wanted)
  : size_(wanted.size)
  , groups_(wanted.groups)
  , fixed_(!wanted.only.empty()) {
  for (const auto& group : wanted.only)
    if (filled_.emplace(group, 0).second)
      opened_.push_back(group);
}

std::vector<payload::value> group_filler::take(const std::vector<payload::value>& groups_of_hit) {
  std::vector<payload::value> taken;
  for (const auto& group : groups_of_hit) {
    auto at = filled_.find(group);
    if (at == filled_.end()) {
      if (fixed_ || opened_.size() >= groups_)
        continue;
      at = filled_.emplace(group, 0).first;
      opened_.push_back(group);
    }
    if (at->second == size_)
      continue;
    if (++at->second == size_)
      ++full_;
    taken.push_back(group);
  }
  return taken;
}

bool group_filler::full() const noexcept {
  return full_ == (fixed_ ? opened_.size() : groups_);
}

} // namespace grape::shard
