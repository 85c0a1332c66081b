#include "core/cluster/coordinator.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

using namespace grape;

namespace {

using cluster::group_action;
using cluster::move_stage;
using cluster::node_state;

constexpr std::uint64_t minute_ms = 60'000;

/// What the world does with one group: its members, its leader, who has which data.
struct group_world {
  raft::configuration members;
  log_index members_since{1};
  replica_id leader;
  std::set<replica_id> with_data;
  std::set<replica_id> indexed;
};

/// Nodes that die and come back, groups that do what they are told while a majority of them lives,
/// and whoever leads the metadata group, which is somebody else now and then.
class world {
public:
  world(std::uint32_t nodes, std::uint32_t shards, std::uint32_t factor, std::uint64_t seed = 1)
    : random_(seed) {
    cluster::found_cluster founding{"c", {}};
    for (std::uint32_t i = 1; i <= nodes; ++i)
      founding.founders.push_back({"n" + std::to_string(i), "", "", 0, node_state::active});
    commit(founding);
    cluster::create_collection made{"words", {}};
    made.options.vectors[""].size = 4;
    made.options.shard_number = shards;
    made.options.replication_factor = factor;
    commit(made);
    for (const auto& [group, replicas] : state.groups())
      found(group, replicas);
  }

  void kill(node_number node) { dead.insert(node); }
  void revive(node_number node) { dead.erase(node); }

  void commit(const cluster::metadata_command& command) {
    const auto done = state.apply(command);
    CHECK_MESSAGE(done.ok(), (done ? std::string{} : done.error().detail));
  }

  /// One second: what the coordinator wants is committed and performed.
  bool second() {
    now_ms += 1'000;
    if (metadata_leader_falls_one_in > 0 && random_() % metadata_leader_falls_one_in == 0)
      leading_ = cluster::coordinator{{}};
    const auto next = leading_.look(state, look(), now_ms);
    for (const auto& command : next.commands)
      commit(command);
    for (const auto& action : next.actions)
      perform(action);
    for (auto& [group, one] : groups_)
      live(group, one);
    check();
    return next.commands.empty() && next.actions.empty();
  }

  void pass(std::uint64_t ms) {
    for (const auto end = now_ms + ms; now_ms < end;)
      second();
  }

  /// Until nothing is left to do and nothing moves; how many minutes that took.
  std::uint64_t settle() {
    const auto since = now_ms;
    const auto is_moving = [](const auto& group) { return group.second.move.has_value(); };
    while (!second() || std::any_of(state.groups().begin(), state.groups().end(), is_moving))
      REQUIRE(now_ms - since < 24 * 60 * minute_ms);
    return (now_ms - since) / minute_ms;
  }

  /// Every group has its factor of replicas on living nodes, and its members are what is committed.
  void check_well() {
    const auto where = state.placement();
    for (const auto& [group, replicas] : state.groups()) {
      CAPTURE(group.value);
      const auto& wanted = where.groups.at(group);
      CHECK(wanted.data.size() == wanted.factor);
      for (const auto& each : replicas.replicas) {
        CHECK_FALSE(dead.contains(each.node));
        CHECK(groups_.at(group).members.is_voter(each.id));
      }
      CHECK(groups_.at(group).members.members().size() == replicas.replicas.size());
    }
    const auto counts = replica_counts(where);
    const auto [least, most] = std::minmax_element(
        counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
    CHECK(most->second - least->second <= 1);
  }

  cluster::metadata state;
  std::set<node_number> dead;
  std::uint64_t now_ms = 0;
  std::uint64_t metadata_leader_falls_one_in = 0; ///< Seconds in the mean; 0 = never.
  std::size_t in_most = 0; ///< Replicas that one node ever received at a time.

private:
  void found(group_id group, const cluster::shard_replicas& replicas) {
    auto& one = groups_[group];
    for (const auto& each : replicas.replicas) {
      one.members.voters.push_back(each.id);
      if (each.role == cluster::replica_role::witness)
        one.members.witnesses.push_back(each.id);
      one.with_data.insert(each.id);
    }
    one.leader = one.members.voters.front();
  }

  bool lives(group_id group, replica_id which) const {
    const auto& replicas = state.groups().at(group);
    const auto* known = replicas.find(which);
    if (known != nullptr)
      return !dead.contains(known->node);
    const auto& move = replicas.move;
    for (const auto& end : {move ? move->from : std::nullopt, move ? move->to : std::nullopt})
      if (end && end->id == which)
        return !dead.contains(end->node);
    return false;
  }

  bool has_majority(group_id group, const raft::replica_set& voters) const {
    const auto alive =
        std::count_if(voters.begin(), voters.end(), [&](auto each) { return lives(group, each); });
    return voters.empty() || 2 * static_cast<std::size_t>(alive) > voters.size();
  }

  bool can_decide(group_id group, const raft::configuration& members) const {
    return has_majority(group, members.voters) && has_majority(group, members.outgoing);
  }

  bool can_lead(group_id group, const group_world& one, replica_id which) const {
    return lives(group, which) && raft::contains(one.members.voters, which)
           && !raft::contains(one.members.witnesses, which);
  }

  void live(group_id group, group_world& one) {
    if (!can_decide(group, one.members))
      return;
    if (!can_lead(group, one, one.leader))
      for (const auto voter : one.members.voters)
        if (can_lead(group, one, voter))
          one.leader = voter;
    if (one.members.joint())
      become(one, *raft::changed(one.members, {raft::change_mode::leave, {}}));
    for (const auto learner : one.members.learners)
      if (lives(group, learner) && random_() % 30 == 0)
        one.with_data.insert(learner);
  }

  static void become(group_world& one, raft::configuration next) {
    one.members = std::move(next);
    one.members_since = one.members_since.next();
  }

  cluster::cluster_sight look() {
    cluster::cluster_sight seen;
    seen.down = dead;
    for (auto& [group, one] : groups_) {
      const auto& replicas = state.groups().at(group);
      auto& told = seen.groups[group];
      told.has_leader = can_decide(group, one.members) && can_lead(group, one, one.leader);
      told.members = one.members;
      told.members_since = one.members_since;
      told.leader = one.leader;
      for (const auto voter : one.members.voters)
        if (voter != one.leader && can_lead(group, one, voter))
          told.successor = voter;
      if (!replicas.move)
        continue;
      const auto& move = *replicas.move;
      if (move.to) {
        told.follows = one.with_data.contains(move.to->id) && lives(group, move.to->id);
        told.indexed = one.indexed.contains(move.to->id);
      }
      const auto& goes = move.stage == move_stage::undoing ? move.to : move.from;
      told.deleted = goes && !one.with_data.contains(goes->id);
    }
    return seen;
  }

  void perform(const group_action& what) {
    auto& one = groups_.at(what.group);
    if (const auto* change = std::get_if<cluster::change_members>(&what.action)) {
      if (change->based_on == one.members_since && can_decide(what.group, one.members))
        if (auto next = raft::changed(one.members, change->change))
          if (can_decide(what.group, *next))
            become(one, std::move(*next));
    } else if (const auto* build = std::get_if<cluster::build_indexes>(&what.action)) {
      if (lives(what.group, build->where.id))
        one.indexed.insert(build->where.id);
    } else if (const auto* over = std::get_if<cluster::hand_leadership_over>(&what.action)) {
      one.leader = over->to;
    } else if (const auto* gone = std::get_if<cluster::delete_replica>(&what.action)) {
      CHECK_FALSE(one.members.is_voter(gone->which.id));
      if (lives(what.group, gone->which.id))
        one.with_data.erase(gone->which.id);
    }
  }

  /// A majority of those who count has the data, and nobody is given too much at a time.
  void check() {
    std::map<node_number, std::size_t> in;
    for (const auto& [group, replicas] : state.groups()) {
      const auto& one = groups_.at(group);
      for (const auto voter : one.members.voters)
        if (!raft::contains(one.members.witnesses, voter))
          CHECK(one.with_data.contains(voter));
      const auto& move = replicas.move;
      if (move && move->to && move->to->role == cluster::replica_role::voter
          && move->stage < move_stage::leaving)
        in_most = std::max(in_most, ++in[move->to->node]);
    }
  }

  std::mt19937_64 random_;
  cluster::coordinator leading_{{}};
  std::map<group_id, group_world> groups_;
};

TEST_SUITE("core.cluster.coordinator") {
  TEST_CASE("a healthy cluster is left alone") {
    world all{5, 20, 3};
    const auto before = all.state;
    all.pass(10 * minute_ms);
    CHECK(all.state == before);
  }

  TEST_CASE("a state in which all is placed is not planned again, another one is") {
    world all{3, 12, 2};
    cluster::coordinator leading{{}};
    const cluster::cluster_sight nobody_down;
    CHECK(leading.look(all.state, nobody_down, 0, epoch{7}).commands.empty());

    all.commit(cluster::add_node{{"n4", "", "", 0, node_state::active}});
    CHECK(leading.look(all.state, nobody_down, 1'000, epoch{7}).commands.empty()); // As told.
    CHECK_FALSE(leading.look(all.state, nobody_down, 2'000).commands.empty());
    CHECK_FALSE(leading.look(all.state, nobody_down, 3'000, epoch{8}).commands.empty());
    CHECK_FALSE(leading.look(all.state, nobody_down, 4'000, epoch{8}).commands.empty());
  }

  TEST_CASE("a node that comes back within the delay keeps its replicas") {
    world all{4, 12, 3};
    const auto before = all.state;

    all.kill(node_number{2});
    all.pass(2 * minute_ms);
    CHECK(all.state.nodes().at(node_number{2}).state == node_state::away);
    CHECK(all.state.groups() == before.groups());

    all.revive(node_number{2});
    all.settle();
    CHECK(all.state == before);
  }

  TEST_CASE(
      "what a dead node held is replaced after the delay; when it returns, it gets its share") {
    world all{4, 12, 3};

    all.kill(node_number{2});
    all.pass(6 * minute_ms);
    all.settle();
    CHECK(all.state.nodes().at(node_number{2}).state == node_state::down);
    all.check_well();
    CHECK(all.in_most <= 2);

    all.revive(node_number{2});
    all.settle();
    CHECK(all.state.nodes().at(node_number{2}).state == node_state::active);
    all.check_well();
  }

  TEST_CASE("a new node gets its share, two replicas at a time") {
    world all{3, 30, 2};
    all.commit(cluster::add_node{{"n4", "", "", 0, node_state::active}});
    all.settle();
    all.check_well();
    CHECK(all.in_most == 2);
  }

  TEST_CASE("one that was admitted and never comes is forgotten, one that came is not") {
    world all{3, 6, 3};
    all.commit(cluster::add_node{{"n4", "n4:1", "n4:2", 0, node_state::active, 77}});
    all.commit(cluster::add_node{{"n5", "n5:1", "n5:2", 0, node_state::active, 78}});
    all.commit(cluster::change_node{node_number{5}, "n5:1", "n5:2", 1});
    all.kill(node_number{4});
    all.kill(node_number{5});

    all.pass(9 * minute_ms);
    CHECK(all.state.nodes().at(node_number{4}).state == node_state::down);
    all.pass(2 * minute_ms);
    CHECK(all.state.nodes().at(node_number{4}).state == node_state::removed);
    CHECK(all.state.nodes().at(node_number{5}).state == node_state::down);
    CHECK_FALSE(all.state.find_node("n4").has_value());
  }

  TEST_CASE("a node that is to leave is emptied, then removed") {
    world all{4, 12, 3};
    all.commit(cluster::set_node_state{node_number{1}, node_state::leaving});
    all.settle();
    CHECK(all.state.nodes().at(node_number{1}).state == node_state::removed);
    all.check_well();
  }

  TEST_CASE("one of five can leave, though the metadata group has a replica on each") {
    world all{5, 8, 3};
    REQUIRE(all.state.groups().at(cluster::metadata_group).replicas.size() == 5);
    all.commit(cluster::set_node_state{node_number{4}, node_state::leaving});
    all.settle();
    CHECK(all.state.nodes().at(node_number{4}).state == node_state::removed);
    CHECK(all.state.groups().at(cluster::metadata_group).replicas.size() == 3);
    all.check_well();
  }

  TEST_CASE("with too few nodes left, replicas stay where they are") {
    world all{3, 6, 3};
    const auto before = all.state.groups();
    all.commit(cluster::set_node_state{node_number{1}, node_state::leaving});
    all.pass(10 * minute_ms);
    CHECK(all.state.groups() == before);
    CHECK(all.state.nodes().at(node_number{1}).state == node_state::leaving);
  }

  TEST_CASE("a newcomer that dies in the middle of a move is given up for another") {
    world all{5, 10, 3};
    all.commit(cluster::add_node{{"n6", "", "", 0, node_state::active}});
    all.pass(5'000);
    REQUIRE(all.in_most > 0);
    all.kill(node_number{6});
    all.pass(10 * minute_ms);
    all.settle();
    all.check_well();
  }

  TEST_CASE("through any weather the cluster comes to rest, with nothing lost") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto factor = static_cast<std::uint32_t>(1 + seed % 3);
      world all{static_cast<std::uint32_t>(5 + random() % 4), 15, factor, seed};
      all.metadata_leader_falls_one_in = 200;
      for (int event = 0; event < 40; ++event) {
        const auto last = static_cast<std::uint32_t>(all.state.nodes().size());
        const node_number any{static_cast<std::uint32_t>(1 + random() % last)};
        const auto& node = all.state.nodes().at(any);
        switch (random() % 6) {
          case 0:
            if (last < 12)
              all.commit(cluster::add_node{
                  {"n" + std::to_string(last + 1), "", "", 0, node_state::active}});
            break;
          case 1:
            if (node.state == node_state::active && last > 7 && random() % 4 == 0)
              all.commit(cluster::set_node_state{any, node_state::leaving});
            break;
          case 2:
          case 3:
            if (all.dead.empty())
              all.kill(any);
            break;
          default:
            if (!all.dead.empty())
              all.revive(*all.dead.begin());
        }
        all.pass(random() % (8 * minute_ms));
      }
      all.dead.clear();
      all.settle();
      all.check_well();
    }
  }
}

} // namespace
