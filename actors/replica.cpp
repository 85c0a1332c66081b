#include "actors/replica.hpp"

#include "actors/replica_state.hpp"
#include "actors/reporting.hpp"

namespace grape::actors {

namespace {

replica_self::behavior_type replica(replica_pointer self, const std::shared_ptr<house>& home,
                                    const std::shared_ptr<const shard_place>& place) {
  self->state.self = self;
  self->state.home = home;
  self->state.place = place;
  self->state.come_to_life();
  return {
    reports(self),
    [self](group_begun) { self->state.group_begins(); },
    [self](entries_committed& news) { self->state.committed(std::move(news.entries)); },
    [self](const standing_changed& news) { self->state.stands(news); },
    [self](const proposal_taken& what) { self->state.taken(what); },
    [self](const log_progress& news) { self->state.log_came(news); },
    [self](const write_command& asked) { return self->state.propose(asked); },
    [self](const schema_change& asked) { return self->state.propose(asked); },
    [self](watch_views) -> caf::result<view_changed> {
      auto& state = self->state;
      if (!state.failed.ok())
        return to_error(state.failed);
      if (!state.full.ok() && !state.is_ready())
        return to_error(state.full);
      state.watcher = caf::actor_cast<shard_actor>(self->current_sender());
      const auto promise = state.early_watchers.emplace_back(self, fell());
      if (state.is_ready())
        state.publish();
      return promise;
    },
    [self](indexer_ready) {
      auto& state = self->state;
      state.indexer = caf::actor_cast<indexer_actor>(self->current_sender());
      state.offer_job();
    },
    [self](const install_index& asked) -> caf::result<done> {
      auto& state = self->state;
      const owed<done> promise{self, fell()};
      if (!state.full.ok()) {
        promise.deliver(done{});
        return promise;
      }
      state.installations.push_back({asked.product, promise});
      state.work();
      return promise;
    },
    [self](flush_state) { return self->state.flush(); },
    [self](vacuum_index) { return self->state.clean_up(); },
    [self](tick_now) {
      auto& state = self->state;
      state.waits.look(self);
      state.look_for_work();
      state.beat_wish.set(state.anything_waits());
    },
    [self](answer_due held) { self->state.answer_held(held.number); },
    [self](wait_expired late) { self->state.expired(late.index); },
    [self](proposal_expired late) { self->state.proposal_expires(late.ticket); },
  };
}

} // namespace

replica_state::~replica_state() {
  // Closing a store waits for its compaction: not on a thread that others share.
  if (machine)
    caf::anon_send(worker, store_job{[last = std::move(machine)] {}});
}

replica_actor spawn_replica(caf::actor_system& system, std::shared_ptr<house> home,
                            std::shared_ptr<const shard_place> place) {
  return enrolled(*home, role::replica(place->group),
                  caf::actor_cast<replica_actor>(system.spawn(replica, home, place)));
}

} // namespace grape::actors
