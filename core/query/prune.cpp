#include "core/query/prune.hpp"

#include "core/cluster/split.hpp"

#include <algorithm>
#include <iterator>

namespace grape::query {

namespace {

using bounds = std::optional<std::set<point_id>>;

bounds ids_of(const payload::condition& of) {
  if (const auto* ids = std::get_if<payload::has_id>(&of.test))
    return std::set<point_id>{ids->ids.begin(), ids->ids.end()};
  if (const auto* inner = std::get_if<payload::filter>(&of.test))
    return ids_that_may_match(*inner);
  return std::nullopt;
}

void narrow(bounds& to, bounds by) {
  if (!by)
    return;
  if (!to) {
    to = std::move(by);
    return;
  }
  std::set<point_id> both;
  std::set_intersection(to->begin(), to->end(), by->begin(), by->end(),
                        std::inserter(both, both.end()));
  to = std::move(both);
}

/// Of conditions of which one at least must hold.
bounds any_of(const std::vector<payload::condition>& conditions) {
  std::set<point_id> all;
  for (const auto& one : conditions) {
    auto ids = ids_of(one);
    if (!ids)
      return std::nullopt;
    all.merge(*ids);
  }
  return all;
}

} // namespace

bounds ids_that_may_match(const payload::filter& of) {
  bounds ids;
  for (const auto& one : of.must)
    narrow(ids, ids_of(one));
  if (!of.should.empty())
    narrow(ids, any_of(of.should));
  return ids;
}

std::vector<shard_id>
shards_that_may_match(const cluster::shard_scope& scope,
                      const std::vector<const std::optional<payload::filter>*>& filters) {
  auto all_shards = cluster::shards_of(scope);
  std::set<shard_id> asked;
  bool all = filters.empty();
  for (const auto* filter : filters) {
    const auto ids = *filter ? ids_that_may_match(**filter) : std::nullopt;
    all = all || !ids;
    if (all)
      break;
    const std::vector<point_id> list{ids->begin(), ids->end()};
    for (const auto& [shard, mine] : cluster::split(list, scope))
      if (!mine.empty())
        asked.insert(shard);
  }
  if (all)
    return all_shards;
  if (asked.empty() && !all_shards.empty())
    asked.insert(all_shards.front());
  return {asked.begin(), asked.end()};
}

std::vector<const std::optional<payload::filter>*> filters_of(const shard::question& of) {
  std::vector<const std::optional<payload::filter>*> filters;
  if (const auto* queries = std::get_if<shard::ask_queries>(&of))
    for (const auto& query : queries->queries)
      filters.push_back(&query.filter);
  else if (const auto* page = std::get_if<shard::ask_page>(&of))
    filters.push_back(&page->scroll.filter);
  else if (const auto* count = std::get_if<shard::ask_count>(&of))
    filters.push_back(&count->filter);
  else if (const auto* facet = std::get_if<shard::ask_facet>(&of))
    filters.push_back(&facet->filter);
  return filters;
}

} // namespace grape::query
