#include "tests/actors/cluster_by_hand.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

void create(cluster_by_hand& cluster, node_number through, const std::string& name,
            std::uint32_t shards, std::uint32_t factor, sync_mode mode = sync_mode::quorum) {
  auto request = deterministic_node::collection_of(name, shards, factor);
  request.options.replication.mode = mode;
  const auto made = cluster.ask<changed>(through, std::move(request));
  REQUIRE_MESSAGE(made.ok(), (made ? std::string{} : to_string(made.error())));
}

std::uint64_t count(cluster_by_hand& cluster, node_number through, const std::string& name) {
  const auto counted = cluster.ask<count_reply>(through, deterministic_node::count_of(name));
  REQUIRE_MESSAGE(counted.ok(), (counted ? std::string{} : to_string(counted.error())));
  return counted->count;
}

void upsert(cluster_by_hand& cluster, node_number through, const std::string& name,
            std::uint64_t first, std::uint64_t count) {
  const auto written =
      cluster.ask<write_receipts>(through, deterministic_node::upsert_of(name, first, count, true));
  REQUIRE_MESSAGE(written.ok(), (written ? std::string{} : to_string(written.error())));
}

using held_jobs = std::vector<std::pair<store_job, caf::typed_response_promise<done>>>;

/// A STORE_WORKER that does nothing before it is asked for a report.
store_worker_actor spawn_waiting_worker(caf::actor_system& system,
                                        std::shared_ptr<held_jobs> held) {
  return system.spawn(
      [held](store_worker_actor::pointer self) -> store_worker_actor::behavior_type {
        return {
            [held](report_yourself) {
              for (auto& [job, promise] : std::exchange(*held, {})) {
                job.run();
                promise.deliver(done{});
              }
              return self_report{};
            },
            [self, held](const store_job& job) -> caf::result<done> {
              return held->emplace_back(job, self->make_response_promise<done>()).second;
            },
        };
      });
}

} // namespace

TEST_SUITE("actors.cluster") {
  TEST_CASE("three nodes form one database: any node answers any request") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 2, 3);
    upsert(cluster, n2, "words", 1, 20);
    for (const auto node : {n1, n2, n3})
      CHECK(count(cluster, node, "words") == 20);
  }

  TEST_CASE("replicas and shards that nobody uses ask for no beats") {
    constexpr std::uint64_t until_all_is_synced_ms = 45'000;
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 4, 3);
    upsert(cluster, n1, "words", 1, 1); // Three of the shards get nothing but a leader.
    cluster.advance(until_all_is_synced_ms);
    for (const auto node : {n1, n2, n3}) {
      CHECK(cluster.at(node).home->busy_replicas.all() == std::set<group_id>{});
      CHECK(cluster.at(node).home->busy_shards.all() == std::set<group_id>{});
    }
  }

  TEST_CASE("a leader dies, another one goes on, and the first comes back") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 1, 3);
    upsert(cluster, n1, "words", 1, 5);
    const auto group =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    const auto leader = cluster.leader_of(group);
    REQUIRE(leader.has_value());
    const auto other = *leader == n1 ? n2 : n1;

    cluster.kill(*leader);
    cluster.until([&] { return cluster.leader_of(group).has_value(); });
    upsert(cluster, other, "words", 6, 5);
    CHECK(count(cluster, other, "words") == 10);

    cluster.start(*leader);
    cluster.until([&] { return cluster.at(*leader).home->ready.load(); });
    CHECK(count(cluster, *leader, "words") == 10);
  }

  TEST_CASE("with two copies and a witness any one node may die") {
    for (const auto victim : {n1, n2, n3}) {
      CAPTURE(victim.value);
      cluster_by_hand cluster{3, victim.value};
      create(cluster, n1, "words", 2, 2);
      upsert(cluster, n1, "words", 1, 6);
      const auto groups = cluster.at(n1).home->known.get()->state.find("words")->groups;
      const auto other = victim == n1 ? n2 : n1;

      cluster.kill(victim);
      cluster.until([&] {
        return std::all_of(groups.begin(), groups.end(), [&](const auto& shard) {
          return cluster.leader_of(shard.second).has_value();
        });
      });
      upsert(cluster, other, "words", 7, 6);
      CHECK(count(cluster, other, "words") == 12);
    }
  }

  TEST_CASE("who is no member of the control plane takes changes of it too, whoever leads") {
    cluster_by_hand cluster{4};
    std::uint32_t made = 0;
    for (const auto node : {n1, n2, n3, node_number{4}})
      create(cluster, node, "words" + std::to_string(++made), 1, 3);

    const auto leader = cluster.leader_of(cluster::metadata_group);
    REQUIRE(leader.has_value());
    cluster.kill(*leader);
    for (const auto node : {n1, n2, n3, node_number{4}})
      if (node != *leader)
        create(cluster, node, "words" + std::to_string(++made), 1, 3);
  }

  TEST_CASE("a leader without room on its disk lets another one lead") {
    for (const std::string full : {"/log/", "/points/"}) {
      CAPTURE(full);
      cluster_by_hand cluster{3};
      create(cluster, n1, "words", 1, 3);
      upsert(cluster, n1, "words", 1, 5);
      const auto group =
          cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
      const auto old = *cluster.leader_of(group);
      const auto other = old == n1 ? n2 : n1;
      auto& disk = cluster.disk(old);
      disk.on_operation([&](storage::file_operation what, const std::string& path) {
        if (what == storage::file_operation::append && path.find(full) != std::string::npos)
          disk.limit_bytes(1);
      });

      // Its fate is unknown: it was proposed before anybody knew of the disk.
      (void)cluster.ask<write_receipts>(other, deterministic_node::upsert_of("words", 6, 1, true));
      cluster.until([&] {
        const auto now = cluster.leader_of(group);
        return now && *now != old;
      });
      upsert(cluster, other, "words", 7, 4);
      CHECK(count(cluster, other, "words") >= 9);

      disk.on_operation({});
      disk.limit_bytes(1ull << 40);
      upsert(cluster, old, "words", 6, 5);
      CHECK(count(cluster, old, "words") == 10);
    }
  }

  TEST_CASE("a leader that is cut off answers no linearizable read, and is overruled") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 1, 3);
    upsert(cluster, n1, "words", 1, 5);
    const auto group =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    const auto old = *cluster.leader_of(group);
    const auto other = old == n1 ? n2 : n1;
    for (const auto node : {n1, n2, n3})
      if (node != old)
        cluster.cut(old, node);
    cluster.until([&] { return cluster.at(other).home->leaders.of(group) != old; });
    cluster.until([&] { return cluster.at(other).home->leaders.of(group).has_value(); });
    upsert(cluster, other, "words", 6, 5);

    auto stale = deterministic_node::count_of("words");
    stale.read.timeout_ms = 2'000;
    const auto refused = cluster.ask<count_reply>(old, stale);
    CHECK_FALSE(refused.ok());
    auto any = deterministic_node::count_of("words");
    any.read.level = read_level::eventual;
    const auto old_news = cluster.ask<count_reply>(old, any);
    REQUIRE(old_news.ok());
    CHECK(old_news->count == 5);

    cluster.heal();
    CHECK(count(cluster, old, "words") == 10);
  }

  TEST_CASE("who was away while a collection went and came again has a replica of the new one") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 1, 3);
    upsert(cluster, n1, "words", 1, 5);
    cluster.cut(n3, n1);
    cluster.cut(n3, n2);
    REQUIRE(cluster.ask<changed>(n1, delete_collection_request{"words"}).ok());
    create(cluster, n1, "words", 1, 3);
    upsert(cluster, n1, "words", 11, 3);
    cluster.heal();
    const auto group =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    cluster.until([&] {
      return cluster.at(n3).home->board.get<raft_group_actor>(role::raft_group(group)) != nullptr;
    });

    cluster.kill(n1); // So that no majority is without the one that was away.
    cluster.until([&] { return cluster.leader_of(group).has_value(); });
    upsert(cluster, n2, "words", 21, 3);
    CHECK(count(cluster, n3, "words") == 6);
  }

  TEST_CASE("`all` waits for every voter that was heard lately, `quorum` does not") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "quorum", 1, 3);
    create(cluster, n1, "all", 1, 3, sync_mode::all);
    for (const std::string name : {"quorum", "all"}) {
      CAPTURE(name);
      upsert(cluster, n1, name, 1, 1);
      cluster.advance(100);
      const auto group = cluster.at(n1).home->known.get()->state.find(name)->groups.begin()->second;
      const auto leader = *cluster.leader_of(group);
      const auto follower = leader == n1 ? n2 : n1;
      cluster.cut(leader, follower);
      const auto before = cluster.at(leader).now_ms;
      upsert(cluster, leader, name, 2, 1);
      const auto took = cluster.at(leader).now_ms - before;
      if (name == "all")
        CHECK(took > 500);
      else
        CHECK(took < 50);
      cluster.heal();
      cluster.advance(3'000);
    }
  }

  TEST_CASE("`async` acknowledges before a majority has it, but only for a while") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 1, 3, sync_mode::async);
    upsert(cluster, n1, "words", 1, 1);
    const auto group =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    const auto leader = *cluster.leader_of(group);
    for (const auto node : {n1, n2, n3})
      if (node != leader)
        cluster.cut(leader, node);
    const auto write = [&](std::uint64_t id) {
      return cluster.ask<write_receipts>(leader,
                                         deterministic_node::upsert_of("words", id, 1, false));
    };
    const auto before = cluster.at(leader).now_ms;
    CHECK(write(2).ok());
    CHECK(cluster.at(leader).now_ms - before < 50);
    cluster.advance(1'500);
    CHECK_FALSE(write(3).ok());
  }

  TEST_CASE("what is committed is acknowledged, whatever the store has still to apply") {
    cluster_by_hand cluster{3};
    create(cluster, n1, "words", 1, 3);
    upsert(cluster, n1, "words", 1, 5);
    const auto group =
        cluster.at(n1).home->known.get()->state.find("words")->groups.begin()->second;
    auto& leader = cluster.at(*cluster.leader_of(group));
    const auto worker_role = store_worker_of(*leader.home, group);
    const auto worker = leader.home->board.get<caf::strong_actor_ptr>(worker_role);
    const auto held = std::make_shared<held_jobs>();
    const auto waiting = spawn_waiting_worker(leader.system, held);
    leader.home->board.put(worker_role, caf::actor_cast<caf::strong_actor_ptr>(waiting));

    for (const std::uint64_t id : {6u, 7u, 8u}) {
      const auto written = cluster.ask<write_receipts>(
          *cluster.leader_of(group), deterministic_node::upsert_of("words", id, 1, false));
      REQUIRE_MESSAGE(written.ok(), (written ? std::string{} : to_string(written.error())));
      CHECK(written->receipts.at(0).progress == write_progress::acknowledged);
    }
    CHECK(held->size() == 1); // The first write; the others wait for it.

    leader.home->board.put(worker_role, worker);
    caf::anon_send(waiting, report_yourself{});
    CHECK(count(cluster, *cluster.leader_of(group), "words") == 8);
    caf::anon_send_exit(waiting, caf::exit_reason::kill);
  }
}
