#include "core/query/hit_lists.hpp"

#include "core/request/order_less.hpp"
#include "core/shard/ranker.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace grape::query {

namespace {

/// Leaves the first hit of each point, or of each of its values.
void drop_repetitions(hit_list& hits, bool by_value) {
  std::map<point_id, std::vector<std::optional<order_value>>> seen;
  std::erase_if(hits, [&](const scored_record& hit) {
    auto& values = seen[hit.point.id];
    const auto value = by_value ? hit.point.order : std::nullopt;
    if (std::find(values.begin(), values.end(), value) != values.end())
      return true;
    values.push_back(value);
    return false;
  });
}

} // namespace

hit_order::hit_order(const shard::ranking& by, bool ascending)
  : ascending_(ascending) {
  if (const auto* chance = std::get_if<shard::rank_by_chance>(&by))
    seed_ = chance->seed;
  if (const auto* value = std::get_if<shard::rank_by_value>(&by))
    descending_ = value->order.descending;
}

bool hit_order::operator()(const scored_record& a, const scored_record& b) const {
  if (seed_) {
    const auto left = shard::chance_of(*seed_, a.point.id);
    const auto right = shard::chance_of(*seed_, b.point.id);
    return left != right ? left < right : a.point.id < b.point.id;
  }
  if (descending_ && a.point.order && b.point.order) {
    const auto& first = *descending_ ? b.point : a.point;
    const auto& second = *descending_ ? a.point : b.point;
    if (is_less(*first.order, *second.order) || is_less(*second.order, *first.order))
      return is_less(*first.order, *second.order);
    return first.id < second.id;
  }
  if (a.score != b.score)
    return ascending_ ? a.score < b.score : a.score > b.score;
  return a.point.id < b.point.id;
}

hit_list merge_hits(std::vector<shard::shard_hits> by_shard, const shard::ranking& by,
                    bool ascending, repetition repeats) {
  hit_list all;
  for (auto& shard : by_shard)
    std::move(shard.hits.begin(), shard.hits.end(), std::back_inserter(all));
  if (by_shard.size() < 2)
    return all;
  if (repeats == repetition::none) {
    std::sort(all.begin(), all.end(), hit_order{by, ascending});
    return all;
  }
  std::stable_sort(all.begin(), all.end(), hit_order{by, ascending});
  drop_repetitions(all, repeats == repetition::one_of_value);
  return all;
}

std::vector<point_id> points_of(const std::vector<const hit_list*>& lists) {
  std::vector<point_id> ids;
  for (const auto* list : lists)
    for (const auto& hit : *list)
      ids.push_back(hit.point.id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::map<shard_key, std::vector<point_id>>
points_by_key(const std::vector<const hit_list*>& lists) {
  std::map<shard_key, std::vector<point_id>> by_key;
  for (const auto* list : lists)
    for (const auto& hit : *list)
      if (hit.point.key)
        by_key[*hit.point.key].push_back(hit.point.id);
  for (auto& [key, ids] : by_key) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return by_key;
}

std::vector<std::vector<std::optional<float>>> scores_in(const std::vector<const hit_list*>& lists,
                                                         const std::vector<point_id>& candidates) {
  std::vector<std::vector<std::optional<float>>> scores(
      candidates.size(), std::vector<std::optional<float>>(lists.size()));
  for (std::size_t i = 0; i < lists.size(); ++i)
    for (const auto& hit : *lists[i]) {
      const auto at = std::lower_bound(candidates.begin(), candidates.end(), hit.point.id);
      scores[static_cast<std::size_t>(at - candidates.begin())][i] = hit.score;
    }
  return scores;
}

} // namespace grape::query
