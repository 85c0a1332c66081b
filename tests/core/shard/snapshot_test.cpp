// Goal: a replica that gets a snapshot is equal to its source, however often the stream breaks and
// wherever. Method: seeded histories of one machine are streamed to a replica on a disk of its own;
// afterwards all keys of both stores and the answers of both machines are compared.

#include "snapshot_world.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::test;

namespace {

std::vector<record> all_records(shard::machine& machine, std::optional<payload::filter> filter) {
  budget unlimited;
  const auto page = machine.snapshot()->scroll({.from = {},
                                                .limit = UINT64_MAX,
                                                .filter = std::move(filter),
                                                .with_payload = {payload_selector::mode::all, {}},
                                                .with_vectors = {vector_selector::mode::all, {}}},
                                               unlimited);
  REQUIRE(page.ok());
  return page->records;
}

/// Ids and scores of an exact search.
std::vector<std::pair<point_id, float>> nearest(shard::machine& machine) {
  budget unlimited;
  shard::shard_query wanted;
  wanted.by = shard::rank_nearest{dense_vector{0.5f, -0.25f, 0.75f, 0.1f}};
  wanted.k = 20;
  wanted.params.exact = true;
  const auto hits = machine.snapshot()->query(wanted, unlimited);
  REQUIRE(hits.ok());
  std::vector<std::pair<point_id, float>> found;
  for (const auto& hit : hits->hits)
    found.emplace_back(hit.point.id, hit.score);
  return found;
}

/// The replica's store and machine are what the source's are.
void require_equal(machine_world& source, receiving_replica& replica) {
  REQUIRE(replica.machine().applied() == source->applied());
  REQUIRE(replica.machine().schema() == source->schema());
  REQUIRE(replica.machine().sessions() == source->sessions());
  REQUIRE(other_in(content_of(replica.store()), content_of(source.store())) == "");
  for (const auto& filter : {std::optional<payload::filter>{}, std::optional{city_is("Oslo")},
                             std::optional{number_below(6)}, std::optional{free_or_far()}})
    REQUIRE(all_records(replica.machine(), filter) == all_records(*source, filter));
  REQUIRE(nearest(replica.machine()) == nearest(*source));
}

void install(receiving_replica& replica) {
  const auto started = replica.start();
  REQUIRE_MESSAGE(started.ok(), to_string(started));
}

} // namespace

TEST_SUITE("core.shard.snapshot") {
  TEST_CASE("a replica with nothing becomes equal to its source") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      CAPTURE(seed);
      machine_world source;
      random_history history{seed};
      history.live(source, static_cast<int>(seed) * 3);
      receiving_replica replica{seed};
      snapshot_sender sender{source, replica, 700};

      REQUIRE(sender.send().ok());
      install(replica);

      require_equal(source, replica);
      history.live(source, 10);
      random_history::follow(history.entries, replica.machine());
      require_equal(source, replica);
    }
  }

  TEST_CASE("a replica that is behind gets what changed since, and becomes equal") {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      CAPTURE(seed);
      machine_world source;
      random_history history{seed};
      history.live(source, 40);
      receiving_replica replica{seed};
      install(replica);
      random_history::follow(history.entries, replica.machine());
      for (int round = 0; round < 3; ++round) {
        history.live(source, static_cast<int>(1 + seed % 7) * 5);
        const auto behind = replica.own();
        snapshot_sender sender{source, replica, 700};

        REQUIRE(sender.send().ok());
        install(replica);

        CHECK(sender.figures.base == behind);
        require_equal(source, replica);
      }
    }
  }

  TEST_CASE("a stream goes on after an interruption at any chunk, from a newer source too") {
    for (const auto behind : {false, true})
      for (int kind = 1; kind < 4; ++kind)
        for (std::size_t at = 1; at <= 30; ++at) {
          CAPTURE(behind);
          CAPTURE(kind);
          CAPTURE(at);
          machine_world source;
          random_history history{at};
          history.live(source, 30);
          receiving_replica replica{at};
          if (behind) {
            install(replica);
            random_history::follow(history.entries, replica.machine());
            history.live(source, 40);
          }
          snapshot_sender sender{source, replica, 700};
          std::optional<shard::snapshot_position> stood;
          sender.interrupt = [&](std::size_t chunk) {
            if (stood)
              CHECK((*replica.receiver())->standing({}).staged != std::nullopt); // It goes on.
            if (chunk % at != 0 || chunk > 3 * at)
              return false;
            stood = (*replica.receiver())->standing({}).staged;
            if (kind & 1)
              replica.restart_receiver();
            if (kind & 2)
              history.live(source, 4);
            CHECK((*replica.receiver())->standing({}).staged == stood);
            return true;
          };

          REQUIRE(sender.send().ok());
          install(replica);

          require_equal(source, replica);
        }
  }

  TEST_CASE("whoever missed ends that were forgotten gets everything, and knows of none before") {
    for (std::uint64_t forgotten = 20; forgotten <= 45; ++forgotten) {
      CAPTURE(forgotten);
      machine_world source;
      random_history history{forgotten};
      history.live(source, 30);
      receiving_replica replica{forgotten};
      install(replica);
      random_history::follow(history.entries, replica.machine());
      history.live(source, 20);
      auto points = storage::point_store::open(source.shared_store());
      REQUIRE((*points)->forget_erased(log_index{forgotten}).ok());
      source.reopen();
      snapshot_sender sender{source, replica, 700};

      REQUIRE(sender.send().ok());
      install(replica);

      CHECK(sender.figures.base == (forgotten <= 30 ? log_index{30} : log_index{0}));
      if (forgotten > 30) {
        require_equal(source, replica);
        CHECK(replica.machine().read().forgotten().value() == log_index{forgotten});
      }
      CHECK(all_records(replica.machine(), {}) == all_records(*source, {}));
    }
  }

  TEST_CASE("a difference may be applied to a state that is newer than its base") {
    machine_world source;
    random_history history{3};
    history.live(source, 30);
    receiving_replica replica{3};
    install(replica);
    random_history::follow(history.entries, replica.machine());
    history.live(source, 20);
    auto middle = history.entries;
    history.live(source, 20);
    snapshot_sender sender{source, replica, 700};
    sender.interrupt = [&](std::size_t chunk) {
      if (chunk == 3)
        random_history::follow(middle, replica.machine());
      return false;
    };

    REQUIRE(sender.send().ok());
    install(replica);

    require_equal(source, replica);
  }

  TEST_CASE("segments stay with a difference: only what changed is indexed again") {
    machine_world source;
    random_history history{9, 400};
    history.live(source, 200);
    receiving_replica replica{9};
    snapshot_sender first{source, replica, shard::snapshot_chunk_bytes};
    REQUIRE(first.send().ok());
    install(replica);
    inline_executor here;
    const std::atomic<bool> go_on{false};
    while (const auto job = replica.machine().plan(shard::pace::quiet)) {
      shard::job_progress progress;
      const auto done = shard::machine::run(*job, here, go_on, progress);
      REQUIRE(done.ok());
      replica.machine().install(*done);
    }
    const auto indexed = replica.machine().snapshot()->figures().indexed_vectors;
    REQUIRE(indexed > 100);
    source.apply(shard::write_points{source->schema().version,
                                     {delete_points{std::vector{point_id{1}, point_id{2}}}}});
    snapshot_sender second{source, replica, shard::snapshot_chunk_bytes};

    REQUIRE(second.send().ok());
    install(replica);

    require_equal(source, replica);
    CHECK(replica.machine().snapshot()->figures().indexed_vectors >= indexed - 4);
  }

  TEST_CASE("after 1 % of the points changed, less than 5 % of the bytes move") {
    collection_schema schema;
    schema.options.vectors[""] = {.size = 64, .distance = metric::dot, .hnsw = {}, .echoed = {}};
    schema.fields["city"] = {field_type::keyword, {}};
    machine_world source{schema};
    std::mt19937_64 random{11};
    const auto some_point = [&](std::uint64_t id) {
      dense_vector vector(64);
      for (auto& component : vector)
        component = static_cast<float>(random() % 2'001) / 1'000.0f - 1.0f;
      return point{point_id{id}, {{"", vector}}, random_point(random, id).payload};
    };
    for (std::uint64_t id = 0; id < 4'000; id += 50) {
      upsert_points upsert;
      for (auto next = id; next < id + 50; ++next)
        upsert.points.push_back(some_point(next));
      source.write({upsert});
    }
    receiving_replica replica{1, schema};
    snapshot_sender whole{source, replica, shard::snapshot_chunk_bytes};
    REQUIRE(whole.send().ok());
    install(replica);
    for (std::uint64_t change = 0; change < 40; ++change) { // Anywhere.
      const auto id = random() % 4'000;
      switch (change % 4) {
        case 0: source.write({delete_points{std::vector{point_id{id}}}}); break;
        case 1: source.write({clear_payload{std::vector{point_id{id}}}}); break;
        default: {
          upsert_points upsert;
          upsert.points.push_back(some_point(id));
          source.write({upsert});
        }
      }
    }
    snapshot_sender difference{source, replica, shard::snapshot_chunk_bytes};

    REQUIRE(difference.send().ok());
    install(replica);

    MESSAGE("whole: ", whole.figures.bytes, " bytes in ", whole.figures.chunks,
            " parts; after 1 %: ", difference.figures.bytes, " bytes, ",
            100.0 * static_cast<double>(difference.figures.bytes)
                / static_cast<double>(whole.figures.bytes),
            " %");
    CHECK(difference.figures.bytes * 20 < whole.figures.bytes);
    REQUIRE(other_in(content_of(replica.store()), content_of(source.store())) == "");
  }
}
