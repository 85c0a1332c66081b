#include "actors/remote/detector.hpp"

#include "actors/remote/peer_room.hpp"
#include "actors/remote/remote.hpp"
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

void tell(const house& home, node_number node) {
  home.board.for_each("raft_group/", [node](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<caf::actor>(who), peer_health_changed{node});
  });
  if (const auto who = home.board.get<caf::actor>(role::coordinator))
    caf::anon_send(who, peer_health_changed{node});
}

/// True: `about` was among those who are judged otherwise now.
bool judge(detector_state& state, house& home, node_number about) {
  state.hear(home.remote->heard);
  bool told = false;
  for (const auto& change : state.judged.judge(home.host.now_ms())) {
    home.peers.change(change.node, [&change](auto& peer) { peer.health = change.is; });
    tell(home, change.node);
    told = told || change.node == about;
  }
  return told;
}

own_detector_actor::behavior_type
detector(own_detector_actor::stateful_pointer<detector_state> self,
         const std::shared_ptr<house>& home) {
  self->delayed_send(self, judge_every, tick_now{});
  return {
      reports(self),
      [self, home](tick_now) {
        judge(self->state, *home, {});
        self->delayed_send(self, judge_every, tick_now{});
      },
      [self, home](const connection_ended& news) {
        if (!judge(self->state, *home, news.node)
            && self->state.judged.of(news.node) != cluster::health::alive)
          tell(*home, news.node); // It was not trusted before either.
      },
  };
}

} // namespace

detector_actor spawn_detector(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::detector,
                  caf::actor_cast<detector_actor>(system.spawn(detector, home)));
}

} // namespace grape::actors
