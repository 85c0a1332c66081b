#include "core/query/session.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

namespace grape::query {

namespace {

/// Nothing: of one nobody knows.
std::optional<std::uint64_t> stalest(const std::optional<std::uint64_t>& a,
                                     const std::optional<std::uint64_t>& b) {
  return a && b ? std::optional{std::max(*a, *b)} : std::nullopt;
}

} // namespace

/// What one more answer of a shard had to do with a query.
void read_session::note_way(std::map<shard_id, shard_explanation>& ways, shard_id shard,
                            const shard::answer& answer, const shard::shard_hits& part) {
  auto& told = ways[shard];
  const auto& way = answer.way;
  told.shard = shard.value;
  told.replica = way.by.value;
  for (const auto node : way.asked)
    if (std::find(told.asked.begin(), told.asked.end(), node.value) == told.asked.end())
      told.asked.push_back(node.value);
  told.hedged = told.hedged || way.hedged;
  told.retried = told.retried || way.asked.size() > (way.hedged ? 2u : 1u);
  told.took_us += way.took_us;
  told.read_index = answer.applied.value;
  told.staleness_ms = stalest(told.staleness_ms, answer.staleness_ms);
  told.visited += part.visited;
  if (!part.plan.empty())
    told.plan += (told.plan.empty() ? "" : "; ") + part.plan;
}

/// Who answered, who else was asked or could have been, and what each shard and stage did.
explanation read_session::explain(std::size_t which) const {
  explanation how;
  how.epoch = epoch_.value;
  std::set<std::uint32_t> targets;
  std::set<std::uint32_t> able;
  for (const auto& [shard, told] : ways_[which]) {
    how.read_indexes.push_back(told.read_index);
    how.plans.push_back(told.plan);
    how.visited += told.visited;
    how.shards.push_back(told);
    how.staleness_ms = stalest(how.staleness_ms, told.staleness_ms);
    targets.insert(told.replica);
    const auto group = known_->groups().find(entry_->groups.at(shard));
    if (group != known_->groups().end())
      for (const auto& replica : group->second.replicas)
        if (replica.role == cluster::replica_role::voter)
          able.insert(replica.node.value);
  }
  how.target_nodes.assign(targets.begin(), targets.end());
  std::set_difference(able.begin(), able.end(), targets.begin(), targets.end(),
                      std::back_inserter(how.fallback_nodes));
  how.routing_strategy = "hash";
  const auto level = options_of(asked_, *known_).level;
  how.load_balancing = how.fallback_nodes.empty()      ? "only replica"
                       : level == read_level::eventual ? "nearest replica"
                                                       : "leader first";
  if (const auto& stages = runs_[which].explained(); stages.size() > 1)
    how.stages = stages;
  return how;
}

} // namespace grape::query
