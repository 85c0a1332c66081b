#include "core/check.hpp"
#include "core/query/plan.hpp"
#include "core/query/prune.hpp"
#include "core/query/session.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace grape::query {

read_session::step read_session::start(const query_request& asked) {
  queries_ = {&asked};
  return start_queries();
}

read_session::step read_session::start(const query_batch_request& asked) {
  for (const auto& query : asked.queries)
    queries_.push_back(&query);
  if (queries_.empty())
    return query_batch_reply{};
  return start_queries();
}

/// First the vectors that ids stand for, one collection after the other; then the queries.
read_session::step read_session::start_queries() {
  for (const auto* query : queries_) {
    auto from = known_->resolve(query->lookup_from ? query->lookup_from->collection
                                                   : query->collection);
    if (!from && query->lookup_from)
      return status{errc::not_found,
                    "Collection " + query->lookup_from->collection + " not found"};
    const auto ids = referenced_ids(*query);
    if (from && !ids.empty()) {
      auto& wanted = to_look_up_[*from];
      wanted.insert(wanted.end(), ids.begin(), ids.end());
    }
  }
  return look_up_next();
}

read_session::step read_session::look_up_next() {
  looking_up_.clear();
  if (to_look_up_.empty())
    return ask_queries();
  auto [name, ids] = std::move(*to_look_up_.begin());
  to_look_up_.erase(to_look_up_.begin());
  looking_up_ = name;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ask_owners(*known_->find_exact(name),
                    {std::move(ids), {}, {vector_selector::mode::all, {}}});
}

void read_session::looked_up(std::vector<shard::answer> answers) {
  auto& found = found_[looking_up_];
  for (auto& answer : answers)
    for (auto& record : std::get<shard::shard_records>(answer.body).records) {
      const auto id = record.id;
      found.emplace(id, std::move(record));
    }
}

read_session::step read_session::ask_queries() {
  shard::ask_queries wanted;
  for (const auto* query : queries_) {
    const auto from = known_->resolve(query->lookup_from ? query->lookup_from->collection
                                                         : query->collection);
    const auto& name = query->lookup_from ? query->lookup_from->vector : query->vector_name;
    const vector_lookup lookup = [&](const point_id& id) {
      const auto& records = found_[from ? *from : std::string{}];
      const auto at = records.find(id);
      return vector_of(id, at == records.end() ? nullptr : &at->second, name);
    };
    auto planned = plan(*query, entry_->schema, lookup);
    if (!planned)
      return std::move(planned).error();
    wanted.queries.push_back(std::move(*planned));
  }
  return ask_all(std::move(wanted));
}

read_session::step read_session::finish(const query_request&,
                                        std::vector<shard::answer>& answers) {
  return merge_query(0, answers);
}

read_session::step read_session::finish(const query_batch_request&,
                                        std::vector<shard::answer>& answers) {
  query_batch_reply replies;
  for (std::size_t i = 0; i < queries_.size(); ++i)
    replies.replies.push_back(merge_query(i, answers));
  return replies;
}

query_reply read_session::merge_query(std::size_t which,
                                      std::vector<shard::answer>& answers) const {
  const auto& query = *queries_[which];
  query_reply reply;
  std::vector<shard::shard_hits> hits;
  explanation how;
  for (auto& answer : answers) {
    auto& part = std::get<std::vector<shard::shard_hits>>(answer.body)[which];
    how.read_indexes.push_back(answer.applied.value);
    how.plans.push_back(part.plan);
    how.visited += part.visited;
    how.shards.emplace_back().visited = part.visited;
    hits.push_back(std::move(part));
  }
  reply.points = merge(std::move(hits), ascending(query, entry_->schema), query.offset,
                       query.limit);
  if (!options_of(asked_).explain)
    return reply;
  how.epoch = epoch_.value;
  explain_routing(how, answers);
  reply.explain = std::move(how);
  return reply;
}

/// Who answered, who else was asked or could have been. What each shard did is told already.
void read_session::explain_routing(explanation& how,
                                   const std::vector<shard::answer>& answers) const {
  std::vector<const std::optional<payload::filter>*> filters;
  for (const auto* query : queries_)
    filters.push_back(&query->filter);
  const auto shards = shards_that_may_match(*entry_, filters);
  GRAPE_CHECK(shards.size() == answers.size());
  std::set<std::uint32_t> targets;
  std::set<std::uint32_t> able;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto& way = answers[i].way;
    auto& told = how.shards[i];
    told.shard = shards[i].value;
    told.replica = way.by.value;
    for (const auto node : way.asked)
      told.asked.push_back(node.value);
    told.hedged = way.hedged;
    told.retried = way.asked.size() > (way.hedged ? 2u : 1u);
    told.took_us = way.took_us;
    told.read_index = how.read_indexes[i];
    told.plan = how.plans[i];
    targets.insert(way.by.value);
    const auto group = known_->groups().find(entry_->groups.at(shards[i].value));
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
  how.load_balancing = how.fallback_nodes.empty()       ? "only replica"
                       : level == read_level::eventual ? "nearest replica"
                                                        : "leader first";
}

} // namespace grape::query
