#include "actors/raft_group_state.hpp"
#include "actors/shard_place.hpp"

namespace grape::actors {

namespace {

/// What a replica that never ran finds in its log.
bool is_new(const storage::ordered_log& log, group_id group) {
  return !log.base(group) && log.range(group).empty()
         && log.hard_state(group) == raft::hard_state{};
}

raft::options options_of(const house& home, const group_place& place) {
  const auto& settings = home.config.raft;
  raft::options how;
  how.self = place.self;
  how.seed = home.host.drawn ^ (std::uint64_t{place.group.value} << 20);
  how.election_ticks = settings.election_ticks;
  how.heartbeat_ticks = settings.heartbeat_ticks;
  how.inflight_bytes_max = 8u << 20;
  how.uncommitted_bytes_max = 64u << 20;
  how.message_entries_max = place.batch_size;
  how.hibernate_after_ticks = 2 * settings.election_ticks;
  return how;
}

} // namespace

caf::result<group_hosted> raft_group_state::host(const host_group& asked) {
  host_of = caf::actor_cast<group_host_actor>(self->current_sender());
  place = asked.place;
  if (!failed.ok())
    return to_error(failed);
  if (peer) {
    tell_standing();
    return group_hosted{};
  }
  const bool is_beginning = !hosting.empty(); // The host and we saw each other at a time.
  const auto promise = hosting.emplace_back(self, fell());
  if (!is_beginning)
    read_log(asked.applied);
  return promise;
}

/// Behind everything that a predecessor may have left with the LOG_WRITER.
void raft_group_state::read_log(log_index host_applied) {
  const auto writer = home->board.get<log_writer_actor>(role::log_writer);
  self->request(writer, disk_timeout, log_range_request{group})
      .then(
          [this, host_applied](storage::log_range) {
            all = home->log.get();
            if (!is_new(*all, group))
              return begin(host_applied, false);
            if (place->first_members)
              return found(host_applied);
            begin(host_applied, true);
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

/// The group begins: its first entry stands for its first members.
void raft_group_state::found(log_index host_applied) {
  storage::group_write first;
  first.group = group;
  first.what.state = {term{1}, {}, first_entry};
  first.what.snapshot = raft::snapshot_mark{first_entry, term{1}, *place->first_members};
  self->request(home->board.get<log_writer_actor>(role::log_writer), disk_timeout,
                log_write{{std::move(first)}})
      .then(
          [this, host_applied](done) {
            first_try = {*place->first_members, place->self, home->config.raft.election_ticks};
            begin(host_applied, true);
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void raft_group_state::begin(log_index host_applied, bool fresh) {
  log.emplace(*all, group, [self = self](const status& why) { self->quit(to_error(why)); });
  const auto& mark = log->snapshot();
  if (waits_for_staged(host_applied))
    return reopen_family();
  auto applied_through = host_applied;
  if (host_applied == log_index{} && mark.index == first_entry) {
    applied_through = first_entry;
    fed.push_back({first_entry, mark.term, raft::entry_kind::normal, nullptr});
  }
  if (applied_through < mark.index || applied_through > log->last())
    return out_of_service(
        {errc::corrupted, "the log holds entries " + std::to_string(mark.index.value + 1) + " to "
                              + std::to_string(log->last().value) + ", the store ends at entry "
                              + std::to_string(host_applied.value)});
  history.emplace(mark.index, mark.members);
  if (!replay_members(applied_through))
    return;
  const raft::boot from{all->hard_state(group), applied_through, history->newest(), fresh};
  peer.emplace(options_of(*home, *place), from, *log);
  next_context = home->host.drawn * 0x9e3779b97f4a7c15u + (std::uint64_t{group.value} << 40)
                 + home->restarts * (std::uint64_t{1} << 32);
  age.applied(applied_through);
  home->awake.add(group);
  for (const auto& asker : std::exchange(hosting, {}))
    asker.deliver(group_hosted{});
  if (!fed.empty())
    self->send(host_of, entries_committed{{fed.begin(), fed.end()}});
  tell_standing();
  perform_soon();
}

/// The changes of members that the host has applied already, from the log.
bool raft_group_state::replay_members(log_index through) {
  auto next = log->snapshot().index.next();
  while (next <= through) {
    const auto entries = log->entries(next, through, feed_bytes_max);
    if (entries.empty())
      return false; // The log has said why.
    for (const auto& entry : entries)
      if (auto taken = history->applied(entry); !taken.ok()) {
        out_of_service(taken);
        return false;
      }
    next = entries.back().index.next();
  }
  return true;
}

/// What the log has beyond what the state has durably: a change of members there would take effect.
bool raft_group_state::changes_members_after(log_index index) const {
  for (auto next = index.next(); next <= log->last();) {
    const auto entries = log->entries(next, log->last(), feed_bytes_max);
    for (const auto& entry : entries)
      if (entry.kind != raft::entry_kind::normal)
        return true;
    if (entries.empty())
      return true; // The log has said why.
    next = entries.back().index.next();
  }
  return false;
}

/// Everything that is in the log is kept, as if it had been committed: some of it was.
caf::result<log_index> raft_group_state::go_on_alone() {
  if (!peer || !failed.ok())
    return to_error(failed.ok() ? not_leading() : failed);
  if (peer->members().voters == raft::replica_set{place->self} && !peer->members().joint())
    return log->last(); // It does already.
  if (leads())
    return to_error({errc::unavailable, "group " + place->name
                                            + " is led here, and had a majority just now"});
  const auto from = std::max(applied_durable, log->snapshot().index);
  const auto term = log->term_at(from);
  if (!term || changes_members_after(from))
    return to_error({errc::unavailable, "the members of group " + place->name
                                            + " may be changing: try again in half a minute"});
  storage::log_base to;
  to.mark = {from, *term, {}};
  to.mark.members.voters.push_back(place->self);
  const owed<log_index> promise{self, fell()};
  self->request(home->board.get<log_writer_actor>(role::log_writer), disk_timeout,
                log_compact{group, std::move(to)})
      .then(
          [this, promise, last = log->last()](done) {
            home->notes.add("group " + place->name + " goes on with this node alone, from entry "
                            + std::to_string(last.value));
            promise.deliver(last);
            self->quit(to_error({errc::unavailable, "it goes on alone"}));
          },
          [promise](const caf::error& why) { promise.refuse(to_status(why)); });
  return promise;
}

void raft_group_state::out_of_service(const status& why) {
  failed = why;
  home->notes.add("group " + place->name + " is out of service: " + why.detail);
  for (const auto& asker : std::exchange(hosting, {}))
    asker.refuse(why);
}

} // namespace grape::actors
