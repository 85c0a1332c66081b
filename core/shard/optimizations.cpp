#include "core/shard/optimizations.hpp"

#include "core/codec/sha256.hpp"
#include "core/vector/point.hpp"

#include <algorithm>
#include <set>

namespace grape::shard {

namespace {

std::string optimizer_of(segment_task task) {
  return task == segment_task::seal ? "indexing" : std::string(to_string(task));
}

optimizer_segment told_as(group_id group, const std::string& field, const part_figures& part) {
  return {segment_uuid(group, field, part.id), part.live};
}

} // namespace

std::string segment_uuid(group_id group, std::string_view field, segment_id segment) {
  const auto hash = codec::sha256(std::to_string(group.value) + "/" + std::string(field) + "/"
                                  + std::to_string(segment.value));
  uuid made;
  std::copy_n(hash.begin(), made.bytes.size(), made.bytes.begin());
  made.bytes[6] = static_cast<std::uint8_t>((made.bytes[6] & 0x0F) | 0x80); // RFC 9562: of a hash.
  made.bytes[8] = static_cast<std::uint8_t>((made.bytes[8] & 0x3F) | 0x80);
  return point_id{made}.text();
}

optimization begun(group_id group, const job_sketch& work) {
  optimization told;
  told.uuid = segment_uuid(group, work.field, work.product);
  told.what.optimizer = optimizer_of(work.task);
  for (const auto& part : work.inputs) {
    told.what.segments.push_back(told_as(group, work.field, part));
    told.rows_total += part.live;
  }
  return told;
}

void add_parts(optimizations& told, group_id group, std::span<const field_parts> fields) {
  std::set<std::string> busy;
  for (const auto& one : told.running)
    for (const auto& segment : one.what.segments)
      busy.insert(segment.uuid);
  for (const auto& [field, parts, policy] : fields) {
    std::vector<part_figures> free;
    for (const auto& part : parts)
      if (!busy.contains(segment_uuid(group, field, part.id)))
        free.push_back(part);
    const auto next = plan_segments(free, policy, pace::quiet);
    pending_optimization pending;
    for (const auto& part : free) {
      const bool waits =
          next
          && std::find(next->inputs.begin(), next->inputs.end(), part.id) != next->inputs.end();
      (waits ? pending.segments : told.idle).push_back(told_as(group, field, part));
    }
    if (pending.segments.empty())
      continue;
    pending.optimizer = optimizer_of(next->task);
    told.queued.push_back(std::move(pending));
  }
}

} // namespace grape::shard
