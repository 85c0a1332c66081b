#include "core/cluster/cluster_picture.hpp"

#include "core/cluster/words.hpp"

#include <algorithm>
#include <utility>

namespace grape::cluster {

namespace {

std::string_view to_string(raft::role role) {
  switch (role) {
    case raft::role::follower: return "follower";
    case raft::role::pre_candidate: return "pre_candidate";
    case raft::role::candidate: return "candidate";
    case raft::role::leader: return "leader";
  }
  return "?";
}

std::string_view to_string(raft::progress_state state) {
  switch (state) {
    case raft::progress_state::probe: return "probe";
    case raft::progress_state::replicate: return "replicate";
    case raft::progress_state::snapshot: return "snapshot";
  }
  return "?";
}

replica_raft raft_of(const raft::peer_status& peer) {
  return {std::string{to_string(peer.role)}, peer.term, peer.commit, peer.applied};
}

bool is_alone(const metadata& state) {
  return state.nodes().empty();
}

std::optional<node_number> leader_of(const node_sight& seen, group_id group) {
  const auto at = seen.leaders.find(group);
  return at == seen.leaders.end() ? std::nullopt : std::optional{at->second};
}

/// A log of one member is its own leader.
local_shard shard_alone(const node_sight& seen, group_id group, shard_id shard) {
  local_shard told{.shard = shard, .raft = {}};
  const auto shown = seen.shards.find(group);
  if (shown == seen.shards.end()) {
    told.standing = replica_standing::initializing;
    return told;
  }
  told.points = shown->second.points;
  told.raft = replica_raft{"leader", term{1}, shown->second.applied, shown->second.applied};
  return told;
}

local_shard shard_here(const node_sight& seen, group_id group, shard_id shard, replica_role role) {
  local_shard told{.shard = shard, .raft = {}};
  const auto shown = seen.shards.find(group);
  if (shown != seen.shards.end())
    told.points = shown->second.points;
  const auto at = seen.groups.find(group);
  if (at != seen.groups.end() && at->second.peer)
    told.raft = raft_of(*at->second.peer);
  if (at != seen.groups.end() && !at->second.failed.ok())
    told.standing = replica_standing::dead;
  else if (role == replica_role::learner)
    told.standing = replica_standing::partial;
  else if (shown == seen.shards.end() || !told.raft)
    told.standing = replica_standing::initializing;
  return told;
}

replica_standing standing_there(const metadata& state, const node_sight& seen,
                                const replica& which) {
  const auto is = state.nodes().at(which.node).state;
  if (is == node_state::down || is >= node_state::removed || !seen.reaches(which.node))
    return replica_standing::dead;
  return which.role == replica_role::learner ? replica_standing::partial : replica_standing::active;
}

/// Who gives the data of a new replica, in the eyes of whoever asks: who leaves, else who leads,
/// else any other.
node_number source_of(const node_sight& seen, const shard_replicas& of) {
  const auto leaves = of.then ? of.then->from : of.step()->from;
  if (leaves)
    return *leaves;
  const auto leader = leader_of(seen, of.group);
  if (leader && of.on(*leader) != nullptr)
    return *leader;
  const auto first = std::find_if(of.replicas.begin(), of.replicas.end(), [](const replica& one) {
    return one.role == replica_role::voter;
  });
  return first == of.replicas.end() ? node_number{} : first->node;
}

/// Once the members have changed the newcomer serves: what is left is clearing away.
std::optional<shard_transfer> transfer_of(const node_sight& seen, const shard_replicas& of,
                                          shard_id shard) {
  if (of.then)
    return shard_transfer{shard, source_of(seen, of), *of.then->to,
                          !of.then->from,
                          of.move->stage == move_stage::leaving ? "clearing away" : "making room"};
  if (!of.move || !of.move->to || of.move->stage == move_stage::leaving)
    return std::nullopt;
  return shard_transfer{shard, source_of(seen, of), of.move->to->node, !of.move->from,
                        std::string{cluster::to_string(of.move->stage)}};
}

void show_replicas(const metadata& state, const node_sight& seen, const shard_replicas& of,
                   shard_id shard, collection_cluster& into) {
  auto sorted = of.replicas;
  std::sort(sorted.begin(), sorted.end(),
            [](const replica& a, const replica& b) { return a.node < b.node; });
  for (const auto& each : sorted) {
    if (each.role == replica_role::witness)
      continue;
    if (each.node == seen.self)
      into.local.push_back(shard_here(seen, of.group, shard, each.role));
    else
      into.remote.push_back({shard, each.node, standing_there(state, seen, each)});
  }
  if (auto transfer = transfer_of(seen, of, shard))
    into.moves.push_back(*std::move(transfer));
}

std::string name_of(const metadata& state, node_number node) {
  const auto at = state.nodes().find(node);
  return at == state.nodes().end() ? "node " + std::to_string(node.value) : at->second.name;
}

move_view show_move(const shard_move& move, const node_sight& seen, group_id group) {
  move_view told;
  told.number = move.number.value;
  if (move.from)
    told.from = move.from->node;
  if (move.to)
    told.to = move.to->node;
  told.witness = (move.to ? move.to : move.from)->role == replica_role::witness;
  told.stage = cluster::to_string(move.stage);
  if (const auto at = seen.stage_ms.find(group); at != seen.stage_ms.end())
    told.stage_ms = at->second;
  return told;
}

shard_view show_shard(const metadata& state, const node_sight& seen, group_id group) {
  shard_view told;
  told.group = group;
  const auto at = state.groups().find(group);
  if (at == state.groups().end()) { // Alone.
    told.epoch = epoch{1};
    told.replicas.push_back({replica_id{1}, seen.self, {}, "voter"});
    told.leader = seen.self;
    return told;
  }
  const auto& of = at->second;
  told.epoch = of.epoch;
  for (const auto& each : of.replicas)
    told.replicas.push_back({each.id, each.node, name_of(state, each.node),
                             std::string{cluster::to_string(each.role)}});
  told.leader = leader_of(seen, group);
  if (of.move)
    told.move = show_move(*of.move, seen, group);
  return told;
}

group_view show_group(const metadata& state, const node_sight& seen, group_id group,
                      const group_sight& is) {
  group_view told;
  told.group = group;
  told.name = group_name(state, group);
  if (const auto at = state.groups().find(group); at != state.groups().end())
    if (const auto* own = at->second.on(seen.self))
      told.self = own->id;
  if (!is.failed.ok())
    told.failure = grape::to_string(is.failed);
  if (!is.peer)
    return told;
  const auto& peer = *is.peer;
  told.raft = raft_of(peer);
  told.leader = peer.leader;
  told.durable = peer.durable;
  told.first = peer.first;
  told.last = peer.last;
  told.voters = peer.members.voters;
  told.outgoing = peer.members.outgoing;
  told.learners = peer.members.learners;
  told.witnesses = peer.members.witnesses;
  told.asleep = peer.asleep;
  for (const auto& each : peer.progress)
    told.progress.push_back(
        {each.which, std::string{to_string(each.state)}, each.match, each.next, each.paused});
  return told;
}

} // namespace

std::string group_name(const metadata& state, group_id group) {
  if (group == metadata_group)
    return "metadata";
  std::string found = "group " + std::to_string(group.value);
  state.for_each_collection([&](const std::string& name, const collection_entry& entry) {
    for (const auto& [shard, of] : entry.groups)
      if (of == group)
        found = shard_name(name, shard);
  });
  return found;
}

cluster_status show_cluster(const metadata& state, const node_sight& seen) {
  cluster_status told;
  told.enabled = !is_alone(state);
  told.self = seen.self;
  for (const auto& [number, node] : state.nodes())
    if (node.state != node_state::removed)
      told.peers.push_back({number, node.peer_address});
  auto& consensus = told.consensus;
  consensus.leader = leader_of(seen, metadata_group);
  const auto group = state.groups().find(metadata_group);
  const auto* own = group == state.groups().end() ? nullptr : group->second.on(seen.self);
  consensus.is_voter = own != nullptr && own->role != replica_role::learner;
  const auto at = seen.groups.find(metadata_group);
  if (at == seen.groups.end())
    return told;
  if (!at->second.failed.ok())
    consensus.failure = grape::to_string(at->second.failed);
  if (const auto& peer = at->second.peer) {
    consensus.raft = raft_of(*peer);
    consensus.pending = peer->last.value - std::min(peer->last, peer->applied).value;
  }
  return told;
}

outcome<collection_cluster> show_collection(const metadata& state, const node_sight& seen,
                                            const std::string& name_or_alias) {
  const auto name = state.resolve(name_or_alias);
  if (!name)
    return name.error();
  const auto& entry = *state.find_exact(*name);
  collection_cluster told;
  told.self = seen.self;
  told.shard_count = static_cast<std::uint32_t>(entry.groups.size());
  for (const auto& [shard, group] : entry.groups) {
    const auto at = state.groups().find(group);
    if (at == state.groups().end())
      told.local.push_back(shard_alone(seen, group, shard));
    else
      show_replicas(state, seen, at->second, shard, told);
  }
  const auto keys = key_of_shards(entry);
  const auto name_key = [&keys](auto& one) {
    if (const auto key = keys.find(one.shard); key != keys.end())
      one.key = *key->second;
  };
  std::for_each(told.local.begin(), told.local.end(), name_key);
  std::for_each(told.remote.begin(), told.remote.end(), name_key);
  return told;
}

node_list show_nodes(const metadata& state, const node_sight& seen) {
  node_list all;
  for (const auto& [number, node] : state.nodes()) {
    node_view told{.number = number,
                   .name = node.name,
                   .peer_address = node.peer_address,
                   .http_address = node.http_address,
                   .state = std::string{to_string(node.state)},
                   .incarnation = node.incarnation,
                   .is_self = number == seen.self,
                   .connected = number == seen.self,
                   .health = "alive",
                   .last_error = {}};
    if (!told.is_self) {
      const auto at = seen.links.find(number);
      const auto link = at == seen.links.end() ? link_sight{} : at->second;
      told.connected = link.connected;
      told.health = to_string(link.is);
      told.rtt_us = link.rtt_us;
      told.last_error = link.last_error;
    }
    all.nodes.push_back(std::move(told));
  }
  return all;
}

shard_list show_shards(const metadata& state, const node_sight& seen) {
  shard_list all;
  for (const auto& [name, entry] : state.collections()) {
    const auto factors = factor_of_shards(entry);
    const auto keys = key_of_shards(entry);
    for (const auto& [shard, group] : entry.groups) {
      auto told = show_shard(state, seen, group);
      told.collection = name;
      told.shard = shard;
      told.factor = factors.at(shard);
      if (const auto key = keys.find(shard); key != keys.end())
        told.key = *key->second;
      all.shards.push_back(std::move(told));
    }
  }
  return all;
}

group_list show_groups(const metadata& state, const node_sight& seen) {
  group_list all;
  for (const auto& [group, is] : seen.groups)
    all.groups.push_back(show_group(state, seen, group, is));
  return all;
}

namespace {

/// What a collection lacks: the shard that has the fewest of the data replicas wanted of it, and
/// whether each that needs a witness has one.
struct shortage {
  std::size_t wanted = 0;
  std::size_t fewest = 0;
  bool witnessed = true;
};

shortage shortage_of(const metadata& state, const collection_entry& of) {
  shortage told;
  for (const auto& [shard, factor] : factor_of_shards(of)) {
    const auto at = state.groups().find(of.groups.at(shard));
    if (at == state.groups().end())
      continue;
    const auto placed = at->second.placed(factor);
    const auto has = placed.data.size();
    if (told.wanted == 0 || factor + told.fewest > told.wanted + has) {
      told.wanted = factor;
      told.fewest = has;
    }
    told.witnessed = told.witnessed && (has % 2 == 1 || placed.witness);
  }
  return told;
}

/// The replicas of each shard that a command asks for, and of what.
std::pair<std::uint32_t, std::string> wish_of(const metadata_command& command) {
  if (const auto* made = std::get_if<create_collection>(&command))
    return {made->options.replication_factor, "collection `" + made->name + "`"};
  if (const auto* changed = std::get_if<update_collection>(&command))
    return {changed->changes.replication_factor.value_or(0), "collection `" + changed->name + "`"};
  if (const auto* key = std::get_if<create_shard_key>(&command); key && !key->what.placement)
    return {key->what.replication_factor.value_or(0),
            "key " + text_of(key->what.key) + " of collection `" + key->name + "`"};
  return {0, {}};
}

} // namespace

std::string wish_beyond_nodes(const metadata& state, const metadata_command& command) {
  const auto [factor, of] = wish_of(command);
  if (factor <= 1 || is_alone(state))
    return {};
  const auto nodes = state.placement().nodes.size();
  if (factor <= nodes)
    return {};
  return of + ": replication_factor is " + std::to_string(factor) + ", and there "
         + (nodes == 1 ? "is 1 node" : "are " + std::to_string(nodes) + " nodes")
         + ": each shard gets one on each of them, and more as soon as there are more nodes";
}

std::vector<std::string> replication_warnings(const metadata& state, const collection_entry& of) {
  if (is_alone(state))
    return {};
  const auto [factor, fewest, witnessed] = shortage_of(state, of);
  std::vector<std::string> all;
  if (fewest < factor)
    all.push_back("replication_factor is " + std::to_string(factor) + ", but a shard has only "
                  + std::to_string(fewest) + (fewest == 1 ? " replica" : " replicas")
                  + "; more are made as soon as there are nodes for them");
  if (!witnessed)
    all.push_back(fewest == 2
                      ? "a shard has two replicas and no node is left for a witness: writes stop "
                        "while one of the two is away"
                      : "a shard has an even number of replicas and no node is left for a "
                        "witness: writes stop while half of them are away");
  return all;
}

} // namespace grape::cluster
