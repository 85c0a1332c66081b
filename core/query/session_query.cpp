#include "core/check.hpp"
#include "core/cluster/split.hpp"
#include "core/query/idf.hpp"
#include "core/query/plan.hpp"
#include "core/query/prune.hpp"
#include "core/query/session.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

namespace grape::query {

namespace {

/// The candidates that one shard keeps, and what belongs to them.
shard::shard_query part_of(const shard::shard_query& whole, std::vector<point_id> mine) {
  auto part = whole;
  if (auto* formula = std::get_if<shard::rank_by_formula>(&part.by)) {
    std::vector<std::vector<std::optional<float>>> scores;
    for (const auto& id : mine) {
      const auto at = std::lower_bound(whole.among->begin(), whole.among->end(), id);
      scores.push_back(formula->scores[static_cast<std::size_t>(at - whole.among->begin())]);
    }
    formula->scores = std::move(scores);
  }
  part.among = std::move(mine);
  return part;
}

/// Each level needs as many candidates as all groups can take.
void multiply_limits(std::vector<query_part>& prefetches, std::uint64_t by) {
  for (auto& prefetch : prefetches) {
    prefetch.limit = saturating_product(prefetch.limit, by);
    multiply_limits(prefetch.prefetches, by);
  }
}

void lift_limit(stage& last) {
  constexpr auto all = std::numeric_limits<std::uint64_t>::max();
  if (auto* fused = std::get_if<fuse_stage>(&last.work))
    fused->limit = all;
  if (auto* picked = std::get_if<diversify_stage>(&last.work))
    picked->limit = all;
}

} // namespace

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) noexcept {
  return b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b
           ? std::numeric_limits<std::uint64_t>::max()
           : a * b;
}

read_session::step read_session::start(const query_request& asked) {
  queries_ = {&asked};
  scopes_ = {scope_};
  return start_queries();
}

read_session::step read_session::start(const query_batch_request& asked) {
  for (const auto& query : asked.queries) {
    auto scope = query.read.keys ? scope_of_read(*entry_, query.read.keys) : scope_;
    if (!scope)
      return std::move(scope).error();
    queries_.push_back(&query);
    scopes_.push_back(std::move(*scope));
  }
  if (queries_.empty())
    return query_batch_reply{};
  return start_queries();
}

read_session::step read_session::start(const query_groups_request& asked) {
  if (asked.with_lookup && !known_->resolve(asked.with_lookup->collection))
    return status{errc::not_found,
                  "Collection " + asked.with_lookup->collection + " not found"};
  grouping_ = shard::shard_grouping{asked.group_by, asked.group_size, asked.query.limit, {}};
  auto query = asked.query;
  query.offset = 0;
  query.limit = saturating_product(query.limit, asked.group_size);
  multiply_limits(query.prefetches, asked.group_size);
  return start_own(std::move(query));
}

/// A query that the session made of another request.
read_session::step read_session::start_own(query_request query) {
  query.collection
    = std::visit([](const auto& request) -> const auto& { return request.collection; }, asked_);
  own_query_ = std::make_unique<query_request>(std::move(query));
  queries_ = {own_query_.get()};
  scopes_ = {scope_};
  return start_queries();
}

read_session::step read_session::plan_queries() {
  std::size_t which = 0;
  const vector_lookup lookup = [this, &which](const query_part& part, const point_id& id) {
    const auto from = looked_up_in(part).value();
    return vector_of(id, found_in(from, id, which), looked_up_name(part),
                     known_->find_exact(from.collection)->schema);
  };
  const auto own = known_->resolve(queries_.front()->collection).value();
  const std::function<bool(const query_part&)> elsewhere
    = [&](const query_part& part) { return looked_up_in(part).value().collection != own; };
  for (; which < queries_.size(); ++which) {
    auto planned = plan(*queries_[which], {entry_->schema, lookup, elsewhere});
    if (!planned)
      return std::move(planned).error();
    if (grouping_)
      lift_limit(planned->stages.back());
    plans_.push_back(std::move(*planned));
  }
  return count_terms();
}

/// Where the modifier idf wants it, how common the terms are among all points that the query is
/// about comes first.
read_session::step read_session::count_terms() {
  shard::ask_terms wanted;
  std::set<shard_id> shards;
  for (std::size_t i = 0; i < plans_.size(); ++i)
    for (auto& each : plans_[i].stages) {
      auto* asked = std::get_if<ask_stage>(&each.work);
      if (asked == nullptr)
        continue;
      auto question = idf_question(asked->wanted, entry_->schema);
      if (!question)
        return std::move(question).error();
      if (!*question)
        continue;
      wanted.about.push_back(std::move(**question));
      counting_for_.emplace_back(i, &asked->wanted);
      const auto of = shards_of(scopes_.at(i));
      shards.insert(of.begin(), of.end());
    }
  if (shards.empty()) {
    counting_for_.clear();
    return begin_runs();
  }
  shard_questions what;
  const auto shared = std::make_shared<const shard::question>(std::move(wanted));
  for (const auto shard : shards)
    what.emplace_back(shard, shared);
  return ask(*entry_, std::move(what), {});
}

read_session::step read_session::terms_counted(std::vector<shard::answer> answers) {
  for (std::size_t i = 0; i < counting_for_.size(); ++i) {
    const auto [which, query] = counting_for_[i];
    const auto shards = shards_of(scopes_.at(which));
    std::optional<shard::term_counts> sum;
    for (std::size_t each = 0; each < answers.size(); ++each) {
      if (!std::binary_search(shards.begin(), shards.end(), shards_asked_.at(each)))
        continue;
      auto& counts = std::get<shard::shard_terms>(answers[each].body).counts.at(i);
      if (sum)
        add(*sum, counts);
      else
        sum = std::move(counts);
    }
    if (sum)
      weigh(*query, *sum);
  }
  counting_for_.clear();
  return begin_runs();
}

repetition read_session::repetition_of(std::size_t which) const {
  if (scopes_.at(which).size() < 2)
    return repetition::none;
  return std::holds_alternative<scroll_request>(asked_) ? repetition::one_of_value
                                                        : repetition::one_each;
}

read_session::step read_session::begin_runs() {
  for (std::size_t i = 0; i < plans_.size(); ++i)
    runs_.emplace_back(std::move(plans_[i]), grouping_, repetition_of(i));
  plans_.clear();
  ways_.resize(runs_.size());
  return ask_next();
}

/// What has no candidates, or no shards, is answered at once.
bool read_session::concerns_nobody(const run_ask& ask, std::size_t which) const {
  return (ask.wanted.among && ask.wanted.among->empty()) || scopes_.at(which).empty();
}

/// Everything that the queries can ask now, in one question for each shard.
read_session::step read_session::ask_next() {
  items_.clear();
  std::map<shard_id, std::vector<shard::shard_query>> by_shard;
  items_of_shard_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto asks = runs_[i].next();
    // What is answered at once may lead to more.
    while (!asks.empty() && std::all_of(asks.begin(), asks.end(), [&](const run_ask& ask) {
      return concerns_nobody(ask, i);
    })) {
      for (const auto& ask : asks)
        runs_[i].answered(ask, {});
      asks = runs_[i].next();
    }
    if (!runs_[i].failed().ok())
      return runs_[i].failed();
    for (auto& ask : asks) {
      const auto place = items_.size();
      for (auto& [shard, part] : shares_of(ask, i)) {
        by_shard[shard].push_back(std::move(part));
        items_of_shard_[shard].push_back(place);
      }
      items_.push_back({i, std::move(ask)});
    }
  }
  if (items_.empty())
    return queries_done();
  return ask_shares(std::move(by_shard));
}

/// Which shards are asked, and what. Candidates are looked for where they were found.
std::map<shard_id, shard::shard_query> read_session::shares_of(const run_ask& ask,
                                                               std::size_t which) const {
  std::map<shard_id, shard::shard_query> shares;
  const auto& scope = scopes_.at(which);
  const auto& whole = ask.wanted;
  if (!whole.among) {
    for (const auto shard : shards_that_may_match(scope, {&whole.filter}))
      shares.emplace(shard, whole);
    return shares;
  }
  for (const auto& part : scope) {
    const std::vector<point_id>* ids = &*whole.among;
    if (part.key != nullptr) {
      const auto found = ask.among_by_key.find(*part.key);
      if (found == ask.among_by_key.end())
        continue;
      ids = &found->second;
    }
    for (auto& [shard, mine] : cluster::split(*ids, {part}))
      shares.emplace(shard, part_of(whole, std::move(mine)));
  }
  return shares;
}

/// Shards that are asked the same share one question.
read_session::step
read_session::ask_shares(std::map<shard_id, std::vector<shard::shard_query>> by_shard) {
  shard_questions what;
  for (auto& [shard, queries] : by_shard) {
    shard::question question = shard::ask_queries{std::move(queries)};
    if (!what.empty() && *what.back().second == question)
      what.emplace_back(shard, what.back().second);
    else
      what.emplace_back(shard, std::make_shared<const shard::question>(std::move(question)));
  }
  std::map<shard_id, const shard_key*> keys;
  for (const auto& scope : scopes_)
    keys.merge(keys_of(scope));
  return ask(*entry_, std::move(what), keys);
}

read_session::step read_session::queries_answered(std::vector<shard::answer> answers) {
  GRAPE_CHECK(answers.size() == items_of_shard_.size());
  std::vector<std::vector<shard::shard_hits>> by_item(items_.size());
  auto answer = answers.begin();
  for (const auto& [shard, items] : items_of_shard_) {
    auto& parts = std::get<std::vector<shard::shard_hits>>(answer->body);
    for (std::size_t j = 0; j < items.size(); ++j) {
      note_way(ways_[items_[items[j]].run], shard, *answer, parts[j]);
      by_item[items[j]].push_back(std::move(parts[j]));
    }
    ++answer;
  }
  const auto items = std::move(items_);
  for (std::size_t i = 0; i < items.size(); ++i)
    runs_[items[i].run].answered(items[i].ask, std::move(by_item[i]));
  return ask_next();
}

read_session::step read_session::queries_done() {
  return std::visit(
    [this](const auto& request) -> step {
      if constexpr (requires { finish_queries(request); })
        return finish_queries(request);
      check_failed("a request that is a query", __FILE__, __LINE__);
    },
    asked_);
}

query_reply read_session::reply_of(std::size_t which) {
  query_reply reply;
  reply.points = runs_[which].take_hits();
  if (options_of(asked_).explain)
    reply.explain = explain(which);
  return reply;
}

read_session::step read_session::finish_queries(const query_request&) {
  return reply_of(0);
}

read_session::step read_session::finish_queries(const query_batch_request&) {
  query_batch_reply replies;
  for (std::size_t i = 0; i < queries_.size(); ++i)
    replies.replies.push_back(reply_of(i));
  return replies;
}

read_session::step read_session::finish_queries(const scroll_request&) {
  scroll_reply page;
  for (auto& hit : runs_.front().take_hits())
    page.points.push_back(std::move(hit.point));
  return page;
}

read_session::step read_session::finish_queries(const query_groups_request& asked) {
  groups_.groups = runs_.front().take_groups();
  groups_.with_lookup = asked.with_lookup.has_value();
  if (options_of(asked_).explain)
    groups_.explain = explain(0);
  std::vector<point_id> ids;
  if (asked.with_lookup)
    for (const auto& group : groups_.groups)
      if (const auto id = id_of_group(group.id))
        ids.push_back(*id);
  if (ids.empty())
    return std::move(groups_);
  is_looking_up_groups_ = true;
  const auto& of = *known_->find(asked.with_lookup->collection);
  return ask_owners(of, cluster::whole_scope(of),
                    {std::move(ids), asked.with_lookup->with_payload,
                     asked.with_lookup->with_vectors});
}

std::optional<point_id> id_of_group(const payload::value& group) {
  if (const auto* number = group.as_int())
    return *number < 0 ? std::nullopt
                       : std::optional{point_id{static_cast<std::uint64_t>(*number)}};
  if (const auto* big = group.as_big())
    return point_id{*big};
  if (const auto* text = group.as_string())
    if (const auto id = point_id::parse_uuid(*text))
      return *id;
  return std::nullopt;
}

} // namespace grape::query
