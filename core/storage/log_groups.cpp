#include "core/storage/log_groups.hpp"

#include "core/codec/little_endian.hpp"

#include <algorithm>
#include <string>

namespace grape::storage {

using log_format::record_kind;
using log_format::stored_record;

namespace {

constexpr std::size_t vote_bytes = 8;

/// What a release says: the members stay whoever they were.
std::shared_ptr<const log_base> released_base(const log_group& group, const stored_record& record) {
  auto base = group.base ? *group.base : log_base{};
  base.mark.index = log_index{record.index};
  base.mark.term = term{record.term};
  return std::make_shared<const log_base>(std::move(base));
}

void set_base(log_group& group, std::shared_ptr<const log_base> base, std::uint64_t segment) {
  group.released = base->mark.index.value;
  group.base = std::move(base);
  group.marker_segment = segment;
}

void drop_through(log_group& group, std::uint64_t through) {
  const auto gone = std::min<std::uint64_t>(through - std::min(through, group.released),
                                            group.places.size());
  group.places.erase(group.places.begin(),
                     group.places.begin() + static_cast<std::ptrdiff_t>(gone));
}

raft::hard_state state_of(const stored_record& record) noexcept {
  return {term{record.term},
          replica_id{codec::read_little<std::uint64_t>(record.payload.data())},
          log_index{record.index}};
}

status corrupted(const stored_record& record, const std::string& what) {
  return {errc::corrupted, what + " of group " + std::to_string(record.group)};
}

} // namespace

std::optional<term> log_group::term_at(std::uint64_t index) const noexcept {
  if (index > released && index <= last())
    return term{places[static_cast<std::size_t>(index - released - 1)].term};
  if (index != released || (index > 0 && !base))
    return std::nullopt;
  return base ? base->mark.term : term{};
}

stored_record base_record(std::uint32_t number, const log_group& group, std::string& payload) {
  const auto& base = *group.base;
  const stored_record plain{record_kind::release, number, base.mark.index.value,
                            base.mark.term.value, {}};
  if (base.mark.members == raft::configuration{} && base.staged.empty())
    return plain;
  payload = encode_base(base, false);
  return {record_kind::base, number, plain.index, plain.term, payload};
}

stored_record state_record(std::uint32_t number, const raft::hard_state& state,
                           std::string& payload) {
  payload.clear();
  codec::append_little(payload, state.vote.value);
  return {record_kind::hard_state, number, state.commit.value, state.term.value, payload};
}

void note_record(log_groups& groups, const stored_record& record, const record_place& at) {
  if (record.kind == record_kind::forget) {
    groups.erase(record.group);
    return;
  }
  auto& group = groups[record.group];
  if (log_format::is_entry(record.kind)) {
    group.places.push_back(at);
    group.places.back().term = record.term;
  } else if (record.kind == record_kind::hard_state) {
    group.state = state_of(record);
    group.state_segment = at.segment;
  } else if (record.kind == record_kind::truncate) {
    group.places.resize(static_cast<std::size_t>(record.index - group.released));
  } else if (record.kind == record_kind::release) {
    drop_through(group, record.index);
    set_base(group, released_base(group, record), at.segment);
  } else if (record.kind == record_kind::base) {
    auto said = decode_base(record.payload).value();
    if (said.restarts)
      group.places.clear();
    else
      drop_through(group, record.index);
    set_base(group, std::make_shared<const log_base>(std::move(said.base)), at.segment);
  }
}

status log_gatherer::take(const stored_record& record, const record_place& at) {
  if (record.kind == record_kind::forget) {
    groups_.erase(record.group);
    return {};
  }
  auto& to = groups_[record.group];
  switch (record.kind) {
  case record_kind::release:
  case record_kind::base: return take_base(to, record, at.segment);
  case record_kind::truncate: return take_truncation(to, record);
  case record_kind::hard_state:
    if (record.payload.size() != vote_bytes || record.term < to.group.state.term.value)
      return corrupted(record, "a hard state that makes no sense");
    to.group.state = state_of(record);
    to.group.state_segment = at.segment;
    return {};
  case record_kind::entry:
  case record_kind::moved:
  case record_kind::configuration:
  case record_kind::moved_configuration: return take_entry(to, record, at);
  case record_kind::batch:
  case record_kind::forget: break;
  }
  return corrupted(record, "a record of no use");
}

status log_gatherer::take_base(gathering& to, const stored_record& record, std::uint64_t segment) {
  auto base = std::shared_ptr<const log_base>{};
  if (record.kind == record_kind::release) {
    base = released_base(to.group, record);
  } else {
    auto said = decode_base(record.payload);
    if (!said)
      return said.error();
    if (said->base.mark.index.value != record.index || said->base.mark.term.value != record.term)
      return corrupted(record, "a base that makes no sense");
    if (said->restarts) {
      to.entries.clear();
      to.last = record.index;
    }
    base = std::make_shared<const log_base>(std::move(said->base));
  }
  if (record.index >= to.group.released)
    set_base(to.group, std::move(base), segment);
  to.last = std::max(to.last, record.index);
  return {};
}

status log_gatherer::take_truncation(gathering& to, const stored_record& record) {
  if (record.index < to.group.released)
    return corrupted(record, "a truncation below the base");
  // Entries that stay may still come, moved; whatever was read so far is older than this.
  std::erase_if(to.entries, [&](const auto& each) { return each.first > record.index; });
  to.last = std::min(to.last, record.index);
  return {};
}

status log_gatherer::take_entry(gathering& to, const stored_record& record,
                                const record_place& at) {
  // Entries that older segments had may come later, moved; `finish` finds the gaps that stay.
  const auto follows = log_format::is_moved(record.kind) || record.index > to.last;
  if (record.index == 0 || !follows)
    return {errc::corrupted, "entry " + std::to_string(record.index) + " of group "
                               + std::to_string(record.group) + " after entry "
                               + std::to_string(to.last)};
  to.entries.emplace_back(record.index, at);
  to.entries.back().second.term = record.term;
  to.last = std::max(to.last, record.index);
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

// No group's entries have a gap, and none ends below what was committed.
outcome<log_group> log_gatherer::finished(std::uint32_t number, gathering& from) {
  const auto by_index = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(from.entries.begin(), from.entries.end(), by_index);
  auto group = std::move(from.group);
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
  if (from.last > group.last())
    return status{errc::corrupted, "group " + std::to_string(number) + " has no entry "
                                     + std::to_string(from.last) + ", at which it was cut"};
  if (group.state.commit.value > group.last())
    return status{errc::corrupted, "group " + std::to_string(number) + " ends with entry "
                                     + std::to_string(group.last()) + ", but "
                                     + std::to_string(group.state.commit.value)
                                     + " was committed"};
  return group;
}

} // namespace grape::storage
