#include "actors/remote/peer_link_state.hpp"
#include "actors/remote/remote.hpp"
#include "actors/reporting.hpp"

namespace grape::actors {

namespace {

using link_self = own_link_actor::stateful_pointer<peer_link_state>;

constexpr std::chrono::seconds founding_timeout{2};
constexpr std::chrono::seconds joining_timeout{15};

/// Asks the other side how far it is. Silence means that the way is dead.
caf::result<founding_reply> inquire(link_self self) {
  auto& state = self->state;
  if (!state.connection)
    return to_error({errc::unavailable, "there is no connection to " + state.name});
  const owed<founding_reply> promise{self, fell()};
  self->request(state.connection->far, founding_timeout, founding_question{})
      .then(
          [self, promise](const founding_reply& said) {
            self->state.home->remote->heard.heard(self->state.peer, self->state.now_ms());
            if (said.stage > static_cast<std::uint8_t>(cluster::founding_stage::formed))
              promise.refuse(status{errc::wrong_version, "an unknown stage of founding"});
            else
              promise.deliver(said);
          },
          [self, promise, number = state.connection->number](const caf::error& why) {
            promise.refuse(to_status(why));
            auto& now = self->state;
            if (why == caf::sec::request_timeout && now.connection
                && now.connection->number == number && !now.connection->is_open)
              now.end({errc::unavailable, "no answer to the question about founding"});
          });
  return promise;
}

caf::result<join_answer> ask_to_join(link_self self, const join_question& what) {
  auto& state = self->state;
  if (!state.connection)
    return to_error({errc::unavailable, "there is no connection to " + state.name});
  const owed<join_answer> promise{self, fell_writing()};
  self->request(state.connection->far, joining_timeout, what)
      .then([promise](const join_answer& said) { promise.deliver(said); },
            [promise](const caf::error& why) { promise.refuse(to_write_status(why)); });
  return promise;
}

/// Of a node that began with an empty disk.
caf::result<join_answer> pass_to_meta(link_self self, const join_question& what) {
  auto& state = self->state;
  const auto meta = state.home->board.get<meta_actor>(role::meta);
  if (!state.is_from_far(self->current_sender()) || !meta)
    return to_error({errc::unavailable, "the node is starting"});
  const owed<join_answer> promise{self, fell_writing()};
  self->request(meta, joining_timeout, what)
      .then([promise](const join_answer& said) { promise.deliver(said); },
            [promise](const caf::error& why) { promise.refuse(to_write_status(why)); });
  return promise;
}

own_link_actor::behavior_type peer_link(link_self self, const std::shared_ptr<house>& home,
                                        node_number peer, const std::string& address) {
  self->state.begin(self, home, peer, address);
  self->set_default_handler(caf::drop); // Strangers may say anything.
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& state = self->state;
    if (state.connection && state.connection->far.address() == down.source)
      state.closed({errc::unavailable, "the connection ended"});
  });
  self->set_exit_handler([self](const caf::exit_msg& asked) {
    auto& state = self->state;
    state.end({errc::unavailable, "the node is closing"});
    state.home->remote->heard.forget(state.peer);
    self->quit(asked.reason);
  });
  return {
      reports(self),
      [self](const link_post& what) { self->state.post(what); },
      [self](const link_question& what) { return self->state.ask(what); },
      [self](founding_inquiry) { return inquire(self); },
      [self](const join_inquiry& asked) { return ask_to_join(self, asked.question); },
      [self](const join_question& asked) { return pass_to_meta(self, asked); },
      [self](cluster_formed) { self->state.greet(); },
      [self](const link_knock& by) -> caf::result<link_welcome> {
        auto& state = self->state;
        if (const auto taken = state.answer_knock(by, self->current_sender()); !taken)
          return to_error(taken.error());
        return link_welcome{state.home->remote->self};
      },
      [self](founding_question) -> caf::result<founding_reply> {
        if (!self->state.home->remote->founding.get())
          return to_error({errc::unavailable, "the node is starting"});
        return self->state.founding_answer();
      },
      [self](const link_hello& said) {
        auto& state = self->state;
        if (!state.is_from_far(self->current_sender()))
          return;
        state.connection->heard_hello = said.bytes;
        state.judge_hello();
      },
      [self](const link_frame& frame) {
        if (self->state.is_from_far(self->current_sender()))
          self->state.receive(frame);
      },
      [self](const link_farewell& said) {
        auto& state = self->state;
        if (state.is_from_far(self->current_sender()))
          state.closed({said.code == errc::ok ? errc::unavailable : said.code, said.why});
      },
      [self](link_wake) { self->state.wake(); },
      [self](link_flush) { self->state.flush(); },
  };
}

} // namespace

peer_link_actor spawn_peer_link(caf::actor_system& system, std::shared_ptr<house> home,
                                node_number peer, const std::string& address) {
  const auto spawned = system.spawn(peer_link, home, peer, address);
  return enrolled(*home, role::link(peer), caf::actor_cast<peer_link_actor>(spawned));
}

} // namespace grape::actors
