#include "core/cluster/shard_replicas.hpp"

#include "core/cluster/words.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace grape::cluster {

namespace {

status refused(const shard_replicas& of, const std::string& why) {
  return {errc::bad_request, "group " + std::to_string(of.group.value) + ": " + why};
}

std::string named(node_number node) {
  return "node " + std::to_string(node.value);
}

/// Whether a move at stage `now` may be at `to` next.
bool follows(move_stage now, move_stage to) {
  switch (now) {
    case move_stage::joining: return to == move_stage::indexing || to == move_stage::undoing;
    case move_stage::indexing: return to == move_stage::switching || to == move_stage::undoing;
    case move_stage::switching: return to == move_stage::leaving;
    case move_stage::leaving:
    case move_stage::undoing: return false;
  }
  return false;
}

} // namespace

const replica* shard_replicas::on(node_number node) const noexcept {
  const auto found = std::find_if(replicas.begin(), replicas.end(),
                                  [node](const replica& each) { return each.node == node; });
  return found == replicas.end() ? nullptr : &*found;
}

const replica* shard_replicas::find(replica_id which) const noexcept {
  const auto found = std::find_if(replicas.begin(), replicas.end(),
                                  [which](const replica& each) { return each.id == which; });
  return found == replicas.end() ? nullptr : &*found;
}

bool shard_replicas::takes_next() const noexcept {
  return move && move->stage == move_stage::leaving && !then;
}

/// For a while nothing but the files of who left are in the way.
status shard_replicas::begin_afterwards(const placement_step& step) {
  const auto* leaving = step.from ? on(*step.from) : nullptr;
  if (step.witness || (step.from && (leaving == nullptr || leaving->role != replica_role::voter)))
    return refused(*this, named(step.from.value_or(node_number{})) + " has no such replica");
  if (const auto* there = on(*step.to); there && there->role != replica_role::witness)
    return refused(*this, named(*step.to) + " has a replica already");
  then = step;
  return {};
}

status shard_replicas::begin(move_number wanted, const placement_step& step) {
  if (takes_next() && step.to)
    return begin_afterwards(step);
  if (move)
    return refused(*this, "move " + std::to_string(move->number.value) + " is under way");
  if (!step.from && !step.to)
    return refused(*this, "nothing to move");
  const auto role = step.witness ? replica_role::witness : replica_role::voter;
  shard_move begun;
  begun.number = wanted;
  if (step.from) {
    const auto* leaving = on(*step.from);
    if (leaving == nullptr || leaving->role != role)
      return refused(*this, named(*step.from) + " has no such replica");
    begun.from = *leaving;
  }
  if (const auto* there = step.to ? on(*step.to) : nullptr; there != nullptr) {
    if (step.witness || there->role != replica_role::witness)
      return refused(*this, named(*step.to) + " has a replica already");
    move = shard_move{wanted, *there, {}, move_stage::switching};
    then = step;
    return {};
  }
  if (!step.to && !step.witness && placed(1).data.size() == 1)
    return refused(*this, "the last replica cannot be dropped");
  if (step.to) {
    begun.to = replica{std::exchange(next, next.next()), *step.to, role};
    replicas.push_back({begun.to->id, begun.to->node, replica_role::learner});
  } else {
    begun.stage = move_stage::switching;
  }
  move = begun;
  return {};
}

void shard_replicas::keep_by_hand(const placement_step& step) {
  if (step.from)
    by_hand.erase(*step.from);
  if (step.to)
    by_hand.insert(*step.to);
}

status shard_replicas::advance(move_number which, move_stage to) {
  if (!move || move->number != which)
    return {errc::not_found, "move " + std::to_string(which.value) + " is not under way"};
  if (move->stage == to)
    return {};
  if (to == move_stage::undoing && then) {
    then.reset();
    return {};
  }
  if (!follows(move->stage, to))
    return refused(*this, "a move that is " + std::string{to_string(move->stage)} + " cannot be "
                              + std::string{to_string(to)} + " next");
  const auto is = [](const std::optional<replica>& one) {
    return [&one](const replica& each) { return one && each.id == one->id; };
  };
  if (to == move_stage::leaving) {
    std::erase_if(replicas, is(move->from));
    std::replace_if(replicas.begin(), replicas.end(), is(move->to), move->to.value_or(replica{}));
    epoch = epoch.next();
  } else if (to == move_stage::undoing) {
    std::erase_if(replicas, is(move->to));
  }
  move->stage = to;
  return {};
}

status shard_replicas::finish(move_number which, move_number following) {
  if (!move || move->number != which)
    return {errc::not_found, "move " + std::to_string(which.value) + " is not under way"};
  if (move->stage != move_stage::leaving && move->stage != move_stage::undoing)
    return refused(*this, "a move that is " + std::string{to_string(move->stage)} + " cannot end");
  move.reset();
  if (const auto step = std::exchange(then, std::nullopt))
    (void)begin(following, *step);
  if (!move)
    std::erase_if(by_hand, [this](node_number node) { return on(node) == nullptr; });
  return {};
}

placed_group shard_replicas::placed(std::size_t factor) const {
  placed_group where;
  where.factor = factor;
  where.by_hand = by_hand;
  for (const auto& each : replicas) {
    if (each.role == replica_role::voter)
      where.data.insert(each.node);
    if (each.role == replica_role::witness)
      where.witness = each.node;
  }
  return where;
}

std::optional<placement_step> shard_replicas::step() const {
  if (!move)
    return {};
  placement_step under_way{.group = group};
  if (move->stage == move_stage::leaving || move->stage == move_stage::undoing)
    return under_way;
  if (move->from)
    under_way.from = move->from->node;
  if (move->to)
    under_way.to = move->to->node;
  under_way.witness = (move->to ? move->to : move->from)->role == replica_role::witness;
  return under_way;
}

shard_replicas first_replicas(group_id group, const placed_group& where) {
  shard_replicas made;
  made.group = group;
  for (const auto node : where.data)
    made.replicas.push_back({std::exchange(made.next, made.next.next()), node});
  if (where.witness)
    made.replicas.push_back(
        {std::exchange(made.next, made.next.next()), *where.witness, replica_role::witness});
  return made;
}

std::optional<raft::configuration> first_members(const shard_replicas& of, replica_id self) {
  if (of.epoch != shard_replicas{}.epoch)
    return std::nullopt;
  raft::configuration members;
  for (const auto& each : of.replicas) {
    if (each.role == replica_role::learner)
      continue; // It comes by a move.
    members.voters.push_back(each.id);
    if (each.role == replica_role::witness)
      members.witnesses.push_back(each.id);
  }
  return raft::contains(members.voters, self) ? std::optional{members} : std::nullopt;
}

} // namespace grape::cluster
