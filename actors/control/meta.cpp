#include "actors/control/meta.hpp"

#include "actors/control/meta_state.hpp"
#include "actors/reporting.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds founding_retry{20};

} // namespace

void meta_state::come_to_life() {
  if (home->is_clustered() && !home->member.get()) // Its cluster is not formed yet.
    return self->delayed_send(self, founding_retry, tick_now{});
  log = home->board.get<log_writer_actor>(role::log_writer);
  open_store();
}

void meta_state::replay(storage::log_range range) {
  if (range.last < now.applied) // The log lost what the store has: let it go on after it.
    self->send(log, log_release{cluster::metadata_group, now.applied});
  if (range.last <= now.applied)
    return ready();
  if (range.first > now.applied.next())
    return self->quit(to_error(
        {errc::corrupted, home->path("meta") + " ends at entry " + std::to_string(now.applied.value)
                              + ", the log begins at entry " + std::to_string(range.first.value)}));
  self->request(log, disk_timeout,
                log_read_request{cluster::metadata_group, now.applied.next(), replay_bytes})
      .then(
          [this, range](log_records& found) {
            for (const auto& record : found.records) {
              const auto command = cluster::decode_metadata_command(record.payload);
              if (!command)
                return self->quit(to_error(command.error()));
              // What the state refuses now it refused when it was proposed.
              (void)now.state.apply(*command);
              now.applied = record.index;
            }
            replay(range);
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::ready() {
  is_ready = true;
  publish();
  save();
  next();
}

/// One change at a time: each is checked against the state that the one before it left.
void meta_state::next() {
  while (is_ready && !proposing && !queue.empty()) {
    auto changed = now.state;
    const auto result = changed.apply(*queue.front().command);
    if (!result) {
      refuse_first(result.error());
      continue;
    }
    if (!*result) {
      const auto promise = std::move(queue.front().promise);
      queue.pop_front();
      promise.deliver(metadata_changed{false, now.applied});
      continue;
    }
    proposing = true;
    log = home->board.get<log_writer_actor>(role::log_writer); // Renewed since, perhaps.
    log_append asked;
    asked.records.push_back({cluster::metadata_group, now.applied.next(), term{1},
                             cluster::encode(*queue.front().command)});
    self->request(log, disk_timeout, std::move(asked))
        .then([this, state = std::move(changed)](done) { committed(state); },
              [this](caf::error& why) {
                const auto told = to_write_status(why);
                if (told.code != errc::no_space && told.code != errc::too_large)
                  return self->quit(std::move(why));
                proposing = false; // Surely not logged.
                refuse_first(told);
                next();
              });
  }
}

void meta_state::refuse_first(const status& why) {
  const auto promise = std::move(queue.front().promise);
  queue.pop_front();
  promise.refuse(why);
}

void meta_state::committed(cluster::metadata state) {
  proposing = false;
  now.state = std::move(state);
  now.applied = now.applied.next();
  publish();
  const auto promise = std::move(queue.front().promise);
  queue.pop_front();
  promise.deliver(metadata_changed{true, now.applied});
  save();
  next();
}

/// The cell first, then the news, then whoever asked: all three in this order.
void meta_state::publish() const {
  const epoch since{now.applied.value};
  const auto shown = home->known.get();
  if (!cluster::may_be_shown(now.applied, shown ? std::optional{log_index{shown->epoch.value}}
                                                : std::nullopt))
    return; // The log, or a member, soon tells the rest.
  home->known.set(std::make_shared<const catalog>(catalog{now.state, since}));
  home->board.for_each("router/", [since](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<router_actor>(who), shard_map_changed{since});
  });
  if (member) // Others change what this node hosts.
    if (const auto catalog = home->board.get<catalog_actor>(role::catalog))
      caf::anon_send(catalog, tick_now{});
}

caf::result<metadata_changed> meta_state::change(const change_metadata& asked) {
  if (!full.ok())
    return to_error(full);
  if (home->is_clustered())
    return change_in_cluster(asked);
  if (queue.size() >= changes_waiting_max)
    return to_error({errc::overloaded, "too many changes of collections are waiting"});
  const changed_promise promise{self, fell_writing()};
  queue.push_back({asked.command, promise});
  next();
  return promise;
}

namespace {

meta_self::behavior_type meta(meta_self::stateful_pointer<meta_state> self,
                              const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  self->state.come_to_life();
  return {
      reports(self),
      [self](const change_metadata& asked) { return self->state.change(asked); },
      [self](confirm_read) -> caf::result<log_index> {
        auto& state = self->state;
        if (!state.member)
          return to_error({errc::unavailable, "the control plane is not ready yet here"});
        const owed<log_index> promise{self, fell()};
        state.confirm([promise](const outcome<log_index>& through) {
          if (through)
            promise.deliver(*through);
          else
            promise.refuse(through.error());
        });
        return promise;
      },
      [self](const link_asked& question) { return self->state.asked(question); },
      [self](const parcel<recover_request>& asked) { return self->state.recover(*asked.value); },
      [self](const join_question& asked) { return self->state.join_asked(asked); },
      [self](const snapshot_wanted& asked) { self->state.send_snapshot(asked); },
      [self](const delete_replica_here& asked) { self->state.delete_replica(asked.which); },
      [self](group_begun) { self->state.group_begins(); },
      [self](const entries_committed& news) { self->state.committed(news.entries); },
      [self](const standing_changed& news) { self->state.stands(news); },
      [self](const proposal_taken& what) { self->state.taken(what); },
      [](const log_progress&) {}, // A majority is enough.
      [self](tick_now) {
        auto& state = self->state;
        state.log ? state.open_store() : state.come_to_life();
      },
      [self](meta_beat) { self->state.beat(); },
  };
}

} // namespace

meta_actor spawn_meta(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::meta, caf::actor_cast<meta_actor>(system.spawn(meta, home)));
}

} // namespace grape::actors
