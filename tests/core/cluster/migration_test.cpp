#include "core/cluster/migration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

using namespace grape;

namespace {

using cluster::move_number;
using cluster::move_observation;
using cluster::move_stage;
using cluster::placement_step;
using cluster::replica_role;

constexpr group_id g1{1};
constexpr move_number m1{1};
constexpr node_number newcomer{9};

cluster::shard_replicas group_of(std::size_t data, bool witness) {
  cluster::placed_group where;
  where.factor = data;
  for (std::uint32_t i = 1; i <= data; ++i)
    where.data.insert(node_number{i});
  if (witness)
    where.witness = node_number{static_cast<std::uint32_t>(data + 1)};
  return first_replicas(g1, where);
}

raft::configuration members_of(const cluster::shard_replicas& replicas) {
  raft::configuration members;
  for (const auto& each : replicas.replicas) {
    (each.role == replica_role::learner ? members.learners : members.voters).push_back(each.id);
    if (each.role == replica_role::witness)
      members.witnesses.push_back(each.id);
  }
  return members;
}

/// A group, the metadata group's record of it, and drivers that come and go: what they saw may be
/// old, what they sent may arrive late.
class world {
public:
  world(std::uint64_t seed, std::size_t data, bool witness, const placement_step& step)
    : random_(seed)
    , record(group_of(data, witness))
    , members(members_of(record)) {
    leader_ = members.voters.front();
    voters_least_ = members.voters.size();
    if (!step.to)
      --voters_least_;
    REQUIRE(record.begin(m1, step).ok());
    to_ = record.move->to;
    from_ = record.move->from;
  }

  void step() {
    elapse();
    const auto seen = chance(20) ? old_ : look();
    old_ = look();
    if (record.move)
      act(next_action(record, seen, options_));
    else if (const auto mended = mend_members(record, seen))
      late_.push_back(*mended);
    check();
  }

  /// Nothing is late any more and nothing is to be done.
  bool at_rest() { return !record.move && late_.empty() && !mend_members(record, look()); }

  /// As an operator wants it: refused if there is no way back.
  void abort() { (void)record.advance(m1, move_stage::undoing); }

  void fail_always() { failures_ = 9; }

private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

  move_observation look() {
    move_observation seen;
    seen.has_leader = !chance(10);
    seen.members = members;
    seen.members_since = since_;
    seen.leader = leader_;
    for (const auto voter : members.voters)
      if (voter != leader_ && !raft::contains(members.witnesses, voter))
        seen.successor = voter;
    seen.follows = to_ && members.is_member(to_->id) && chance(3);
    seen.indexed = indexed_;
    const auto goes = record.move && record.move->stage == move_stage::undoing ? to_ : from_;
    seen.deleted = goes && deleted_.contains(goes->id);
    seen.failures = failures_;
    seen.stage_ms = random_() % 100'000;
    return seen;
  }

  /// Time goes on: late proposals arrive in any order, joint states end, leaders change.
  void elapse() {
    if (!late_.empty() && chance(8)) {
      const auto at = static_cast<std::ptrdiff_t>(random_() % late_.size());
      const auto proposed = late_[static_cast<std::size_t>(at)];
      late_.erase(late_.begin() + at);
      if (proposed.based_on == since_)
        if (auto next = raft::changed(members, proposed.change))
          become(std::move(*next));
    }
    if (members.joint() && chance(3))
      become(*raft::changed(members, {raft::change_mode::leave, {}}));
    if (chance(15) || !raft::contains(members.voters, leader_))
      leader_ = members.voters[random_() % members.voters.size()];
  }

  void become(raft::configuration next) {
    members = std::move(next);
    since_ = since_.next();
  }

  void act(const cluster::migration_action& action) {
    if (chance(10))
      return; // The driver died.
    if (const auto* change = std::get_if<cluster::change_members>(&action))
      late_.push_back(*change);
    else if (std::holds_alternative<cluster::build_indexes>(action))
      indexed_ = true;
    else if (const auto* over = std::get_if<cluster::hand_leadership_over>(&action))
      leader_ = over->to;
    else if (const auto* stage = std::get_if<cluster::record_stage>(&action))
      (void)record.advance(m1, stage->stage); // Refused if the driver saw something old.
    else if (const auto* remove = std::get_if<cluster::delete_replica>(&action))
      deleted_.insert(remove->which.id);
    else if (std::holds_alternative<cluster::record_end>(action))
      (void)record.finish(m1, cluster::move_number{2});
  }

  void check() {
    CHECK(members.voters.size() >= voters_least_);
    for (const auto gone : deleted_)
      CHECK_FALSE(members.is_voter(gone));
    // Whom routers are sent to has data and counts.
    if (record.move && record.move->stage == move_stage::leaving && to_)
      CHECK(raft::contains(members.voters, to_->id));
  }

  std::mt19937_64 random_;

public:
  cluster::shard_replicas record;
  raft::configuration members;

private:
  cluster::migration_options options_;
  log_index since_{1};
  replica_id leader_;
  std::size_t voters_least_ = 0;
  std::optional<cluster::replica> to_;
  std::optional<cluster::replica> from_;
  std::set<replica_id> deleted_;
  std::vector<cluster::change_members> late_;
  move_observation old_;
  bool indexed_ = false;
  std::uint32_t failures_ = 0;
};

struct move_case {
  const char* name;
  std::size_t data;
  bool witness;
  placement_step step;
};

const move_case cases[] = {
    {"one of three goes elsewhere", 3, false, {g1, node_number{1}, newcomer}},
    {"the only replica goes elsewhere", 1, false, {g1, node_number{1}, newcomer}},
    {"a further replica", 2, false, {g1, {}, newcomer}},
    {"a replica too many", 3, false, {g1, node_number{2}, {}}},
    {"a witness comes", 2, false, {g1, {}, newcomer, true}},
    {"a witness moves", 2, true, {g1, node_number{3}, newcomer, true}},
    {"a witness goes", 2, true, {g1, node_number{3}, {}, true}},
};

TEST_SUITE("core.cluster.migration") {
  TEST_CASE("each move completes, whoever drives it and however late") {
    for (const auto& [name, data, witness, step] : cases) {
      CAPTURE(name);
      for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        world all{seed, data, witness, step};
        for (int i = 0; i < 5'000 && !all.at_rest(); ++i)
          all.step();

        REQUIRE(all.at_rest());
        auto expected = cluster::placed_group{};
        expected.factor = data;
        expected = after(group_of(data, witness).placed(data), step);
        CHECK(all.record.placed(data) == expected);
        CHECK(all.members == members_of(all.record));
      }
    }
  }

  TEST_CASE("a move that is given up at any moment completes or leaves all as it was") {
    std::size_t undone = 0;
    std::size_t completed = 0;
    for (const auto& [name, data, witness, step] : cases) {
      CAPTURE(name);
      for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        CAPTURE(seed);
        world all{seed, data, witness, step};
        for (int i = 0; i < 5'000 && !all.at_rest(); ++i) {
          if (static_cast<std::uint64_t>(i) == seed % 40)
            all.abort();
          all.step();
        }

        REQUIRE(all.at_rest());
        const auto before = group_of(data, witness).placed(data);
        const auto now = all.record.placed(data);
        CHECK((now == before || now == after(before, step)));
        CHECK(all.members == members_of(all.record));
        ++(now == before ? undone : completed);
      }
    }
    CHECK(undone > 100);
    CHECK(completed > 100);
  }

  TEST_CASE("a newcomer that fails again and again is given up") {
    world all{3, 3, false, {g1, node_number{1}, newcomer}};
    all.fail_always();
    for (int i = 0; i < 5'000 && !all.at_rest(); ++i)
      all.step();
    CHECK(all.record.placed(3) == group_of(3, false).placed(3));
  }

  TEST_CASE("a leader that leaves hands over first, but not for ever") {
    auto of = group_of(3, false);
    REQUIRE(of.begin(m1, {g1, node_number{1}, newcomer}).ok());
    REQUIRE(of.advance(m1, move_stage::indexing).ok());
    REQUIRE(of.advance(m1, move_stage::switching).ok());
    move_observation seen;
    seen.has_leader = true;
    seen.members = members_of(of);
    seen.leader = replica_id{1};
    seen.successor = replica_id{2};

    const auto first = next_action(of, seen, {});
    seen.stage_ms = 2'000;
    const auto later = next_action(of, seen, {});

    REQUIRE(std::holds_alternative<cluster::hand_leadership_over>(first));
    CHECK(std::get<cluster::hand_leadership_over>(first).to == replica_id{2});
    REQUIRE(std::holds_alternative<cluster::change_members>(later));
    CHECK(std::get<cluster::change_members>(later).change.steps
          == std::vector<raft::change_step>{{raft::change_kind::add_voter, replica_id{4}},
                                            {raft::change_kind::remove, replica_id{1}}});
  }

  TEST_CASE("who left keeps its data for a while, for routers that do not know yet") {
    auto of = group_of(3, false);
    REQUIRE(of.begin(m1, {g1, node_number{2}, {}}).ok());
    REQUIRE(of.advance(m1, move_stage::leaving).ok());
    move_observation seen;

    seen.stage_ms = 59'999;
    CHECK(std::holds_alternative<cluster::wait_for_news>(next_action(of, seen, {})));
    seen.stage_ms = 60'000;
    CHECK(std::holds_alternative<cluster::wait_for_news>(next_action(of, seen, {})));
    seen.has_leader = true; // Nobody else's vote is needed.
    CHECK(std::holds_alternative<cluster::delete_replica>(next_action(of, seen, {})));
    seen.deleted = true;
    CHECK(std::holds_alternative<cluster::record_end>(next_action(of, seen, {})));
  }
}

} // namespace
