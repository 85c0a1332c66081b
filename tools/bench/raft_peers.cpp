#include "tools/bench/raft_peers.hpp"

#include "core/check.hpp"

#include <utility>

namespace grape::bench {

namespace {

/// So many applied entries stay in a log; twice as many make it shorter.
constexpr std::uint64_t tail_entries = 10'000;

} // namespace

log_index memory_log::last() const {
  return log_index{mark_.index.value + entries_.size()};
}

const raft::entry& memory_log::at(log_index index) const {
  return entries_[static_cast<std::size_t>(index.value - mark_.index.value - 1)];
}

std::optional<term> memory_log::term_at(log_index index) const {
  if (index == mark_.index)
    return mark_.term;
  if (index < mark_.index || index > last())
    return std::nullopt;
  return at(index).term;
}

std::vector<raft::entry> memory_log::entries(log_index first, log_index last,
                                             std::size_t bytes_max) const {
  std::vector<raft::entry> found;
  std::size_t bytes = 0;
  for (auto index = first; index <= last; index = index.next()) {
    bytes += at(index).bytes();
    if (!found.empty() && bytes > bytes_max)
      break;
    found.push_back(at(index));
  }
  return found;
}

void memory_log::write(const raft::write& what) {
  GRAPE_CHECK(!what.snapshot); // Nobody falls behind here.
  if (what.entries.empty())
    return;
  entries_.resize(static_cast<std::size_t>(what.entries[0].index.value - mark_.index.value - 1));
  entries_.insert(entries_.end(), what.entries.begin(), what.entries.end());
}

void memory_log::compact(log_index through) {
  mark_.term = at(through).term;
  const auto gone = static_cast<std::ptrdiff_t>(through.value - mark_.index.value);
  entries_.erase(entries_.begin(), entries_.begin() + gone);
  mark_.index = through;
}

three_peers::three_peers(std::uint64_t seed, std::uint32_t hibernate_after_ticks) {
  raft::boot from;
  for (std::uint64_t which = 1; which <= peers_.size(); ++which)
    from.members.voters.emplace_back(which);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    raft::options how;
    how.self = replica_id{i + 1};
    how.seed = seed * peers_.size() + i;
    how.hibernate_after_ticks = hibernate_after_ticks;
    peers_[i].emplace(how, from, logs_[i]);
  }
}

void three_peers::elect() {
  leader().campaign();
  settle();
  GRAPE_CHECK(leader().standing().role == raft::role::leader);
}

void three_peers::send(std::vector<raft::message>& messages) {
  messages_ += messages.size();
  for (auto& each : messages)
    wire_.push_back(std::move(each));
}

bool three_peers::work(std::size_t which) {
  auto& peer = *peers_[which];
  if (!peer.has_output())
    return false;
  auto out = peer.take_output();
  send(out.messages);
  if (out.to_write) {
    logs_[which].write(*out.to_write);
    auto released = peer.persisted(out.to_write->token);
    send(released);
  }
  for (auto next = peer.next_to_apply(1u << 20); !next.empty(); next = peer.next_to_apply(1u << 20))
    peer.applied(next.back().index);
  const auto applied = peer.applied();
  const auto first = logs_[which].snapshot().index;
  if (applied.value > first.value + 2 * tail_entries) {
    const log_index through{applied.value - tail_entries};
    logs_[which].compact(through);
    peer.compacted(through);
  }
  return true;
}

void three_peers::settle() {
  for (auto moved = true; moved;) {
    moved = false;
    for (std::size_t i = 0; i < peers_.size(); ++i)
      moved = work(i) || moved;
    for (auto& each : std::exchange(wire_, {})) {
      const auto to = static_cast<std::size_t>(each.to.value - 1);
      peers_[to]->step(std::move(each));
      moved = true;
    }
  }
}

void three_peers::tick() {
  auto moved = false;
  for (auto& peer : peers_)
    if (!peer->asleep()) {
      peer->tick();
      moved = true;
    }
  if (moved)
    settle();
}

} // namespace grape::bench
