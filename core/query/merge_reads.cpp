#include "core/query/merge_reads.hpp"

#include <algorithm>
#include <iterator>

namespace grape::query {

scroll_reply merge(std::vector<shard::shard_page> shards, std::uint64_t limit) {
  scroll_reply reply;
  for (auto& shard : shards) {
    std::move(shard.records.begin(), shard.records.end(), std::back_inserter(reply.points));
    if (shard.next && (!reply.next || *shard.next < *reply.next))
      reply.next = shard.next;
  }
  std::stable_sort(reply.points.begin(), reply.points.end(),
                   [](const record& a, const record& b) { return a.id < b.id; });
  reply.points.erase(std::unique(reply.points.begin(), reply.points.end(),
                                 [](const record& a, const record& b) { return a.id == b.id; }),
                     reply.points.end());
  if (reply.points.size() > limit) {
    const auto& first_left_out = reply.points[limit].id;
    if (!reply.next || first_left_out < *reply.next)
      reply.next = first_left_out;
    reply.points.resize(limit);
  }
  return reply;
}

std::vector<record> merge(std::vector<std::vector<record>> shards, std::span<const point_id> ids) {
  std::vector<record> all;
  for (auto& shard : shards)
    std::move(shard.begin(), shard.end(), std::back_inserter(all));
  std::stable_sort(all.begin(), all.end(),
                   [](const record& a, const record& b) { return a.id < b.id; });
  std::vector<record> in_order;
  std::vector<bool> given(all.size());
  for (const auto& id : ids) {
    const auto at = std::lower_bound(all.begin(), all.end(), id,
                                     [](const record& r, const point_id& i) { return r.id < i; });
    const auto place = static_cast<std::size_t>(at - all.begin());
    if (at == all.end() || at->id != id || given[place])
      continue;
    given[place] = true;
    in_order.push_back(std::move(*at));
    at->id = id; // A moved-from record must still be found by its id.
  }
  return in_order;
}

} // namespace grape::query
