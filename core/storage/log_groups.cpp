#include "core/storage/log_groups.hpp"

#include <algorithm>
#include <string>

namespace grape::storage {

using log_format::record_kind;

void release_through(log_group& group, std::uint64_t through, std::uint64_t marker_segment) {
  group.marker_segment = marker_segment;
  if (through <= group.released)
    return;
  const auto gone = std::min<std::uint64_t>(through - group.released, group.places.size());
  group.places.erase(group.places.begin(),
                     group.places.begin() + static_cast<std::ptrdiff_t>(gone));
  group.released = through;
}

status log_gatherer::take(const log_format::stored_record& record, const record_place& at) {
  if (record.kind == record_kind::forget) {
    groups_.erase(record.group);
    return {};
  }
  auto& group = groups_[record.group];
  if (record.kind == record_kind::release) {
    if (record.index >= group.released) {
      group.released = record.index;
      group.marker_segment = at.segment;
    }
    group.last = std::max(group.last, record.index);
    return {};
  }
  // Entries that older segments had may come later, moved; `finish` finds the gaps that stay.
  const auto follows = record.kind == record_kind::moved || record.index > group.last;
  if (record.index == 0 || !follows)
    return {errc::corrupted, "entry " + std::to_string(record.index) + " of group "
                               + std::to_string(record.group) + " after entry "
                               + std::to_string(group.last)};
  group.entries.emplace_back(record.index, at);
  group.last = std::max(group.last, record.index);
  return {};
}

outcome<log_groups> log_gatherer::finish() {
  log_groups index;
  for (auto& [number, gathered] : groups_) {
    auto group = finished(number, gathered);
    if (!group)
      return group.error();
    index.emplace(number, std::move(*group));
  }
  groups_.clear();
  return index;
}

outcome<log_group> log_gatherer::finished(std::uint32_t number, gathering& from) {
  const auto by_index = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(from.entries.begin(), from.entries.end(), by_index);
  log_group group{from.released, from.marker_segment, {}};
  for (const auto& [index, place] : from.entries) {
    if (index <= group.released)
      continue;
    if (index == group.last()) {
      group.places.back() = place; // A moved copy; the original's segment may go any time.
      continue;
    }
    if (index != group.last() + 1)
      return status{errc::corrupted, "group " + std::to_string(number) + " has no entry "
                                       + std::to_string(group.last() + 1) + ", but "
                                       + std::to_string(index)};
    group.places.push_back(place);
  }
  return group;
}

} // namespace grape::storage
