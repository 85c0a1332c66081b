#include "core/query/route.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace grape::query {

namespace {

/// Whether another replica may do better. What is wrong with the question is wrong everywhere.
bool may_do_better_elsewhere(errc why) {
  switch (why) {
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
    case errc::no_space:
    case errc::bad_config:
    case errc::wrong_version:
    case errc::cancelled: return false;
  }
  return false;
}

/// Whether a write that failed so may have taken effect all the same.
bool may_be_applied(errc why) {
  return why == errc::commit_unknown || why == errc::timed_out || why == errc::internal;
}

status unknown() {
  return {errc::commit_unknown, "no replica has confirmed the write in time; it may take effect"};
}

} // namespace

route::route(route_goal goal, std::vector<route_target> targets, std::optional<node_number> leader,
             std::uint64_t deadline_ms, const route_options& options)
  : goal_(goal)
  , targets_(std::move(targets))
  , leader_(leader)
  , deadline_ms_(deadline_ms)
  , options_(options)
  , pause_ms_(options.pause_ms) {
  GRAPE_CHECK(options.at_once_max > 0);
  std::stable_sort(targets_.begin(), targets_.end(), [](const auto& a, const auto& b) {
    return std::tuple{!a.healthy, a.rtt_us} < std::tuple{!b.healthy, b.rtt_us};
  });
}

route::step route::next(std::uint64_t now_ms) {
  if (final_)
    return give_up{*final_};
  if (now_ms >= deadline_ms_)
    return give_up{outcome_now()};
  if (now_ms < pause_until_ms_)
    return wait{std::min(pause_until_ms_, deadline_ms_)};
  const auto again_ms = last_sent_ms_ + options_.again_after_ms;
  if (!waiting_for_.empty() && (waiting_for_.size() >= options_.at_once_max || now_ms < again_ms))
    return wait{waiting_for_.size() >= options_.at_once_max ? deadline_ms_
                                                            : std::min(again_ms, deadline_ms_)};
  if (const auto to = choose()) {
    asked_.push_back(*to);
    this_round_.insert(*to);
    waiting_for_.insert(*to);
    last_sent_ms_ = now_ms;
    return send{*to};
  }
  if (!waiting_for_.empty())
    return wait{deadline_ms_};
  // All were asked in vain: a new leader may need a moment.
  this_round_.clear();
  followed_.clear();
  pause_until_ms_ = now_ms + pause_ms_;
  pause_ms_ = std::min(2 * pause_ms_, options_.pause_ms_max);
  return wait{std::min(pause_until_ms_, deadline_ms_)};
}

void route::failed(node_number by, status why, std::optional<node_number> leader,
                   std::uint64_t now_ms) {
  if (waiting_for_.erase(by) == 0)
    return; // An answer that comes twice.
  if (goal_ == route_goal::write && may_be_applied(why.code))
    maybe_applied_ = true;
  follow(leader, by, now_ms);
  if (!may_do_better_elsewhere(why.code)) {
    const auto is_unknown = goal_ == route_goal::write && (maybe_applied_ || !waiting_for_.empty());
    final_ = is_unknown ? unknown() : why;
  }
  last_refusal_ = std::move(why);
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

bool route::is_worth_asking(node_number node) const {
  return !this_round_.contains(node) && !waiting_for_.contains(node);
}

std::optional<node_number> route::choose() const {
  const auto prefers_leader = goal_ != route_goal::nearest_read;
  const auto has_leader = leader_ && std::any_of(targets_.begin(), targets_.end(), [this](auto& t) {
                            return t.node == *leader_;
                          });
  if (prefers_leader && has_leader && is_worth_asking(*leader_))
    return leader_;
  for (const auto& target : targets_)
    if (is_worth_asking(target.node))
      return target.node;
  return {};
}

status route::outcome_now() const {
  if (goal_ == route_goal::write) {
    if (maybe_applied_ || !waiting_for_.empty())
      return unknown();
    if (!last_refusal_.ok())
      return last_refusal_;
    return {errc::unavailable, "the shard has no replica that could take the write"};
  }
  if (!last_refusal_.ok() && waiting_for_.empty())
    return last_refusal_;
  return {errc::timed_out, "no replica of the shard has answered in time"};
}

} // namespace grape::query
