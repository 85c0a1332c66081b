// Snapshots: SNAPSHOTS carries the states; what the peers say about them goes through here.

#include "actors/raft_group_state.hpp"
#include "actors/shard_place.hpp"
#include "core/raft/codec.hpp"

namespace grape::actors {

void raft_group_state::want_snapshot(const raft::message& one) {
  const auto node = node_of(one.to);
  if (node && raft::contains(peer->members().witnesses, one.to)) {
    // It keeps no points: the mark is all it needs.
    if (const auto link = home->board.get<peer_link_actor>(role::link(*node)))
      self->send(link,
                 link_post{link::lane::normal, link::addressee::raft, group, raft::encode(one)});
    return peer->report_snapshot(one.to, true);
  }
  if (const auto meta = home->board.get<meta_actor>(role::meta);
      group == cluster::metadata_group && node && meta)
    return self->send(meta, snapshot_wanted{group, one.to, *node}); // It tells, or begins anew.
  streamer = home->board.get<snapshots_actor>(role::snapshot);
  if (!node || !streamer)
    return peer->report_snapshot(one.to, false);
  streamed_to.insert(one.to);
  self->send(streamer, snapshot_wanted{group, one.to, *node});
}

void raft_group_state::sent_snapshot(const snapshot_sent& told) {
  streamed_to.erase(told.to);
  if (!peer)
    return;
  peer->report_snapshot(told.to, told.arrived);
  perform_soon();
}

/// A renewed SNAPSHOTS knows nothing of what its predecessor was asked.
void raft_group_state::look_for_streams() {
  if (streamed_to.empty() || home->board.get<snapshots_actor>(role::snapshot) == streamer)
    return;
  for (const auto to : std::exchange(streamed_to, {}))
    peer->report_snapshot(to, false);
}

/// A newer state than the peer had in mind when it asked: with the members and the term of that.
caf::result<snapshot_message>
raft_group_state::draft_snapshot(const snapshot_message_request& asked) {
  if (!leads())
    return to_error(not_leading(), home->leaders.of(group));
  const auto term = log->term_at(asked.index);
  if (asked.index > peer->applied() || asked.index < log->snapshot().index || !term)
    return to_error({errc::unavailable, "what " + place->name + " has applied is not known yet"});
  raft::message made;
  made.kind = raft::message_kind::snapshot;
  made.from = place->self;
  made.to = asked.to;
  made.term = peer->standing().term;
  made.index = asked.index;
  made.log_term = *term;
  made.snapshot = std::make_shared<const raft::snapshot_mark>(
      raft::snapshot_mark{asked.index, *term, history->at(asked.index)});
  return snapshot_message{std::move(made)};
}

/// The peer says in its next output whether it switches to what is staged.
caf::result<done> raft_group_state::install(const snapshot_staged& asked) {
  if (!peer)
    return to_error(not_leading());
  if (staged || !asked.what.snapshot)
    return to_error({errc::overloaded, "another snapshot is being installed"});
  staged.emplace(
      staged_state{asked.what.snapshot->index, asked.folder, false, {self, fell_writing()}});
  const auto promise = staged->promise;
  peer->step(asked.what);
  perform_soon();
  return promise;
}

void raft_group_state::note_staged(storage::group_write& next) {
  if (!staged || staged->is_written || !next.what.snapshot
      || next.what.snapshot->index != staged->index)
    return;
  next.staged = staged->folder;
  staged->is_written = true;
}

void raft_group_state::refuse_staged() {
  if (!staged || staged->is_written)
    return;
  staged->promise.refuse(status{errc::stale_route, "the replica needs no such snapshot any more"});
  staged.reset();
}

/// The log says that a staged state takes the place of the host's: STORAGE settles that when it
/// opens anew, and everybody who leans on it begins anew, with this actor.
void raft_group_state::reopen_family() {
  if (const auto done_now = std::exchange(staged, {}))
    done_now->promise.deliver(done{});
  peer.reset();
  home->awake.remove(group);
  home->notes.add("group " + place->name + " got a snapshot through entry "
                  + std::to_string(log->snapshot().index.value));
  for (const auto& asker : std::exchange(hosting, {})) // META settles it itself.
    asker.refuse(status{errc::stale_route, "a snapshot takes its place"});
  if (const auto storage = home->board.get<storage_actor>(role::storage(group)))
    self->send(storage, machine_failed{{errc::unavailable, "a snapshot takes its place"}});
}

/// A predecessor fell between the write and what has to follow it. Otherwise what is settled needs
/// no name in the log.
bool raft_group_state::waits_for_staged(log_index host_applied) {
  const auto base = all->base(group);
  if (!base || base->staged.empty())
    return false;
  if (host_applied < base->mark.index)
    return true;
  self->request(home->board.get<log_writer_actor>(role::log_writer), disk_timeout,
                log_compact{group, {base->mark, {}}})
      .then([](done) {}, [](const caf::error&) {}); // Without room: the next compaction does it.
  return false;
}

} // namespace grape::actors
