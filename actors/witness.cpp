#include "actors/witness.hpp"

#include "actors/reporting.hpp"
#include "core/raft/witness.hpp"

namespace grape::actors {

namespace {

struct witness_state {
  witness_state() {}

  void host();

  group_host_actor::stateful_pointer<witness_state> self = nullptr;
  std::shared_ptr<house> home;
  std::shared_ptr<const shard_place> place;
  raft_group_actor group;
};

void witness_state::host() {
  group = home->board.get<raft_group_actor>(role::raft_group(place->group));
  const auto log = home->log.get();
  if (!group || !log)
    return;
  const auto base = log->base(place->group);
  const auto applied = raft::applied_of_witness(base ? base->mark.index : log_index{},
                                                log->hard_state(place->group).commit,
                                                log->range(place->group).last);
  self->request(group, open_timeout, host_group{place->member, applied})
      .then([](group_hosted) {}, [](const caf::error&) {}); // RAFT_GROUP says what is wrong.
}

group_host_actor::behavior_type witness(group_host_actor::stateful_pointer<witness_state> self,
                                        const std::shared_ptr<house>& home,
                                        const std::shared_ptr<const shard_place>& place) {
  self->state.self = self;
  self->state.home = home;
  self->state.place = place;
  home->board.put(role::witness(place->group), caf::actor_cast<caf::strong_actor_ptr>(self));
  self->state.host();
  return {
      reports(self),
      [self](group_begun) { self->state.host(); },
      [self](const entries_committed& news) {
        const auto through = news.entries.back().index;
        self->send(self->state.group, applied_news{through, through});
      },
      [](const standing_changed&) {},
      [](const proposal_taken&) {},
      [](const log_progress&) {},
  };
}

} // namespace

group_host_actor spawn_witness(caf::actor_system& system, std::shared_ptr<house> home,
                               std::shared_ptr<const shard_place> place) {
  return enrolled(*home, role::witness(place->group), system.spawn(witness, home, place));
}

} // namespace grape::actors
