#include "core/query/outgoing_writes.hpp"

#include "core/check.hpp"

namespace grape::query {

std::optional<shard::write_stamp> outgoing_writes::begin(group_id shard) {
  auto& to = of(shard);
  const auto next = to.last + 1;
  const auto settled = to.open.empty() ? next : *to.open.begin();
  if (next - settled >= shard::write_window)
    return std::nullopt;
  to.last = next;
  to.open.insert(next);
  return shard::write_stamp{own_, next, settled, to.since, false};
}

void outgoing_writes::seen(group_id shard, log_index index) {
  auto& since = of(shard).since;
  since = std::max(since, index);
}

void outgoing_writes::settle(group_id shard, std::uint64_t number) {
  const auto at = sessions_.find(shard);
  GRAPE_CHECK(at != sessions_.end());
  GRAPE_CHECK(at->second.open.erase(number) == 1);
}

} // namespace grape::query
