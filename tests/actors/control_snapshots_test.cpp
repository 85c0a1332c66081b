// Members of the control plane that are behind its log, or new: on real actors, over a wire that
// can be cut, with nodes and actors that die in the middle.

#include "actors/replica_folder.hpp"
#include "tests/actors/cluster_by_hand.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

/// Logs are cut early; who is away for two seconds is replaced.
void hasty(house& home) {
  home.host.log_kept = {.kept_min = 4, .kept_max = 8, .step_min = 2};
  home.config.cluster.repair_delay_s = 2;
}

struct control_cluster : cluster_by_hand {
  explicit control_cluster(std::size_t nodes, std::uint64_t seed = 1)
    : cluster_by_hand(nodes, seed, hasty) {
    until([this] { return leader().has_value(); });
  }

  std::optional<node_number> leader() const { return leader_of(cluster::metadata_group); }

  const cluster::metadata& state(node_number on) { return at(on).home->known.get()->state; }

  void create(node_number through) {
    auto request = deterministic_node::collection_of("words" + std::to_string(++made), 1);
    const auto done = ask<changed>(through, std::move(request));
    REQUIRE_MESSAGE(done.ok(), (done ? std::string{} : to_string(done.error())));
  }

  log_index base(node_number on) {
    const auto found = at(on).home->log.get()->base(cluster::metadata_group);
    return found ? found->mark.index : log_index{};
  }

  log_index last(node_number on) {
    return at(on).home->log.get()->range(cluster::metadata_group).last;
  }

  bool is_member(node_number on, node_number which) {
    const auto* replica = state(on).groups().at(cluster::metadata_group).on(which);
    return replica != nullptr && replica->role == cluster::replica_role::voter;
  }

  std::vector<node_number> members_but(std::optional<node_number> one) {
    std::vector<node_number> found;
    for (const auto& each : state(*leader()).groups().at(cluster::metadata_group).replicas)
      if (each.node != one)
        found.push_back(each.node);
    return found;
  }

  void cut_off(node_number one) {
    for (std::uint32_t i = 1; i <= size(); ++i)
      if (node_number{i} != one)
        cut(one, node_number{i});
  }

  /// A member that does not lead hears nothing while the others' log goes on and is cut.
  node_number leave_behind() {
    const auto away = members_but(leader()).front();
    cut_off(away);
    const auto whom = *leader();
    for (int i = 0; i < 14; ++i)
      create(whom);
    advance(2'000);
    REQUIRE(base(*leader()) > last(away));
    return away;
  }

  bool had_snapshot(node_number node) {
    const auto notes = at(node).home->notes.all();
    return std::any_of(notes.begin(), notes.end(), [](const auto& note) {
      return note.find("of the control plane got a snapshot") != std::string::npos;
    });
  }

  void require_equal(node_number one) {
    until(
        [&] {
          return runs(one) && at(one).home->known.get() && leader()
                 && state(one) == state(*leader());
        },
        60'000);
  }

  /// Everybody takes it for dead, or for alive again.
  void hear(node_number which, cluster::health as) {
    for (std::uint32_t i = 1; i <= size(); ++i)
      if (node_number{i} != which && runs(node_number{i}))
        at(node_number{i}).home->peers.change(which, [as](auto& peer) { peer.health = as; });
  }

  std::uint32_t made = 0;
};

} // namespace

TEST_SUITE("actors.control_snapshots") {
  TEST_CASE("a member that was cut off while the log was cut gets the state, and goes on") {
    control_cluster cluster{3};
    const auto away = cluster.leave_behind();

    cluster.heal();
    cluster.require_equal(away);

    CHECK(cluster.had_snapshot(away));
    cluster.create(away);
    cluster.require_equal(away);
    cluster.kill(away);
    cluster.start(away);
    cluster.require_equal(away);
    CHECK(cluster.base(away) > log_index{1});
    // It votes again: with it alone beside the leader there is a majority.
    for (const auto other : cluster.members_but(away))
      if (other != *cluster.leader()) {
        cluster.kill(other);
        break;
      }
    cluster.create(away);
  }

  TEST_CASE("whenever it dies meanwhile, its next start finishes or drops what came") {
    bool was_late = false;
    for (std::uint64_t ms = 0; ms <= 600 && !was_late; ms += 1 + ms / 8) {
      CAPTURE(ms);
      control_cluster cluster{3, 7};
      const auto away = cluster.leave_behind();
      cluster.heal();
      cluster.advance(ms);
      was_late = cluster.had_snapshot(away);
      cluster.kill(away);
      cluster.disk(away).power_cut();

      cluster.start(away);
      cluster.require_equal(away);

      cluster.create(away);
      cluster.require_equal(away);
    }
    CHECK(was_late);
  }

  TEST_CASE("so do its actors, and those of the leader") {
    for (const std::string who : {"meta", "raft_group control"})
      for (const auto on_leader : {false, true})
        for (std::uint64_t ms : {40, 90, 150, 300}) {
          CAPTURE(who);
          CAPTURE(on_leader);
          CAPTURE(ms);
          control_cluster cluster{3, 11 + ms};
          const auto away = cluster.leave_behind();
          cluster.heal();
          cluster.advance(ms);
          const auto where = on_leader ? *cluster.leader() : away;

          REQUIRE(cluster.ask<changed>(where, kill_actor_request{who}).ok());
          cluster.require_equal(away);

          cluster.create(*cluster.leader());
          cluster.require_equal(away);
        }
  }

  // Goal: wherever room ends while the state comes to a member that is behind, it goes on when
  // there is room again. Method: the disk is full from the nth write to META's store on.
  TEST_CASE("a member without room for the state takes it when there is room") {
    for (int nth = 1; nth <= 4; ++nth) {
      CAPTURE(nth);
      control_cluster cluster{3, 40 + static_cast<std::uint64_t>(nth)};
      const auto away = cluster.leave_behind();
      auto& disk = cluster.disk(away);
      int writes = 0;
      disk.on_operation([&](storage::file_operation what, const std::string& path) {
        if (what == storage::file_operation::append && path.find("/meta/") != std::string::npos
            && ++writes >= nth)
          disk.limit_bytes(1);
      });
      cluster.heal();
      cluster.advance(5'000);
      REQUIRE(writes >= nth);

      disk.on_operation({});
      disk.limit_bytes(1ull << 40);
      cluster.require_equal(away);
      cluster.create(*cluster.leader());
      cluster.require_equal(away);
    }
  }

  TEST_CASE("who is renewed behind its store shows nobody less than he saw") {
    cluster_by_hand cluster{3};
    cluster.until([&] { return cluster.leader_of(cluster::metadata_group).has_value(); });
    const auto leader = *cluster.leader_of(cluster::metadata_group);
    const auto other = leader == node_number{1} ? node_number{2} : node_number{1};
    auto& disk = cluster.disk(other);
    disk.on_operation([&disk](storage::file_operation what, const std::string& path) {
      const auto is_store = path.find("/meta/") != std::string::npos;
      disk.limit_bytes(what == storage::file_operation::append && is_store ? 1 : 1ull << 40);
    });
    for (const std::string name : {"one", "two", "three"}) {
      create_collection_request request;
      request.collection = name;
      request.options.single_unnamed = true;
      request.options.vectors[""].size = 2;
      request.options.shard_number = 1;
      REQUIRE(cluster.ask<changed>(leader, std::move(request)).ok());
    }
    const auto& known = cluster.at(other).home->known;
    cluster.until([&] { return known.get()->state.find("three") != nullptr; });
    const auto shown = known.get()->epoch;

    disk.on_operation({});
    disk.limit_bytes(1ull << 40);
    REQUIRE(cluster.ask<changed>(other, kill_actor_request{"meta"}).ok());
    for (int ms = 0; ms < 3'000; ++ms) {
      cluster.advance(1);
      REQUIRE(known.get()->epoch >= shown);
    }
    CHECK(known.get()->state.find("three") != nullptr);
  }

  TEST_CASE("who has left follows the others at once, though it keeps its log for a minute") {
    for (const auto leads : {false, true}) {
      CAPTURE(leads);
      control_cluster cluster{4, leads ? 5u : 6u};
      const auto first = *cluster.leader();
      const auto left = leads ? first : cluster.members_but(first).front();
      node_number fourth{1};
      while (cluster.is_member(first, fourth))
        fourth = fourth.next();
      const cluster::metadata_command begun =
          cluster::begin_move{{cluster::metadata_group, left, fourth}, true};
      caf::anon_send(cluster.at(first).home->board.get<meta_actor>(role::meta),
                     change_metadata{std::make_shared<const cluster::metadata_command>(begun)});
      cluster.until([&] { return cluster.is_member(fourth, fourth); });

      cluster.until([&] { return !cluster.is_member(left, left); }, 1'000);
      cluster.create(left);
      cluster.advance(1'000);
      CHECK(cluster.state(left) == cluster.state(*cluster.leader()));

      CHECK(cluster.at(left).home->leaders.of(cluster::metadata_group) == cluster.leader());

      // Also when those whom it knew to lead are gone.
      CHECK(cluster.last(left) > log_index{});
      const auto next = *cluster.leader();
      cluster.kill(next);
      cluster.until([&] { return cluster.leader().has_value(); });
      cluster.create(left);
      cluster.advance(1'000);
      CHECK(cluster.state(left) == cluster.state(*cluster.leader()));
      CHECK(cluster.at(left).home->leaders.of(cluster::metadata_group) == cluster.leader());

      // And after a start, whose first word is a change: where it is to be found.
      cluster.kill(left);
      cluster.start(left);
      cluster.until([&] {
        return cluster.runs(left) && cluster.leader()
               && cluster.at(left).home->leaders.of(cluster::metadata_group) == cluster.leader();
      });
    }
  }

  TEST_CASE("what was made through one node is known on all when that is answered") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      control_cluster cluster{4, seed}; // One of them is no member.
      const auto know = [&](const std::string& name) {
        std::size_t nodes = 0;
        for (std::uint32_t i = 1; i <= 4; ++i)
          nodes += cluster.state(node_number{i}).find(name) != nullptr ? 1 : 0;
        return nodes;
      };
      for (std::uint32_t i = 0; i < 12; ++i) {
        cluster.advance(i * 17 % 100);
        cluster.create(node_number{i % 4 + 1});
        CHECK(know("words" + std::to_string(cluster.made)) == 4);
      }
      // Who does not answer is not waited for.
      cluster.cut_off(cluster.members_but(cluster.leader()).front());
      cluster.create(*cluster.leader());
      CHECK(know("words" + std::to_string(cluster.made)) == 3);
    }
  }

  TEST_CASE("what a shard left is kept for a minute, then deleted, though its node began anew") {
    control_cluster cluster{4};
    cluster.create(node_number{1});
    const group_id group{1};
    const auto of = [&](node_number on) { return cluster.state(on).groups().at(group); };
    const auto first = of(node_number{1});
    const auto from = first.replicas.front();
    node_number to{1};
    while (first.on(to) != nullptr)
      to = to.next();
    const auto folder = [&] {
      return *replica_folder(*cluster.at(from.node).home, cluster.state(from.node),
                             {group, from.id});
    };
    const cluster::metadata_command begun = cluster::begin_move{{group, from.node, to}, true};
    caf::anon_send(cluster.at(node_number{1}).home->board.get<meta_actor>(role::meta),
                   change_metadata{std::make_shared<const cluster::metadata_command>(begun)});
    cluster.until([&] { return of(from.node).on(from.node) == nullptr; });

    cluster.kill(from.node);
    cluster.start(from.node);
    cluster.advance(10'000);
    CHECK(of(to).move.has_value()); // Nobody takes for deleted what lies there.
    CHECK(cluster.at(from.node).home->files->exists(folder()));
    cluster.until([&] { return !of(to).move.has_value(); }, 90'000);
    CHECK_FALSE(cluster.at(from.node).home->files->exists(folder()));
    CHECK(cluster.at(from.node).home->log.get()->range(group).empty());
  }

  TEST_CASE("a node takes the part of a dead member, which comes back as none") {
    control_cluster cluster{4};
    const auto dead = cluster.members_but(cluster.leader()).front();
    node_number fourth{1};
    while (cluster.is_member(*cluster.leader(), fourth))
      fourth = fourth.next();
    for (int i = 0; i < 6; ++i)
      cluster.create(fourth);

    cluster.kill(dead);
    cluster.hear(dead, cluster::health::silent);
    cluster.until(
        [&] {
          return cluster.leader() && cluster.is_member(*cluster.leader(), fourth)
                 && !cluster.is_member(*cluster.leader(), dead);
        },
        60'000);
    CHECK(cluster.had_snapshot(fourth));
    cluster.require_equal(fourth);

    // It votes: without one more of the first three there is still a majority.
    const auto others = cluster.members_but(fourth);
    const auto next = others.front() == *cluster.leader() ? others.back() : others.front();
    cluster.kill(next);
    cluster.create(fourth);
    cluster.start(next);
    cluster.require_equal(next);

    cluster.start(dead);
    cluster.require_equal(dead);
    cluster.until([&] { return cluster.base(dead) == log_index{}; });
    cluster.create(dead);
    cluster.require_equal(dead);
  }
}
