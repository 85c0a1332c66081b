#include "actors/remote/remote.hpp"

#include "actors/remote/peer_room.hpp"
#include "actors/reporting.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds judge_every{250};

struct detector_state {
  detector_state() {}

  /// What the links heard since the last look.
  void hear(const hearing& from) {
    auto now = from.all();
    for (const auto& [node, entry] : seen)
      if (!now.contains(node))
        judged.forget(node);
    for (const auto& [node, entry] : now) {
      judged.watch(node, entry.heard_ms);
      const auto before = seen.find(node);
      if (before != seen.end() && before->second.heard_ms < entry.heard_ms)
        judged.heard(node, entry.heard_ms);
      if (entry.is_lost)
        judged.lost(node);
    }
    seen = std::move(now);
  }

  cluster::liveness judged{cluster::liveness_options{}};
  std::map<node_number, hearing::entry> seen;
};

void tell(const house& home, const cluster::health_change& change) {
  home.board.for_each("raft_group/", [node = change.node](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<caf::actor>(who), peer_health_changed{node});
  });
  if (const auto who = home.board.get<caf::actor>(role::coordinator))
    caf::anon_send(who, peer_health_changed{change.node});
}

detector_actor::behavior_type detector(detector_actor::stateful_pointer<detector_state> self,
                                       const std::shared_ptr<house>& home) {
  self->delayed_send(self, judge_every, tick_now{});
  return {
      reports(self),
      [self, home](tick_now) {
        auto& state = self->state;
        state.hear(home->remote->heard);
        for (const auto& change : state.judged.judge(home->host.now_ms())) {
          home->peers.change(change.node, [&change](auto& peer) { peer.health = change.is; });
          tell(*home, change);
        }
        self->delayed_send(self, judge_every, tick_now{});
      },
  };
}

} // namespace

detector_actor spawn_detector(caf::actor_system& system, std::shared_ptr<house> home) {
  return system.spawn(detector, std::move(home));
}

} // namespace grape::actors
