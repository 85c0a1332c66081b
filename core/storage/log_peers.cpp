// What the peers of Raft groups ask of the ordered log.

#include "core/storage/log_file_state.hpp"

#include <set>

namespace grape::storage {

using namespace log_format;

namespace {

/// A batch is not begun anew for less; keeps every place within 32 bits.
constexpr std::size_t planned_bytes_max = 16u << 20;

} // namespace

status log_file::state::write_all(std::span<const group_write> batch) {
  if (auto open = closed(); !open.ok())
    return open;
  std::uint64_t all = 0;
  for (const auto& each : batch) {
    std::uint64_t bytes = 0;
    for (const auto& entry : each.what.entries)
      if (auto fits = check_size(entry.bytes(), bytes); !fits.ok())
        return fits;
    all += bytes;
  }
  if (auto room = all > 0 ? find_room(all) : status{}; !room.ok())
    return room;
  const log_group nothing;
  // A batch holds at most one write of a group; the next one is planned on what that left behind.
  bool begun = false;
  for (std::size_t next = 0; next < batch.size();) {
    batch_plan plan;
    std::set<group_id> planned;
    while (next < batch.size() && plan.size() < planned_bytes_max
           && planned.insert(batch[next].group).second) {
      const auto& each = batch[next++];
      const auto now = groups_.find(each.group.value);
      plan.add(now == groups_.end() ? nothing : now->second, each);
    }
    if (plan.empty())
      continue;
    // What was written before in this call cannot be taken back any more.
    if (auto written = carry_out(plan, false); !written.ok())
      return begun ? stop(std::move(written)) : written;
    begun = true;
  }
  return sync_written();
}

status log_file::state::compact(group_id group, const log_base& to) {
  if (auto open = closed(); !open.ok())
    return open;
  const auto now = groups_.find(group.value);
  const auto& mark = to.mark;
  GRAPE_CHECK(now != groups_.end() && mark.index.value >= now->second.released);
  GRAPE_CHECK(now->second.term_at(mark.index.value) == mark.term);
  if (now->second.base && *now->second.base == to)
    return {};
  batch_plan plan;
  plan.add_base(group.value, to, false);
  if (auto written = carry_out(plan, false); !written.ok())
    return written;
  return reclaim();
}

status log_file::write(std::span<const group_write> batch) {
  return state_->write_all(batch);
}

raft::hard_state log_file::hard_state(group_id group) const {
  return state_->about(group, [](const log_group& of) { return of.state; });
}

std::shared_ptr<const log_base> log_file::base(group_id group) const {
  return state_->about(group, [](const log_group& of) { return of.base; });
}

std::optional<term> log_file::term_at(group_id group, log_index index) const {
  return state_->about(group, [index](const log_group& of) { return of.term_at(index.value); });
}

status log_file::compact(group_id group, const log_base& to) {
  return state_->compact(group, to);
}

} // namespace grape::storage
