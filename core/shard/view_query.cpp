#include "core/payload/describe.hpp"
#include "core/shard/admitted.hpp"
#include "core/shard/grouping.hpp"
#include "core/shard/ranker.hpp"
#include "core/shard/record_reader.hpp"
#include "core/shard/view.hpp"
#include "core/shard/view_state.hpp"

#include <algorithm>
#include <limits>

namespace grape::shard {

namespace {

/// Hits that the best groups take, and for each the groups it is in.
struct grouped_slots {
  std::vector<ranked_slot> hits;
  std::vector<std::vector<payload::value>> groups;
};

/// Where in the ranking the groups fill up nobody knows: looks deeper until they are full or no
/// point is left.
outcome<grouped_slots> in_groups(const view_state& state, const shard_grouping& wanted,
                                 const ranker& ranked, budget& left) {
  constexpr std::uint64_t growth = 4;
  auto path = payload::path::parse(wanted.by);
  if (!path)
    return std::move(path).error();
  const auto wished =
      wanted.groups > 1'000 || wanted.size > 1'000 ? 1'000'000 : wanted.groups * wanted.size;
  for (auto depth = std::max<std::uint64_t>(64, 2 * wished);; depth *= growth) {
    auto all = ranked.best(depth);
    if (!all)
      return std::move(all).error();
    group_filler filler{wanted};
    grouped_slots kept;
    for (std::size_t i = 0; i < all->size() && !filler.full(); ++i) {
      const auto& hit = (*all)[i];
      if (!left.spend(1))
        return status{errc::timed_out, "the deadline passed while reading groups"};
      auto payload = state.reader.payload(state.id_of[hit.where.value]);
      if (!payload)
        return std::move(payload).error();
      auto groups = groups_at(*payload, *path);
      if (filler.take(groups).empty())
        continue;
      kept.hits.push_back(hit);
      kept.groups.push_back(std::move(groups));
    }
    if (filler.full() || all->size() < depth)
      return kept;
  }
}

} // namespace

outcome<shard_hits> view::query(const shard_query& wanted, budget& left) const {
  const auto visited_before = left.visited();
  const auto admitted = resolve_filter(*state_, wanted.filter, left);
  if (!admitted)
    return admitted.error();
  const auto reader = record_reader::make(*state_, wanted.with_payload, wanted.with_vectors);
  if (!reader)
    return reader.error();
  shard_hits result;
  const ranker ranked{*state_, wanted, admitted->get(), left, result.plan};
  std::vector<ranked_slot> hits;
  if (wanted.grouping) {
    auto found = in_groups(*state_, *wanted.grouping, ranked, left);
    if (!found)
      return std::move(found).error();
    hits = std::move(found->hits);
    result.groups = std::move(found->groups);
  } else {
    auto found = ranked.best(wanted.k);
    if (!found)
      return std::move(found).error();
    hits = std::move(*found);
  }
  result.hits.reserve(hits.size());
  for (const auto& hit : hits) {
    auto made = reader->read(state_->id_of[hit.where.value], hit.where);
    if (!made)
      return std::move(made).error();
    made->order = hit.order;
    result.hits.push_back({std::move(*made), hit.score});
  }
  result.visited = left.visited() - visited_before;
  if (*admitted)
    result.plan += " where " + payload::describe(*wanted.filter);
  return result;
}

} // namespace grape::shard
