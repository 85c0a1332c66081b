#include "actors/snapshots.hpp"

#include "actors/reporting.hpp"
#include "actors/snapshots_state.hpp"

namespace grape::actors {

namespace {

snapshots_self::behavior_type snapshots(snapshots_pointer self,
                                        const std::shared_ptr<house>& home) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  const auto rate = std::uint64_t{home->config.raft.snapshot_mb_per_s} << 20;
  state.pace.emplace(rate, std::max<std::uint64_t>(rate / 4, shard::snapshot_chunk_bytes));
  home->board.put(role::snapshot, caf::actor_cast<caf::strong_actor_ptr>(self));
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.drop_streams([&down](const auto&, const outgoing_stream& stream) {
      return stream.asker.address() == down.source;
    });
  });
  return {
      reports(self),
      [self](const snapshot_wanted& asked) { self->state.wanted(asked); },
      [self](const snapshots_void& told) {
        self->state.drop_streams([group = told.group](const stream_key& which, const auto&) {
          return which.first == group;
        });
      },
      [self](const link_asked& came) { return self->state.asked(came); },
      [self](tick_now) {
        self->state.waits.look(self);
        self->state.look_for_idle();
      },
      [self](const stream_goes_on& told) { self->state.go_on(told); },
  };
}

} // namespace

snapshots_state::~snapshots_state() {
  // Closing a store waits for its compaction: not on a thread that others share.
  for (auto& [which, stream] : streams)
    release(which.first, std::move(stream.source));
  for (auto& [group, stream] : coming)
    caf::anon_send(home->board.get<store_worker_actor>(store_worker_of(*home, group)),
                   store_job{[last = std::move(stream.receiver)] {}});
}

void snapshots_state::on_worker(group_id group, std::function<void()> job,
                                std::function<void()> then,
                                std::function<void(const status&)> otherwise) {
  waits.ask<done>(
      self, home->board.get<store_worker_actor>(store_worker_of(*home, group)), disk_timeout,
      store_job{std::move(job)}, [then = std::move(then)](done) { then(); },
      [otherwise = std::move(otherwise)](caf::error& why) { otherwise(to_status(why)); });
}

snapshots_actor spawn_snapshots(caf::actor_system& system, std::shared_ptr<house> home) {
  const auto spawned = system.spawn(snapshots, home);
  return enrolled(*home, role::snapshot, caf::actor_cast<snapshots_actor>(spawned));
}

} // namespace grape::actors
