#include "core/raft/freshness.hpp"

#include "core/raft/quorum.hpp"

#include <algorithm>

namespace grape::raft {

namespace {

constexpr std::size_t behind_max = 64;

} // namespace

commit_news news_of(const message& what) {
  const bool says = what.kind == message_kind::append || what.kind == message_kind::heartbeat;
  return {what.from, what.term, says ? what.hint : log_index{}};
}

void freshness::heard(const commit_news& what, const leadership& is, std::uint64_t now_ms) {
  if (is.term != term_) {
    term_ = is.term;
    heard_ms_.clear();
  }
  if (what.term != term_)
    return;
  heard_ms_[what.from] = now_ms;
  if (is.role == role::follower && what.from == is.leader && what.commit != log_index{})
    told(what.commit, now_ms);
}

// A majority that speaks in its term follows it: when they did, nobody else committed anything.
void freshness::leads(const configuration& members, replica_id self, log_index certain,
                      std::uint64_t now_ms) {
  const auto heard = [&](replica_id which) {
    if (which == self)
      return log_index{now_ms};
    const auto at = heard_ms_.find(which);
    return log_index{at == heard_ms_.end() ? 0 : at->second};
  };
  if (const auto when_ms = committed(members, heard).value_or(log_index{}).value;
      when_ms > 0 && certain != log_index{})
    told(certain, when_ms);
}

void freshness::applied(log_index through) {
  applied_ = std::max(applied_, through);
  for (; !behind_.empty() && behind_.front().first <= applied_; behind_.pop_front())
    known_ms_ = std::max(known_ms_.value_or(0), behind_.front().second);
}

void freshness::told(log_index commit, std::uint64_t when_ms) {
  if (commit <= applied_) {
    known_ms_ = std::max(known_ms_.value_or(0), when_ms);
    return;
  }
  if (!behind_.empty() && (behind_.back().first >= commit || behind_.size() >= behind_max)) {
    // What needs more is true of it as well; only the moments between are lost.
    auto& [through, ms] = behind_.back();
    through = std::max(through, commit);
    ms = std::max(ms, when_ms);
    return;
  }
  behind_.emplace_back(commit, when_ms);
}

std::optional<std::uint64_t> staleness_ms(const fresh_mark& of,
                                          std::optional<std::uint64_t> others_heard_ms,
                                          std::uint64_t now_ms) {
  if (of.alone)
    return 0;
  auto known_ms = of.known_ms;
  if (known_ms && of.asleep && others_heard_ms)
    known_ms = std::max(*known_ms, *others_heard_ms);
  if (!known_ms)
    return std::nullopt;
  return now_ms - std::min(now_ms, *known_ms);
}

} // namespace grape::raft
