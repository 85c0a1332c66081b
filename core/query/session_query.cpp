#include "core/check.hpp"
#include "core/cluster/split.hpp"
#include "core/query/idf.hpp"
#include "core/query/plan.hpp"
#include "core/query/prune.hpp"
#include "core/query/session.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
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
  return start_queries();
}

read_session::step read_session::start(const query_batch_request& asked) {
  for (const auto& query : asked.queries)
    queries_.push_back(&query);
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
  return start_queries();
}

/// The collection in which the ids of a part are looked up. Error: not_found.
outcome<std::string> read_session::looked_up_in(const query_part& part) const {
  if (!part.lookup_from)
    return known_->resolve(queries_.front()->collection);
  auto name = known_->resolve(part.lookup_from->collection);
  if (!name)
    return status{errc::not_found, "Collection " + part.lookup_from->collection + " not found"};
  return name;
}

/// First the vectors that ids stand for, one collection after the other; then the queries.
read_session::step read_session::start_queries() {
  status missing;
  for (const auto* query : queries_)
    each_part(*query, [&](const query_part& part) {
      const auto from = looked_up_in(part);
      if (!from) {
        if (missing.ok())
          missing = from.error();
        return;
      }
      const auto ids = referenced_ids(part);
      if (ids.empty())
        return;
      auto& wanted = to_look_up_[*from];
      wanted.insert(wanted.end(), ids.begin(), ids.end());
    });
  if (!missing.ok())
    return missing;
  return look_up_next();
}

read_session::step read_session::look_up_next() {
  looking_up_.clear();
  if (to_look_up_.empty())
    return plan_queries();
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

read_session::step read_session::plan_queries() {
  const vector_lookup lookup = [this](const query_part& part, const point_id& id) {
    const auto from = looked_up_in(part).value();
    const auto& records = found_[from];
    const auto at = records.find(id);
    return vector_of(id, at == records.end() ? nullptr : &at->second, looked_up_name(part),
                     known_->find_exact(from)->schema);
  };
  const auto own = known_->resolve(queries_.front()->collection).value();
  const std::function<bool(const query_part&)> elsewhere
    = [&](const query_part& part) { return looked_up_in(part).value() != own; };
  for (const auto* query : queries_) {
    auto planned = plan(*query, {entry_->schema, lookup, elsewhere});
    if (!planned)
      return std::move(planned).error();
    if (grouping_)
      lift_limit(planned->stages.back());
    plans_.push_back(std::move(*planned));
  }
  return count_terms();
}

/// Where the modifier idf wants it, how common the terms are in the whole collection comes first.
read_session::step read_session::count_terms() {
  shard::ask_terms wanted;
  for (auto& planned : plans_)
    for (auto& each : planned.stages) {
      auto* asked = std::get_if<ask_stage>(&each.work);
      if (asked == nullptr)
        continue;
      auto question = idf_question(asked->wanted, entry_->schema);
      if (!question)
        return std::move(question).error();
      if (!*question)
        continue;
      wanted.about.push_back(std::move(**question));
      counting_for_.push_back(&asked->wanted);
    }
  if (counting_for_.empty())
    return begin_runs();
  return ask_all(std::move(wanted));
}

read_session::step read_session::terms_counted(std::vector<shard::answer> answers) {
  for (std::size_t i = 0; i < counting_for_.size(); ++i) {
    auto sum = std::get<shard::shard_terms>(answers.front().body).counts[i];
    for (std::size_t other = 1; other < answers.size(); ++other)
      add(sum, std::get<shard::shard_terms>(answers[other].body).counts[i]);
    weigh(*counting_for_[i], sum);
  }
  counting_for_.clear();
  return begin_runs();
}

read_session::step read_session::begin_runs() {
  for (auto& planned : plans_)
    runs_.emplace_back(std::move(planned), grouping_);
  plans_.clear();
  ways_.resize(runs_.size());
  return ask_next();
}

/// Everything that the queries can ask now, in one question for each shard.
read_session::step read_session::ask_next() {
  items_.clear();
  std::map<shard_id, std::vector<shard::shard_query>> by_shard;
  items_of_shard_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto asks = runs_[i].next();
    // What has no candidates is answered at once, and may lead to more.
    while (!asks.empty() && std::all_of(asks.begin(), asks.end(), [](const run_ask& ask) {
      return ask.wanted.among && ask.wanted.among->empty();
    })) {
      for (const auto& ask : asks)
        runs_[i].answered(ask, {});
      asks = runs_[i].next();
    }
    if (!runs_[i].failed().ok())
      return runs_[i].failed();
    for (auto& ask : asks) {
      const auto place = items_.size();
      for (auto& [shard, part] : shares_of(ask.wanted)) {
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

/// Which shards are asked a query, and what of it.
std::map<shard_id, shard::shard_query> read_session::shares_of(const shard::shard_query& whole) {
  std::map<shard_id, shard::shard_query> shares;
  if (whole.among) {
    for (auto& [shard, mine] : cluster::split(*whole.among, entry_->slots, entry_->groups.size()))
      shares.emplace(shard, part_of(whole, std::move(mine)));
    return shares;
  }
  for (const auto shard : shards_that_may_match(*entry_, {&whole.filter}))
    shares.emplace(shard, whole);
  return shares;
}

/// Shards that are asked the same share one question.
read_session::step
read_session::ask_shares(std::map<shard_id, std::vector<shard::shard_query>> by_shard) const {
  std::vector<shard_ask> asks;
  for (auto& [shard, queries] : by_shard) {
    shard::question question = shard::ask_queries{std::move(queries)};
    const auto& group = entry_->groups.at(shard.value);
    if (!asks.empty() && *asks.back().question == question)
      asks.push_back({group, asks.back().question});
    else
      asks.push_back({group, std::make_shared<const shard::question>(std::move(question))});
  }
  return asks;
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
  const auto name = known_->resolve(asked.with_lookup->collection).value();
  return ask_owners(*known_->find_exact(name), {std::move(ids), asked.with_lookup->with_payload,
                                                asked.with_lookup->with_vectors});
}

read_session::step read_session::groups_looked_up(std::vector<shard::answer> answers) {
  std::map<point_id, record> found;
  for (auto& answer : answers)
    for (auto& record : std::get<shard::shard_records>(answer.body).records) {
      const auto id = record.id;
      found.emplace(id, std::move(record));
    }
  for (auto& group : groups_.groups)
    if (const auto id = id_of_group(group.id))
      if (const auto at = found.find(*id); at != found.end())
        group.lookup = at->second;
  return std::move(groups_);
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
