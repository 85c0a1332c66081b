// A door that is not the only one to its shard: reads by ReadIndex, refusals that name the leader,
// and questions from other nodes.

#include "actors/shard_state.hpp"
#include "core/shard/command.hpp"

namespace grape::actors {

namespace {

/// How long a ReadIndex may take. A group that is alive needs a round trip; then the reads that
/// wait for it are refused, and the next round begins.
constexpr std::chrono::seconds index_patience{2};

write_command command_of(group_id group, shard::remote_write& from) {
  return {group,           from.routed_by,          from.validated_against, from.wait,
          from.timeout_ms, std::move(from.command), from.ack};
}

outcome<schema_change> change_of(const shard::remote_schema& from) {
  auto command = shard::decode(from.command);
  if (!command)
    return std::move(command).error();
  auto* change = std::get_if<shard::change_schema>(&*command);
  if (change == nullptr || change->schema.version != from.version)
    return status{errc::corrupted, "a change of schema does not hold what it says"};
  return schema_change{std::make_shared<const collection_schema>(std::move(change->schema))};
}

} // namespace

status shard_state::not_ready() const {
  return {errc::unavailable, "shard " + place->name + " has no replica ready"};
}

/// What stands in the way here need not stand in the way of another replica.
status shard_state::elsewhere(const status& why) const {
  return shown.replicated ? status{errc::unavailable, why.detail} : why;
}

/// With the leader: as whoever refused first said, or else as this node believes.
caf::error shard_state::refusal(const status& why, std::optional<node_number> leader) const {
  if (shown.replicated && !leader)
    leader = home->leaders.of(place->group);
  return to_error(why, leader);
}

void shard_state::read_by_index(const shard_read& asked, const answer_debt& promise) {
  if (!shown.newest)
    return promise.refuse(refusal(not_ready()));
  if (unconfirmed.full())
    return promise.refuse(
        refusal({errc::overloaded, "too many reads wait for shard " + place->name}));
  unconfirmed.join({asked, {}, promise});
  ask_for_index();
}

void shard_state::ask_for_index() {
  if (!unconfirmed.start())
    return;
  const auto group = home->board.get<raft_group_actor>(role::raft_group(place->group));
  if (!group)
    return unconfirmable(to_error(not_ready()));
  beat_wish.set(true);
  waits.ask<log_index>(
      self, group, index_patience, confirm_read{},
      [this](const log_index& index) { confirmed(index); },
      [this](const caf::error& why) { unconfirmable(why); });
}

void shard_state::confirmed(log_index index) {
  for (auto& one : unconfirmed.finish()) {
    if (shown.view_with(index))
      answer(one.asked, one.promise);
    else if (reads.full())
      one.promise.refuse(
          refusal({errc::overloaded, "too many reads wait for shard " + place->name}));
    else
      hold({std::move(one.asked), index, one.promise});
  }
  ask_for_index();
}

void shard_state::unconfirmable(const caf::error& why) {
  const auto told = refusal(to_status(why), leader_of(why));
  for (auto& one : unconfirmed.finish())
    one.promise.refuse(told);
  ask_for_index();
}

/// Decodes, does as if it had been asked here, and answers encoded.
void shard_state::asked_from_afar(const link_asked& asked, const owed<link_answer>& promise) {
  auto request = shard::decode_shard_request(asked.bytes);
  if (!request)
    return promise.refuse(request.error());
  if (auto* batch = std::get_if<shard::remote_write>(&*request))
    return write(command_of(place->group, *batch), receipt_debt{promise});
  if (auto* read_of = std::get_if<shard::remote_read>(&*request))
    return read({std::make_shared<const shard::question>(std::move(read_of->asked)), read_of->level,
                 asked.deadline_ms},
                answer_debt{promise});
  const auto change = change_of(std::get<shard::remote_schema>(*request));
  if (!change)
    return promise.refuse(change.error());
  write(*change, receipt_debt{promise});
}

} // namespace grape::actors
