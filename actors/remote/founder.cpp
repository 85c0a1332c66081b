#include "actors/remote/remote.hpp"

#include "actors/admission.hpp"
#include "actors/data_directory.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/reporting.hpp"
#include "actors/supervision/supervisor.hpp"
#include "core/cluster/joining.hpp"

#include <set>

namespace grape::actors {

namespace {

using cluster::founding_stage;
using cluster::founding_state;

constexpr std::chrono::milliseconds ask_every{200};
constexpr std::chrono::seconds ask_timeout{3};
constexpr std::chrono::seconds join_timeout{20};

struct founder_state {
  founder_state() {}

  void ask(node_number whom);
  void heard(node_number from, const founding_reply& said);
  void write(const std::optional<founding_state>& wanted);
  void settle();
  void ask_to_join(node_number whom, const status& why);

  founder_actor::pointer self = nullptr;
  std::shared_ptr<house> home;
  std::optional<cluster::founding> machine;
  std::set<node_number> asked; // And not answered yet.
  bool joining = false;
  std::string last_note;
};

void founder_state::ask(node_number whom) {
  const auto link = home->board.get<linked_actor>(role::link(whom));
  if (!link || !asked.insert(whom).second)
    return;
  self->request(link, ask_timeout, founding_inquiry{})
      .then(
          [this, whom](const founding_reply& said) {
            asked.erase(whom);
            heard(whom, said);
          },
          [this, whom](const caf::error&) { asked.erase(whom); });
}

void founder_state::heard(node_number from, const founding_reply& said) {
  const auto next =
      machine->answered(from, {static_cast<founding_stage>(said.stage), said.cluster_id,
                               said.cluster_name, said.founders}); // Checked by PEER_LINK.
  if (next)
    write(*next);
  else if (next.error().code == errc::corrupted)
    ask_to_join(from, next.error());
  else
    self->quit(to_error(next.error()));
}

/// The cluster knows nothing of this disk. If its node was replaced, the cluster waits for it.
void founder_state::ask_to_join(node_number whom, const status& why) {
  const auto link = home->board.get<linked_actor>(role::link(whom));
  if (!link || std::exchange(joining, true))
    return;
  const auto wish = own_join_request(home->config, home->remote->identity);
  self->request(link, join_timeout, join_inquiry{{cluster::encode(wish)}})
      .then(
          [this](const join_answer& said) {
            auto reply = cluster::decode_join_reply(said.bytes);
            const auto admitted =
                reply ? admit(*home, *reply, home->remote->identity, home->remote->write_identity)
                      : reply.error();
            home->remote->starts_again = admitted.ok();
            self->quit(to_error(admitted.ok()
                                    ? status{errc::bad_config, "the cluster admitted this "
                                                               "node anew: it starts again"}
                                    : admitted));
          },
          [this, why](const caf::error& refused) {
            joining = false;
            const auto told = to_write_status(refused);
            if (told.code == errc::already_exists)
              return self->quit(to_error(why));
            if (told.code == errc::bad_request)
              return self->quit(to_error({errc::bad_config, told.detail}));
            if (std::exchange(last_note, told.detail) != told.detail)
              home->notes.add("not admitted to the cluster yet: " + told.detail);
          });
}

/// The disk first: only what stands there is said to anybody.
void founder_state::write(const std::optional<founding_state>& wanted) {
  if (!wanted)
    return;
  auto who = home->remote->identity;
  who.cluster_id = wanted->cluster_id;
  who.number = home->remote->self;
  who.founding = wanted->stage;
  if (const auto written = home->remote->write_identity(who); !written.ok())
    return self->quit(to_error(written));
  machine->written(*wanted);
  home->remote->founding.set(*wanted);
  if (machine->is_formed())
    settle();
}

/// From now on this node is a member for ever.
void founder_state::settle() {
  home->member.set(std::make_shared<const membership>(
      membership{machine->own().cluster_id, home->remote->self}));
  home->board.for_each("link/", [](const auto&, const auto& who) {
    caf::anon_send(caf::actor_cast<caf::actor>(who), cluster_formed{});
  });
  self->quit();
}

founder_actor::behavior_type founder(founder_actor::stateful_pointer<founder_state> self,
                                     const std::shared_ptr<house>& home) {
  auto& state = self->state;
  state.self = self;
  state.home = home;
  // A predecessor may have come further than the disk was when the node started.
  const auto own = home->remote->founding.get().value_or(
      founding_state_of(home->config, home->remote->identity));
  state.machine.emplace(home->remote->self, own, draw_uuid());
  home->remote->founding.set(own);
  self->send(self, tick_now{});
  return {
      reports(self),
      [self](tick_now) {
        if (self->state.machine->is_formed())
          return self->state.settle();
        for (const auto whom : self->state.machine->to_ask())
          self->state.ask(whom);
        self->delayed_send(self, ask_every, tick_now{});
      },
  };
}

} // namespace

founder_actor spawn_founder(caf::actor_system& system, std::shared_ptr<house> home) {
  const auto detached = home->host.detached;
  return spawn_detached(system, detached, founder, std::move(home));
}

} // namespace grape::actors
