// How a member that is behind its log gets the state of the one that leads: see
// core/cluster/metadata_snapshot.hpp.

#include "actors/control/meta_state.hpp"
#include "core/raft/codec.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::seconds draft_patience{5};
constexpr std::uint64_t piece_patience_ms = 20'000;
constexpr std::chrono::seconds piece_patience{25};

} // namespace

void meta_state::send_snapshot(const snapshot_wanted& asked) {
  if (!member || !member->group)
    return;
  self->request(member->group, draft_patience, snapshot_message_request{asked.to, now.applied})
      .then(
          [this, asked, state = now.state.encode()](const snapshot_message& drafted) {
            send_piece(std::make_shared<const outgoing_state>(
                           outgoing_state{asked.to, asked.node, raft::encode(drafted.what), state}),
                       0);
          },
          [this, to = asked.to](const caf::error&) { sent(to, false); });
}

void meta_state::send_piece(const std::shared_ptr<const outgoing_state>& what, std::uint64_t from) {
  const auto link = home->board.get<peer_link_actor>(role::link(what->node));
  if (!link)
    return sent(what->to, false);
  link_question question;
  question.on = link::lane::bulk;
  question.to = link::addressee::metadata;
  question.group = cluster::metadata_group;
  question.deadline_ms = home->host.now_ms() + piece_patience_ms;
  question.bytes = cluster::encode(
      cluster::metadata_question{cluster::piece_of(what->message, what->state, from)});
  self->request(link, piece_patience, std::move(question))
      .then(
          [this, what, from](const link_answer& found) {
            const auto reply = cluster::decode_metadata_reply(found.bytes);
            const auto* told = reply ? std::get_if<cluster::install_reply>(&*reply) : nullptr;
            if (told == nullptr || told->have <= from) // It began anew: so does the stream, later.
              return sent(what->to, false);
            if (told->have >= what->state.size())
              return sent(what->to, true);
            send_piece(what, told->have);
          },
          [this, to = what->to](const caf::error&) { sent(to, false); });
}

void meta_state::sent(replica_id to, bool arrived) {
  if (member && member->group)
    self->send(member->group, snapshot_sent{to, arrived});
}

void meta_state::take_piece(cluster::install_question piece, const owed<link_answer>& promise) {
  if (!member->group || member->installing)
    return promise.refuse(status{errc::unavailable, "nobody here takes a snapshot now"});
  const auto have = member->coming.take(std::move(piece));
  if (!have)
    return promise.refuse(have.error());
  if (!member->coming.is_whole())
    return promise.deliver(
        link_answer{cluster::encode(cluster::metadata_reply{cluster::install_reply{*have}})});
  const auto whole = std::exchange(member->coming, {});
  auto message = raft::decode_message(whole.message());
  auto state = cluster::metadata::restore(whole.state());
  if (!message || !message->snapshot || !state)
    return promise.refuse(status{errc::corrupted, "a snapshot of the control plane is damaged"});
  const auto& mark = *message->snapshot;
  if (mark.index < now.applied) // What this node has seen it must not forget.
    return promise.refuse(status{errc::stale_route, "a newer state is here"});
  cluster::staged_metadata staged{cluster::staged_name(mark), {std::move(*state), mark.index}};
  stage_and_install(std::move(*message), std::move(staged), promise);
}

/// Durable first, then the log says that it takes the place of the state here, then everything
/// begins anew from that: as after a crash in between.
void meta_state::stage_and_install(raft::message message, cluster::staged_metadata what,
                                   const owed<link_answer>& promise) {
  if (!store)
    return promise.refuse(full);
  member->installing = true;
  const auto refuse = [this, promise](const status& why) {
    member->installing = false;
    promise.refuse(why);
  };
  auto failed = std::make_shared<status>();
  auto staged = std::make_shared<const cluster::staged_metadata>(std::move(what));
  const auto bytes = staged->what.state.encode().size();
  const auto job = [failed, staged, to = store] { *failed = cluster::stage(*to, *staged); };
  const auto install = [this, promise, refuse, name = staged->name, bytes,
                        told = std::move(message)] {
    self->request(member->group, disk_timeout, snapshot_staged{told, name})
        .then(
            [this, promise, bytes](done) {
              promise.deliver(link_answer{
                  cluster::encode(cluster::metadata_reply{cluster::install_reply{bytes}})});
              self->quit(to_error({errc::unavailable, "a snapshot takes its place"}));
            },
            [refuse](const caf::error& why) { refuse(to_status(why)); });
  };
  self->request(worker, disk_timeout, store_job{job})
      .then(
          [failed, refuse, install, this](done) {
            if (failed->code == errc::no_space)
              wait_for_room(*failed);
            if (!failed->ok() || !member->group)
              return refuse(failed->ok() ? status{errc::unavailable, "RAFT_GROUP is renewed"}
                                         : *failed);
            install();
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

} // namespace grape::actors
