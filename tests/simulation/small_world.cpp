#include "tests/simulation/small_world.hpp"

#include "core/check.hpp"
#include "tests/simulation/chain.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/trace.hpp"
#include "tests/simulation/violation.hpp"

#include <algorithm>

namespace grape::simulation {

namespace {

constexpr log_index first_index{1};

raft::options options_of(std::uint64_t id) {
  raft::options how;
  how.self = replica_id{id};
  how.prevote = false; // A campaign asks for votes at once: fewer steps, the same dangers.
  how.check_quorum = false;
  how.fixed_timeout = 1'000'000;
  return how;
}

std::uint64_t hash_of(const raft::message& what) {
  auto hash = mixed(static_cast<std::uint64_t>(what.kind), what.from.value << 32 | what.to.value);
  for (const auto value : {what.term.value, what.index.value, what.log_term.value,
                           what.commit.value, what.hint.value, what.hint_term.value, what.context})
    hash = mixed(hash, value);
  hash = mixed(hash, what.reject ? 1 : 0);
  for (const auto& each : what.entries)
    hash = mixed(hash, mixed(each.index.value, content_hash(each)));
  return hash;
}

std::string name(std::uint32_t node) {
  return "replica " + std::to_string(node + 1);
}

} // namespace

std::optional<grape::term> switched_log::term_at(log_index index) const {
  if (index == shown_->mark.index)
    return shown_->mark.term;
  if (index < shown_->mark.index || index > last())
    return {};
  return shown_->entries[index.value - shown_->mark.index.value - 1].term;
}

std::vector<raft::entry> switched_log::entries(log_index first, log_index last,
                                               std::size_t bytes_max) const {
  std::vector<raft::entry> found;
  std::size_t bytes = 0;
  for (auto i = first; i <= last; i = i.next()) {
    found.push_back(shown_->entries[i.value - shown_->mark.index.value - 1]);
    bytes += found.back().bytes();
    if (bytes > bytes_max && found.size() > 1) {
      found.pop_back();
      break;
    }
  }
  return found;
}

small_world::small_world(const bounds& may, ports& through)
  : left_(may)
  , ports_(&through) {
  small_log log;
  log.mark = {first_index, grape::term{1}, {}};
  for (std::uint64_t each = 1; each <= may.nodes; ++each)
    log.mark.members.voters.push_back(replica_id{each});
  log.state = {grape::term{1}, {}, first_index};
  through.clear();
  places_.reserve(may.nodes);
  for (std::uint32_t i = 0; i < may.nodes; ++i) {
    through.push_back(std::make_unique<switched_log>());
    through[i]->show(log);
    places_.push_back(
        {raft::peer{options_of(i + 1), {log.state, first_index, log.mark.members}, *through[i]},
         log,
         first_index,
         {}});
  }
}

void small_world::show_logs() const {
  for (std::size_t i = 0; i < places_.size(); ++i)
    (*ports_)[i]->show(places_[i].log);
}

std::vector<small_step> small_world::steps() const {
  std::vector<small_step> found;
  using enum small_step::kind;
  for (std::uint32_t i = 0; i < wire_.size(); ++i) {
    const auto earlier = std::find_if(wire_.begin(), wire_.begin() + i, [&](const auto& each) {
      return each.first == wire_[i].first;
    });
    if (earlier == wire_.begin() + i)
      found.push_back({deliver, i});
  }
  for (std::uint32_t i = 0; i < places_.size(); ++i) {
    const auto role = places_[i].peer.standing().role;
    if (!places_[i].queue.empty())
      found.push_back({persist, i});
    if (left_.campaigns > 0 && role != raft::role::leader)
      found.push_back({campaign, i});
    if (left_.proposals > 0 && role == raft::role::leader)
      found.push_back({propose, i});
    if (left_.crashes == 0)
      continue;
    found.push_back({crash_lose, i});
    if (!places_[i].queue.empty())
      found.push_back({crash_keep, i});
  }
  return found;
}

void small_world::take(const small_step& next) {
  show_logs();
  auto at = next.which;
  switch (next.what) {
    case small_step::kind::deliver: {
      auto what = std::move(wire_[next.which].second);
      wire_.erase(wire_.begin() + next.which);
      at = static_cast<std::uint32_t>(what.to.value - 1);
      places_[at].peer.step(std::move(what));
      break;
    }
    case small_step::kind::persist: persist(at); break;
    case small_step::kind::campaign:
      --left_.campaigns;
      places_[at].peer.campaign();
      break;
    case small_step::kind::propose: {
      const auto says = "p" + std::to_string(left_.proposals--);
      static_cast<void>(places_[at].peer.propose(std::make_shared<const std::string>(says)));
      break;
    }
    case small_step::kind::crash_lose: crash(at, false); break;
    case small_step::kind::crash_keep: crash(at, true); break;
  }
  settle(at);
  look(at);
}

void small_world::settle(std::uint32_t number) {
  auto& at = places_[number];
  do {
    while (at.peer.has_output()) {
      auto out = at.peer.take_output();
      for (auto& each : out.messages)
        send(at, std::move(each));
      if (out.to_write)
        at.queue.push_back(std::move(*out.to_write));
    }
    apply(at);
  } while (at.peer.has_output());
}

void small_world::apply(place& at) {
  const auto next = at.peer.next_to_apply(~std::size_t{0});
  if (next.empty())
    return;
  at.applied = next.back().index;
  at.peer.applied(at.applied);
}

void small_world::send(const place& from, raft::message what) {
  const auto& kept = from.log.state;
  const auto grants = what.kind == raft::message_kind::vote_response && !what.reject;
  if (grants && (kept.term < what.term || (kept.term == what.term && kept.vote != what.to)))
    throw violation("vote_is_durable", name(static_cast<std::uint32_t>(what.from.value - 1)));
  const auto acks = what.kind == raft::message_kind::append_response && !what.reject;
  if (acks && what.index > from.log.last())
    throw violation("ack_is_durable", name(static_cast<std::uint32_t>(what.from.value - 1)));
  const auto hash = hash_of(what);
  wire_.emplace_back(hash, std::move(what));
}

void small_world::persist(std::uint32_t number) {
  auto& at = places_[number];
  const auto done = std::move(at.queue.front());
  at.queue.erase(at.queue.begin());
  GRAPE_CHECK(!done.snapshot); // Nothing is compacted here.
  at.log.state = done.state;
  for (const auto& each : done.entries) {
    at.log.entries.resize(each.index.value - at.log.mark.index.value - 1);
    at.log.entries.push_back(each);
  }
  for (auto& each : at.peer.persisted(done.token))
    send(at, std::move(each));
}

void small_world::crash(std::uint32_t number, bool keeps) {
  auto& at = places_[number];
  --left_.crashes;
  while (keeps && !at.queue.empty())
    persist(number);
  at.queue.clear();
  at.peer = raft::peer{
      options_of(number + 1), {at.log.state, at.applied, at.log.mark.members}, *(*ports_)[number]};
}

bool small_world::on_disk(const place& at, log_index index) const {
  const auto& known = committed_[index.value - first_index.value - 1];
  return index <= at.log.last()
         && content_hash(at.log.entries[index.value - first_index.value - 1]) == known.content;
}

void small_world::look(std::uint32_t number) {
  const auto& at = places_[number];
  const auto now = at.peer.standing();
  if (now.role == raft::role::leader) {
    const auto known = std::find_if(leaders_.begin(), leaders_.end(),
                                    [&](const auto& each) { return each.first == now.term; });
    if (known == leaders_.end()) {
      leaders_.emplace_back(now.term, number);
      std::sort(leaders_.begin(), leaders_.end());
      const auto log = at.peer.log_entries(first_index.next(), at.peer.status().last);
      for (std::size_t i = 0; i < committed_.size(); ++i)
        if (committed_[i].committed_in < now.term
            && (i >= log.size() || content_hash(log[i]) != committed_[i].content))
          throw violation("leader_completeness", name(number));
    } else if (known->second != number) {
      throw violation("election_safety", name(number));
    }
  }
  look_at_commit(at);
  look_at_logs(number);
}

void small_world::look_at_commit(const place& at) {
  const auto log = at.peer.log_entries(first_index.next(), at.peer.commit());
  const auto now = at.peer.standing();
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto content = content_hash(log[i]);
    if (i == committed_.size()) {
      committed_.push_back({log[i].term, content, now.term});
      const auto index = log[i].index;
      const auto have = std::count_if(places_.begin(), places_.end(),
                                      [&](const auto& each) { return on_disk(each, index); });
      if (static_cast<std::size_t>(have) <= places_.size() / 2)
        throw violation("commit_is_durable", "index " + std::to_string(index.value));
    } else if (committed_[i].content != content) {
      throw violation("committed_prefixes_equal", "index " + std::to_string(log[i].index.value));
    }
  }
}

void small_world::look_at_logs(std::uint32_t number) const {
  const auto last = places_[number].peer.status().last;
  const auto mine = places_[number].peer.log_entries(first_index.next(), last);
  for (std::uint32_t other = 0; other < places_.size(); ++other) {
    const auto end = places_[other].peer.status().last;
    const auto theirs = places_[other].peer.log_entries(first_index.next(), end);
    auto same = std::min(mine.size(), theirs.size());
    while (same > 0 && mine[same - 1].term != theirs[same - 1].term)
      --same;
    for (std::size_t i = 0; i < same; ++i)
      if (content_hash(mine[i]) != content_hash(theirs[i]))
        throw violation("log_matching", name(number) + " and " + name(other));
  }
}

std::uint64_t small_world::fingerprint() const {
  show_logs();
  auto hash = mixed(left_.campaigns << 16 | left_.crashes, left_.proposals);
  for (const auto& each : places_) {
    hash = mixed(hash, each.peer.fingerprint());
    hash = mixed(hash, each.log.state.term.value << 32 | each.log.state.vote.value << 16
                           | each.log.state.commit.value);
    hash = mixed(hash, each.applied.value << 32 | each.queue.size());
    for (const auto& one : each.log.entries)
      hash = mixed(hash, content_hash(one));
    for (const auto& one : each.queue)
      for (const auto& held : one.entries)
        hash = mixed(hash, content_hash(held) ^ one.state.term.value << 48);
  }
  std::uint64_t wire = 0; // The order on the wire means nothing.
  for (const auto& each : wire_)
    wire += mixed(each.first, 1);
  hash = mixed(hash, wire);
  for (const auto& each : committed_)
    hash = mixed(hash, each.content ^ each.committed_in.value);
  for (const auto& each : leaders_)
    hash = mixed(hash, each.first.value << 8 | each.second);
  return hash;
}

std::string small_world::describe(const small_step& next) const {
  switch (next.what) {
    case small_step::kind::deliver: {
      const auto& what = wire_[next.which].second;
      return "deliver " + std::string{to_string(what.kind)} + " of "
             + name(static_cast<std::uint32_t>(what.from.value - 1)) + " to "
             + name(static_cast<std::uint32_t>(what.to.value - 1));
    }
    case small_step::kind::persist: return "persist at " + name(next.which);
    case small_step::kind::campaign: return name(next.which) + " campaigns";
    case small_step::kind::propose: return "propose at " + name(next.which);
    case small_step::kind::crash_lose: return name(next.which) + " crashes, un-synced is lost";
    case small_step::kind::crash_keep: return name(next.which) + " crashes, un-synced is kept";
  }
  return "?";
}

} // namespace grape::simulation
