#include "actors/leader_known.hpp"
#include "actors/raft_group_state.hpp"
#include "actors/shard_place.hpp"
#include "core/link/raft_lane.hpp"
#include "core/raft/codec.hpp"
#include "core/raft/compaction.hpp"

namespace grape::actors {

raft_series::raft_series(metrics::registry& in)
  : commit_s(in.histogram_of("grape_raft_commit_seconds",
                             "From a proposal to its commit, where this node leads; samples",
                             {.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 5}))
  , leaderless_s(in.histogram_of("grape_raft_leaderless_seconds",
                                 "Times in which a replica here knew no leader of its group",
                                 {.05, .1, .2, .3, .5, .75, 1, 1.5, 2, 3, 5, 10, 30}))
  , appends(in.counter_of("grape_raft_appends_total", "Messages with log entries to followers"))
  , entries(in.counter_of("grape_raft_appended_entries_total",
                          "Log entries in messages to followers")) {}

void raft_group_state::perform_soon() {
  if (!std::exchange(performing, true))
    self->send(self, perform_now{});
}

/// The one order: messages that wait for nothing, then the disk, then reads; what waited for the
/// disk leaves in `written`, and what is committed goes to the host.
void raft_group_state::perform() {
  if (!peer)
    return;
  while (peer->has_output()) {
    peer->take_output(out);
    for (const auto& one : out.messages)
      send(one);
    if (out.to_write) {
      storage::group_write next;
      next.group = group;
      next.what = std::move(*out.to_write);
      note_staged(next);
      to_write.push_back(std::move(next));
    }
    answer_reads();
    if (out.changed)
      tell_standing();
  }
  if (const auto took_us = times.committed(peer->commit(), home->host.now_us()))
    counted->commit_s.observe(static_cast<double>(*took_us) / 1e6);
  refuse_staged();
  write();
  tell_log_progress();
  feed();
  show_freshness();
  if (peer->asleep())
    home->awake.remove(group);
  else
    home->awake.add(group);
}

void raft_group_state::show_freshness() {
  if (leads())
    age.leads(peer->members(), place->self, peer->certain_commit(), home->host.now_ms());
  raft::fresh_mark now;
  now.known_ms = age.known_ms();
  now.alone = peer->members().members().size() == 1;
  now.asleep = peer->asleep();
  if (now.asleep)
    for (const auto member : peer->members().members())
      if (const auto node = node_of(member); node && member != place->self)
        now.others.push_back(*node);
  if (now == shown_age)
    return;
  shown_age = now;
  home->fresh.set(group, std::move(now));
}

void raft_group_state::send(const raft::message& one) {
  if (one.kind == raft::message_kind::snapshot)
    return want_snapshot(one);
  if (one.kind == raft::message_kind::append && !one.entries.empty()) {
    counted->appends.add();
    counted->entries.add(static_cast<double>(one.entries.size()));
  }
  const auto node = node_of(one.to);
  if (const auto link =
          node ? home->board.get<peer_link_actor>(role::link(*node)) : peer_link_actor{})
    self->send(link,
               link_post{link::lane_of(one), link::addressee::raft, group, raft::encode(one)});
}

/// One request at a time is with the LOG_WRITER; what the peer hands out meanwhile goes into the
/// next.
void raft_group_state::write() {
  if (being_written > 0 || to_write.empty())
    return;
  being_written = to_write.size();
  log_write asked;
  asked.what.assign(to_write.begin(), to_write.end());
  waits.ask<done>(
      self, home->board.get<log_writer_actor>(role::log_writer), disk_timeout, std::move(asked),
      [this, count = being_written](done) { written(count); },
      [this](caf::error& why) {
        const auto told = to_write_status(why);
        if (told.code != errc::no_space)
          return self->quit(std::move(why)); // The LOG_WRITER fell, and the node with it.
        being_written = 0;
        full = told;
        step_aside();
      });
}

void raft_group_state::written(std::size_t count) {
  being_written = 0;
  full = {};
  bool switched = false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto token = to_write.front().what.token;
    switched |= !to_write.front().staged.empty();
    if (const auto& mark = to_write.front().what.snapshot; mark && !switched)
      history.emplace(mark->index, mark->members); // A witness has no state to be replaced.
    to_write.pop_front();
    for (const auto& one : peer->persisted(token))
      send(one);
  }
  if (switched)
    return reopen_family();
  perform();
}

/// What is committed is told at once, for it may be acknowledged: not only when the host has
/// applied what it got before.
void raft_group_state::feed() {
  if (fed_bytes >= (leads() ? feed_bytes_max_leading : feed_bytes_max))
    return;
  auto next = peer->next_to_apply(feed_bytes_max, fed.empty() ? log_index{} : fed.back().index);
  if (next.empty())
    return;
  for (const auto& entry : next) {
    fed_bytes += entry.bytes();
    fed.push_back(entry);
  }
  self->send(host_of, entries_committed{std::move(next)});
}

void raft_group_state::tell_standing() {
  const auto now = peer->standing();
  if (const auto took_us = times.stands(now.role == raft::role::leader,
                                        now.leader != replica_id{}, home->host.now_us()))
    counted->leaderless_s.observe(static_cast<double>(*took_us) / 1e6);
  standing_changed news;
  news.role = now.role;
  news.term = now.term;
  if (now.leader != replica_id{})
    news.leader = node_of(now.leader);
  if (now.role == raft::role::leader)
    news.last = peer->status().last;
  home->leaders.told_by_replica(group, now.term, news.leader, now.role == raft::role::leader);
  if (news.leader)
    home->board.for_each("router/", [group = group](const auto&, const auto& who) {
      caf::anon_send(caf::actor_cast<caf::actor>(who), leader_known{group});
    });
  if (const auto streams = home->board.get<snapshots_actor>(role::snapshot);
      streams && now.role != raft::role::leader)
    self->send(streams, snapshots_void{group});
  self->send(host_of, news);
}

/// Some collections acknowledge earlier, some later than a majority does.
void raft_group_state::tell_log_progress() {
  if (!leads())
    return;
  const auto lately = raft::heard_since(heard, ticks, home->config.raft.election_ticks);
  auto now = raft::standing_of_log(peer->status(), lately);
  if (now == told_log)
    return;
  told_log = now;
  self->send(host_of, log_progress{std::move(now)});
}

void raft_group_state::answer_reads() {
  for (const auto& read : out.reads)
    if (const auto at = reads.find(read.context); at != reads.end()) {
      at->second.promise.deliver(read.index);
      reads.erase(at);
    }
  for (const auto context : out.failed_reads)
    if (const auto at = reads.find(context); at != reads.end()) {
      at->second.promise.refuse(to_error(not_leading(), home->leaders.of(group)));
      reads.erase(at);
    }
}

void raft_group_state::compact() {
  if (compacting)
    return;
  const auto is = peer->status();
  const auto how = place->is_witness ? raft::witness_compaction : home->host.log_kept;
  const auto through = raft::compact_through(is, applied_durable, how);
  if (through.next() <= is.first)
    return;
  compacting = true;
  storage::log_base to;
  to.mark = {through, *log->term_at(through), history->at(through)};
  self->request(home->board.get<log_writer_actor>(role::log_writer), disk_timeout,
                log_compact{group, std::move(to)})
      .then(
          [this, through](done) {
            compacting = false;
            history->forget_below(through);
            peer->compacted(through);
            perform_soon();
          },
          [this](const caf::error&) { compacting = false; }); // Without room: later.
}

std::optional<node_number> raft_group_state::node_of(replica_id which) {
  if (which == place->self)
    if (const auto own = home->member.get())
      return own->self;
  if (const auto known = home->known.get())
    if (const auto found = known->state.groups().find(group); found != known->state.groups().end())
      if (const auto* replica = found->second.find(which))
        return replica->node;
  const auto met = nodes.find(which);
  return met == nodes.end() ? std::nullopt : std::optional{met->second};
}

status raft_group_state::not_leading() const {
  return {errc::unavailable, (place ? "shard " + place->name : "a shard") + " has no leader here"};
}

} // namespace grape::actors
