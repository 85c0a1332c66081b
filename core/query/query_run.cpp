#include "core/query/query_run.hpp"

#include "core/check.hpp"
#include "core/query/hit_lists.hpp"
#include "core/shard/grouping.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace grape::query {

query_run::query_run(query_plan plan, std::optional<shard::shard_grouping> grouping,
                     repetition repeats)
  : plan_(std::move(plan))
  , grouping_(std::move(grouping))
  , repeats_(repeats)
  , found_(plan_.stages.size())
  , asked_(plan_.stages.size())
  , inputs_(plan_.stages.size()) {
  GRAPE_CHECK(!plan_.stages.empty());
}

bool query_run::root_is_asked() const {
  return std::holds_alternative<ask_stage>(plan_.stages.back().work);
}

std::vector<run_ask> query_run::next() {
  if (!failed_.ok())
    return {};
  if (phase_ == phase::stages)
    if (auto asks = ask_stages(); !asks.empty() || !failed_.ok())
      return asks;
  if (phase_ == phase::group_keys && !std::exchange(sent_, true))
    return ask_records({payload_selector::mode::include, {grouping_->by}}, {}, {&hits_});
  if (phase_ == phase::more_of_groups && !std::exchange(sent_, true)) {
    auto more = asked_by(plan_.stages.size() - 1);
    more.wanted.grouping = grouping_;
    for (const auto& group : groups_)
      more.wanted.grouping->only.push_back(group.id);
    return {std::move(more)};
  }
  if (phase_ == phase::records && !std::exchange(sent_, true))
    return ask_records(plan_.with_payload, plan_.with_vectors, chosen());
  return {};
}

/// Does what needs no shard, and asks for everything else that can be asked now.
std::vector<run_ask> query_run::ask_stages() {
  std::vector<run_ask> asks;
  for (std::size_t i = 0; i < plan_.stages.size(); ++i) {
    if (found_[i] || asked_[i] || !is_ready(plan_.stages[i]))
      continue;
    if (!std::holds_alternative<ask_stage>(plan_.stages[i].work)) {
      if (!compute(i))
        return {};
      continue;
    }
    asked_[i] = true;
    auto ask = asked_by(i);
    if (ask.wanted.among && ask.wanted.among->empty())
      answered(ask, {});
    else
      asks.push_back(std::move(ask));
  }
  if (asks.empty() && phase_ == phase::stages && found_.back())
    root_is_done();
  return asks;
}

bool query_run::is_ready(const stage& of) const {
  return std::all_of(of.inputs.begin(), of.inputs.end(),
                     [this](std::size_t input) { return found_[input].has_value(); });
}

/// The question of an ask_stage, with its candidates.
run_ask query_run::asked_by(std::size_t which) {
  const auto& of = plan_.stages[which];
  const auto& asked = std::get<ask_stage>(of.work);
  run_ask ask{asked.wanted, asked.ascending, which};
  if (!of.inputs.empty()) {
    std::vector<const hit_list*> lists;
    for (const auto input : of.inputs)
      lists.push_back(&*found_[input]);
    ask.wanted.among = points_of(lists);
    ask.among_by_key = points_by_key(lists);
    inputs_[which] = ask.wanted.among->size();
    if (auto* formula = std::get_if<shard::rank_by_formula>(&ask.wanted.by))
      formula->scores = scores_in(lists, *ask.wanted.among);
  }
  if (grouping_ && which + 1 == plan_.stages.size())
    ask.wanted.grouping = grouping_;
  return ask;
}

/// A stage without shards.
bool query_run::compute(std::size_t which) {
  const auto& of = plan_.stages[which];
  std::vector<hit_list> lists;
  std::vector<const hit_list*> inputs;
  for (const auto input : of.inputs) {
    lists.push_back(*found_[input]);
    inputs.push_back(&*found_[input]);
  }
  inputs_[which] = points_of(inputs).size();
  if (const auto* mmr = std::get_if<diversify_stage>(&of.work)) {
    found_[which] = diversify(*mmr, std::move(lists.front()));
  } else {
    auto fused = fuse(std::get<fuse_stage>(of.work), std::move(lists));
    if (!fused) {
      failed_ = std::move(fused).error();
      return false;
    }
    found_[which] = std::move(*fused);
  }
  explain(which, inputs_[which], 0);
  return true;
}

void query_run::explain(std::size_t which, std::uint64_t inputs, std::uint64_t visited) {
  const auto& of = plan_.stages[which];
  explained_.push_back({of.what, of.depth, inputs, found_[which]->size(), visited});
}

void query_run::answered(const run_ask& asked, std::vector<shard::shard_hits> by_shard) {
  std::uint64_t visited = 0;
  for (const auto& shard : by_shard)
    visited += shard.visited;
  if (phase_ == phase::more_of_groups) {
    merge_groups(by_shard);
    return after_hits();
  }
  if (phase_ == phase::stages) {
    const auto is_root = asked.purpose + 1 == plan_.stages.size();
    if (is_root && grouping_) {
      found_[asked.purpose] = hit_list{};
      merge_groups(by_shard);
    } else {
      auto hits = merge_hits(std::move(by_shard), asked.wanted.by, asked.ascending, repeats_);
      if (hits.size() > asked.wanted.k)
        hits.resize(asked.wanted.k);
      found_[asked.purpose] = std::move(hits);
    }
    return explain(asked.purpose, inputs_[asked.purpose], visited);
  }
  using place = std::pair<point_id, std::optional<shard_key>>;
  std::map<place, record> records;
  for (auto& shard : by_shard)
    for (auto& hit : shard.hits) {
      place at{hit.point.id, hit.point.key};
      records.emplace(std::move(at), std::move(hit.point));
    }
  const auto complete = [&](hit_list& hits) {
    for (auto& hit : hits)
      if (const auto at = records.find({hit.point.id, hit.point.key}); at != records.end()) {
        hit.point.payload = at->second.payload;
        hit.point.vectors = at->second.vectors;
      }
  };
  if (phase_ == phase::group_keys) {
    complete(hits_);
    return group_root();
  }
  complete(hits_);
  for (auto& group : groups_)
    complete(group.hits);
  phase_ = phase::done;
}

void query_run::root_is_done() {
  sent_ = false;
  if (grouping_ && root_is_asked()) {
    // merge_groups has said whether more must be asked.
    if (phase_ == phase::stages)
      after_hits();
    return;
  }
  hits_ = std::move(*found_.back());
  found_.back() = hit_list{};
  if (grouping_) {
    phase_ = phase::group_keys;
    return;
  }
  const auto skipped = std::min<std::uint64_t>(plan_.offset, hits_.size());
  hits_.erase(hits_.begin(), hits_.begin() + static_cast<std::ptrdiff_t>(skipped));
  if (hits_.size() > plan_.limit)
    hits_.resize(plan_.limit);
  after_hits();
}

/// The hits are known. Shards that were asked for the last stage sent what was wanted of them.
void query_run::after_hits() {
  const auto wants_records = plan_.with_payload.wanted != payload_selector::mode::none
                             || plan_.with_vectors.wanted != vector_selector::mode::none;
  sent_ = false;
  const auto needs_none = root_is_asked() || !wants_records || points_of(chosen()).empty();
  phase_ = needs_none ? phase::done : phase::records;
}

/// Groups hits that came with the payload field to group by.
void query_run::group_root() {
  shard::group_filler filler{*grouping_};
  const auto path = payload::path::parse(grouping_->by);
  if (!path) {
    failed_ = path.error();
    return;
  }
  std::map<payload::value, std::size_t, shard::group_order> places;
  for (auto& hit : hits_) {
    const auto of = hit.point.payload ? shard::groups_at(*hit.point.payload, *path)
                                      : std::vector<payload::value>{};
    hit.point.payload.reset();
    for (const auto& group : filler.take(of)) {
      const auto [at, is_new] = places.emplace(group, groups_.size());
      if (is_new)
        groups_.push_back({group, {}, {}});
      groups_[at->second].hits.push_back(hit);
    }
  }
  hits_.clear();
  after_hits();
}

/// Fills the groups from hits of all shards. A shard that opened other groups than the best of all
/// may keep hits of those: then it is asked for them alone.
void query_run::merge_groups(const std::vector<shard::shard_hits>& by_shard) {
  struct candidate {
    const scored_record* hit;
    const std::vector<payload::value>* groups;
  };
  const auto& root = std::get<ask_stage>(plan_.stages.back().work);
  std::vector<candidate> all;
  for (const auto& shard : by_shard)
    for (std::size_t i = 0; i < shard.hits.size() && i < shard.groups.size(); ++i)
      all.push_back({&shard.hits[i], &shard.groups[i]});
  const hit_order before{root.wanted.by, root.ascending};
  std::stable_sort(all.begin(), all.end(),
                   [&](const candidate& a, const candidate& b) { return before(*a.hit, *b.hit); });
  if (repeats_ != repetition::none) {
    std::set<point_id> seen;
    std::erase_if(all, [&](const candidate& one) {
      return !seen.insert(one.hit->point.id).second;
    });
  }
  auto wanted = *grouping_;
  for (const auto& group : groups_) // A second look: the groups are known.
    wanted.only.push_back(group.id);
  const auto is_second = !groups_.empty();
  groups_.clear();
  shard::group_filler filler{wanted};
  std::map<payload::value, std::size_t, shard::group_order> places;
  for (const auto& group : wanted.only) {
    places.emplace(group, groups_.size());
    groups_.push_back({group, {}, {}});
  }
  for (const auto& [hit, groups] : all)
    for (const auto& group : filler.take(*groups)) {
      const auto [at, is_new] = places.emplace(group, groups_.size());
      if (is_new)
        groups_.push_back({group, {}, {}});
      groups_[at->second].hits.push_back(*hit);
    }
  std::erase_if(groups_, [](const point_group& group) { return group.hits.empty(); });
  if (is_second || by_shard.size() < 2)
    return;
  const auto best = filler.opened();
  for (const auto& shard : by_shard) {
    shard::group_filler own{*grouping_};
    for (const auto& groups : shard.groups)
      (void)own.take(groups);
    const auto& opened = own.opened();
    const auto knows = [&](const payload::value& group) {
      return std::find(opened.begin(), opened.end(), group) != opened.end();
    };
    if (opened.size() == grouping_->groups && !std::all_of(best.begin(), best.end(), knows)) {
      phase_ = phase::more_of_groups;
      sent_ = false;
    }
  }
}

std::vector<run_ask> query_run::ask_records(payload_selector with_payload,
                                            vector_selector with_vectors,
                                            const std::vector<const hit_list*>& of) const {
  run_ask ask{{}, false, no_stage, points_by_key(of)};
  ask.wanted.among = points_of(of);
  ask.wanted.k = ask.wanted.among->size();
  ask.wanted.with_payload = std::move(with_payload);
  ask.wanted.with_vectors = std::move(with_vectors);
  return {std::move(ask)};
}

/// Everything that will be the result.
std::vector<const hit_list*> query_run::chosen() const {
  std::vector<const hit_list*> lists{&hits_};
  for (const auto& group : groups_)
    lists.push_back(&group.hits);
  return lists;
}

hit_list query_run::take_hits() {
  return std::move(hits_);
}

std::vector<point_group> query_run::take_groups() {
  return std::move(groups_);
}

} // namespace grape::query
