#include "core/query/route.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace grape::query {

namespace {

/// Whether another replica may do better. What is wrong with the question is wrong everywhere.
bool may_do_better_elsewhere(errc why, route_goal goal) {
  switch (why) {
    case errc::no_space: return goal == route_goal::read || goal == route_goal::nearest_read;
    case errc::overloaded:
    case errc::unavailable:
    case errc::commit_unknown:
    case errc::timed_out:
    case errc::corrupted:
    case errc::io_error:
    case errc::closed:
    case errc::internal: return true;
    case errc::ok:
    case errc::wrong_input:
    case errc::bad_request:
    case errc::malformed:
    case errc::invalid:
    case errc::not_found:
    case errc::already_exists:
    case errc::unauthenticated:
    case errc::forbidden:
    case errc::stale_route: // Whoever planned must plan again.
    case errc::too_large:
    case errc::bad_config:
    case errc::wrong_version:
    case errc::cancelled:
    case errc::rate_limited: return false;
  }
  return false;
}

/// Whether a refusal says for sure that a write has not taken effect.
bool surely_did_nothing(errc why) {
  return why != errc::commit_unknown && why != errc::timed_out && why != errc::internal
         && why != errc::io_error && why != errc::corrupted && why != errc::closed
         && why != errc::cancelled;
}

/// Farther than any measured way.
constexpr std::uint64_t unknown_rtt_us = 10'000'000;

std::vector<route_target> in_order(std::vector<route_target> targets) {
  std::stable_sort(targets.begin(), targets.end(), [](const auto& a, const auto& b) {
    return std::tuple{!a.healthy, a.rtt_us} < std::tuple{!b.healthy, b.rtt_us};
  });
  return targets;
}

status unknown() {
  return {errc::commit_unknown, "no replica has confirmed the write in time; it may take effect"};
}

} // namespace

route::route(route_goal goal, std::vector<route_target> targets, std::optional<node_number> leader,
             std::uint64_t deadline_ms, const route_options& options)
  : goal_(goal)
  , targets_(in_order(std::move(targets)))
  , leader_(leader)
  , deadline_ms_(deadline_ms)
  , options_(options)
  , again_after_ms_(options.again_after_ms)
  , pause_ms_(options.pause_ms) {
  GRAPE_CHECK(options.at_once_max > 0);
  if (goal == route_goal::single_write)
    options_.at_once_max = 1;
}

void route::retarget(std::vector<route_target> targets, std::optional<node_number> leader) {
  targets_ = in_order(std::move(targets));
  if (!leader || leader == leader_)
    return;
  leader_ = leader;
  this_round_.erase(*leader);
}

void route::led_by(node_number leader, std::uint64_t now_ms) {
  if (goal_ == route_goal::nearest_read || waiting_for_.contains(leader))
    return;
  leader_ = leader;
  this_round_.erase(leader);
  pause_until_ms_ = std::min(pause_until_ms_, now_ms);
  pause_ms_ = options_.pause_ms; // It may need a moment more.
  const auto may_answer = [this](const route_target& target) {
    return target.healthy && waiting_for_.contains(target.node);
  };
  if (std::none_of(targets_.begin(), targets_.end(), may_answer))
    again_at_ms_ = std::min(again_at_ms_, now_ms);
}

void route::begin_round() noexcept {
  this_round_.clear();
  followed_.clear();
}

void route::gone(std::uint64_t now_ms) noexcept {
  gone_since_ms_ = gone_since_ms_.value_or(now_ms);
}

/// The answer to a write may be on its way.
route::step route::step_when_gone(std::uint64_t now_ms) const {
  const bool is_write = goal_ == route_goal::write || goal_ == route_goal::single_write;
  const auto end = std::min(deadline_ms_, *gone_since_ms_ + options_.gone_ms_max);
  if (is_write && !waiting_for_.empty() && now_ms < end)
    return wait{end};
  if (is_write && in_doubt())
    return give_up{{errc::commit_unknown,
                    "the shard was deleted meanwhile; the write may have taken effect before"}};
  return give_up{{errc::stale_route, "the shard was deleted meanwhile"}};
}

/// When to give up, as it looks now.
std::uint64_t route::end_ms(std::uint64_t now_ms) {
  if (hears_majority_ || goal_ == route_goal::nearest_read) {
    isolated_since_ms_.reset();
    return deadline_ms_;
  }
  if (!isolated_since_ms_)
    isolated_since_ms_ = now_ms;
  return std::min(deadline_ms_, *isolated_since_ms_ + options_.isolated_ms_max);
}

route::step route::next(std::uint64_t now_ms) {
  if (final_)
    return give_up{*final_};
  if (gone_since_ms_)
    return step_when_gone(now_ms);
  const auto end = end_ms(now_ms);
  if (now_ms >= end)
    return give_up{outcome_now()};
  if (now_ms >= options_.attempts_end_ms)
    return waiting_for_.empty() ? step{give_up{outcome_now()}} : wait{end};
  if (now_ms < pause_until_ms_)
    return wait{std::min(pause_until_ms_, end)};
  if (waiting_for_.size() >= options_.at_once_max)
    return wait{end};
  if (!waiting_for_.empty() && now_ms < again_at_ms_)
    return wait{std::min(again_at_ms_, end)};
  if (const auto to = choose()) {
    const auto again = in_doubt();
    hedged_ = hedged_ || !waiting_for_.empty();
    asked_.push_back(*to);
    this_round_.insert(*to);
    waiting_for_.insert(*to);
    again_at_ms_ = now_ms + options_.again_after_ms;
    if (again)
      asked_again_.insert(*to);
    else
      asked_again_.erase(*to);
    return send{*to, again};
  }
  // All were asked in vain: a new leader may need a moment.
  begin_round();
  if (!waiting_for_.empty()) { // Or none is needed, and the leader is slow.
    again_after_ms_ = std::min(2 * again_after_ms_, options_.again_after_ms_max);
    again_at_ms_ = now_ms + again_after_ms_;
    return wait{std::min(again_at_ms_, end)};
  }
  pause_until_ms_ = now_ms + pause_ms_;
  pause_ms_ = std::min(2 * pause_ms_, options_.pause_ms_max);
  return wait{std::min(pause_until_ms_, end)};
}

void route::failed(node_number by, status why, std::optional<node_number> leader,
                   std::uint64_t now_ms) {
  if (waiting_for_.erase(by) == 0)
    return; // An answer that comes twice.
  if (by == asked_.back())
    again_at_ms_ = now_ms; // Another one in its place, whoever else is silent.
  follow(leader, by, now_ms);
  if (goal_ == route_goal::single_write)
    refused_single(why);
  else if (goal_ == route_goal::write)
    refused_write(by, why);
  else if (!may_do_better_elsewhere(why.code, goal_))
    final_ = why;
  last_refusal_ = std::move(why);
}

/// As long as nobody knows whether it took effect, whatever may pass is no end. `stale_route` to an
/// attempt in doubt says that no attempt took effect, to any other that this one did not.
void route::refused_write(node_number by, const status& why) {
  if (why.code == errc::stale_route && (asked_again_.contains(by) || !in_doubt())) {
    final_ = why;
    return;
  }
  if (why.code == errc::stale_route)
    return;
  maybe_applied_ = maybe_applied_ || !surely_did_nothing(why.code);
  const bool may_pass = why.code == errc::overloaded || why.code == errc::no_space;
  if (!in_doubt() && (may_pass || !may_do_better_elsewhere(why.code, goal_)))
    final_ = why;
  else if (!may_pass && !may_do_better_elsewhere(why.code, goal_))
    final_ = unknown();
}

/// Nobody else has it, so what this one says is true.
void route::refused_single(const status& why) {
  if (why.code == errc::unavailable)
    return;
  if (surely_did_nothing(why.code) || why.code == errc::commit_unknown)
    final_ = why;
  else
    final_ = {errc::commit_unknown, to_string(why) + "; the write may have taken effect"};
}

/// Whoever leads now was asked before it did, if at all. Two that take each other for the leader
/// are followed once, then it is time for a pause.
void route::follow(std::optional<node_number> leader, node_number by, std::uint64_t now_ms) {
  if (leader_ == by)
    leader_.reset();
  if (!leader || leader == by || !followed_.insert(*leader).second)
    return;
  leader_ = leader;
  this_round_.erase(*leader);
  pause_until_ms_ = now_ms;
}

bool route::any_healthy() const {
  return std::any_of(targets_.begin(), targets_.end(), [](const auto& t) { return t.healthy; });
}

bool route::is_worth_asking(const route_target& target) const {
  if (this_round_.contains(target.node) || waiting_for_.contains(target.node))
    return false;
  return target.healthy || goal_ != route_goal::single_write || !any_healthy();
}

std::optional<node_number> route::choose() const {
  const auto can_lead = [this](const route_target& target) {
    return target.node == leader_ && is_worth_asking(target)
           && (target.healthy || !any_healthy());
  };
  if (goal_ != route_goal::nearest_read
      && std::any_of(targets_.begin(), targets_.end(), can_lead))
    return leader_;
  for (const auto& target : targets_)
    if (is_worth_asking(target))
      return target.node;
  return {};
}

status route::outcome_now() const {
  if (goal_ == route_goal::write || goal_ == route_goal::single_write) {
    if (in_doubt())
      return unknown();
    if (!last_refusal_.ok())
      return last_refusal_;
    return {errc::unavailable, "the shard has no replica that could take the write"};
  }
  if (!last_refusal_.ok() && waiting_for_.empty())
    return last_refusal_;
  if (isolated_since_ms_)
    return {errc::unavailable, "this node does not hear a majority of the shard's replicas"};
  return {errc::timed_out, "no replica of the shard has answered in time"};
}

bool hears_majority(const cluster::shard_replicas& shard, node_number self,
                    const std::function<route_peer(node_number)>& peer) {
  std::size_t voters = 0;
  std::size_t heard = 0;
  for (const auto& replica : shard.replicas)
    if (replica.role != cluster::replica_role::learner) {
      ++voters;
      heard += replica.node == self || peer(replica.node).healthy ? 1 : 0;
    }
  return 2 * heard > voters;
}

std::vector<route_target> targets_of(const cluster::shard_replicas& shard, node_number self,
                                     const std::function<route_peer(node_number)>& peer) {
  std::vector<route_target> targets;
  for (const auto& replica : shard.replicas) {
    if (replica.role != cluster::replica_role::voter)
      continue;
    if (replica.node == self) {
      targets.push_back({self, true, 0});
      continue;
    }
    const auto way = peer(replica.node);
    targets.push_back({replica.node, way.healthy, way.rtt_us > 0 ? way.rtt_us : unknown_rtt_us});
  }
  return targets;
}

status with_attempts(status why, std::string_view shard, std::span<const node_number> asked,
                     const std::function<std::string(node_number)>& name_of) {
  if (!may_do_better_elsewhere(why.code, route_goal::read))
    return why;
  std::vector<std::pair<node_number, std::size_t>> times;
  for (const auto node : asked) {
    const auto at = std::find_if(times.begin(), times.end(),
                                 [node](const auto& one) { return one.first == node; });
    if (at == times.end())
      times.emplace_back(node, 1);
    else
      ++at->second;
  }
  std::string list;
  for (const auto& [node, count] : times) {
    list += (list.empty() ? "" : ", ") + name_of(node);
    if (count > 1)
      list += " " + std::to_string(count) + " times";
  }
  why.detail = "shard " + std::string{shard} + ": " + why.detail
               + (list.empty() ? " (nobody could be asked)" : " (asked " + list + ")");
  return why;
}

} // namespace grape::query
