#include "tests/net/http/api_under_test.hpp"
#include "tests/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>

using namespace grape;
using namespace grape::http;

namespace {

constexpr std::string_view upsert = "/collections/{collection_name}/points";

/// A node of a cluster with one collection, whose shard 0 has a replica here and one on node 2.
telemetry watched_node() {
  telemetry told;
  told.node.node_id = "n1";
  told.node.collections = 1;
  told.started_unix_ms = 1'000;
  told.cluster.enabled = true;
  told.cluster.self = node_number{1};
  told.routes = {{"PUT", std::string(upsert), "", 200, 2, 30, 10, 20, 1'500},
                 {"PUT", std::string(upsert), "", 400, 1, 5, 5, 5, 1'600},
                 {"PUT", std::string(upsert), "words", 200, 1, 10, 10, 10, 1'500}};
  collection_telemetry words{"words", {}, {}};
  words.about.schema.options.vectors[""].size = 4;
  words.about.schema.options.single_unnamed = true;
  words.placed.self = node_number{1};
  words.placed.local.push_back({shard_id{0}, 7, replica_standing::active,
                                replica_raft{"leader", term{3}, log_index{12}, log_index{9}}});
  words.placed.remote.push_back({shard_id{0}, node_number{2}, replica_standing::partial});
  told.collections.push_back(std::move(words));
  return told;
}

std::string told_at(std::string_view query, const telemetry& told = watched_node()) {
  api_under_test api;
  api.house.watched = told;
  return api.ask(verb::get, "/telemetry", {}, std::string(query)).body;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_SUITE("net.http.telemetry") {
  TEST_CASE("the first level asks no collection and tells requests by route and status") {
    api_under_test api;
    api.house.watched = watched_node();

    const auto body = api.ask(verb::get, "/telemetry").body;

    REQUIRE(api.house.asked.size() == 1);
    CHECK_FALSE(std::get<telemetry_request>(api.house.asked[0]).with_collections);
    CHECK(has(body, R"("PUT /collections/{collection_name}/points":{"200":{"count":2,)"
                    R"("avg_duration_micros":15.0,)"));
    CHECK(has(body, R"("last_responded":"1970-01-01T00:00:01.500Z"},"400":{"count":1)"));
    CHECK(has(body, R"("collections":{"number_of_collections":1},)"));
    CHECK_FALSE(has(body, "per_collection_responses"));
    CHECK_FALSE(has(body, R"("memory":)"));
  }

  TEST_CASE("higher levels tell sizes, then settings, then shards") {
    CHECK(has(told_at("details_level=1"),
              R"("collections":[{"vectors":0,"optimizers_status":"ok",)"));
    CHECK(has(told_at("details_level=2"), R"("collections":[{"id":"words","init_time_ms":null,)"));
    CHECK_FALSE(has(told_at("details_level=2"), R"("shards":)"));
    const auto whole = told_at("details_level=10");
    CHECK(has(whole, R"("update_queue":{"length":3,"op_num":9})"));
    CHECK(has(whole, R"("remote":[{"shard_id":0,"peer_id":2}],)"
                     R"("replicate_states":{"1":"Active","2":"Partial"})"));
    auto elsewhere = watched_node();
    elsewhere.collections.at(0).placed.local.clear();
    CHECK(has(told_at("details_level=10", elsewhere),
              R"("shards":[{"id":0,"key":null,"local":null,"remote":[{"shard_id":0,"peer_id":2}],)"
              R"("replicate_states":{"2":"Partial"})"));
  }

  TEST_CASE("collections apart, and without their names") {
    CHECK(has(told_at("per_collection=true"),
              R"("per_collection_responses":{"words":{"PUT /collections)"));
    const auto anonymous = told_at("per_collection=true&anonymize=true&details_level=3");
    CHECK_FALSE(has(anonymous, "words"));
    CHECK_FALSE(has(anonymous, R"("n1")"));
  }

  TEST_CASE("a level that is no number is refused") {
    api_under_test api;
    CHECK(api.ask(verb::get, "/telemetry", {}, "details_level=x").status == 400);
    CHECK(api.ask(verb::get, "/telemetry", {}, "timeout=0").status == 422);
    CHECK(api.house.asked.empty());
  }

  TEST_CASE("optimizations tell what runs, and the rest where it is asked for") {
    api_under_test api;
    auto& works = api.house.works;
    works.running.push_back({.uuid = "u1", .what = {"merge", {{"u2", 5}, {"u3", 6}}}, .why = {},
                             .started_unix_ms = 1'000, .rows_done = 4, .rows_total = 11});
    works.queued.push_back({"indexing", {{"u4", 7}}});
    works.completed.push_back({.uuid = "u5", .what = {"vacuum", {}},
                               .now = optimization::state::done, .why = {},
                               .started_unix_ms = 1'000, .finished_unix_ms = 1'500});
    works.completed.push_back({.uuid = "u6", .what = {"vacuum", {}},
                               .now = optimization::state::failed, .why = "no room",
                               .started_unix_ms = 1'000, .finished_unix_ms = 1'000});
    works.idle.push_back({"u7", 8});
    const std::string path = "/collections/c/optimizations";
    const std::string running
      = R"({"summary":{"queued_optimizations":1,"queued_segments":1,"queued_points":7,)"
        R"("idle_segments":1},"running":[{"uuid":"u1","optimizer":"merge",)"
        R"("status":"optimizing","segments":[{"uuid":"u2","points_count":5},)"
        R"({"uuid":"u3","points_count":6}],"progress":{"name":"merge",)"
        R"("started_at":"1970-01-01T00:00:01.000Z","done":4,"total":11}}])";

    CHECK(api.ask(verb::get, path).body == success(running + "}"));
    CHECK(api.ask(verb::get, path, {}, "with=queued%20,%20idle_segments").body
          == success(running
                     + R"(,"queued":[{"optimizer":"indexing","segments":[{"uuid":"u4",)"
                       R"("points_count":7}]}],"idle_segments":[{"uuid":"u7",)"
                       R"("points_count":8}]})"));
    const auto one = api.ask(verb::get, path, {}, "with=completed&completed_limit=1").body;
    CHECK(has(one, R"("completed":[{"uuid":"u5","optimizer":"vacuum","status":"done",)"));
    CHECK(has(one, R"("finished_at":"1970-01-01T00:00:01.500Z","duration_sec":0.5)"));
    CHECK_FALSE(has(one, "u6"));
    CHECK(has(api.ask(verb::get, path, {}, "with=completed").body,
              R"("status":{"error":"no room"})"));
    CHECK(api.ask(verb::get, path, {}, "with=everything").status == 400);
  }

  TEST_CASE("snapshots of a shard are asked by its number") {
    const std::string path = "/collections/c/shards/3/snapshots";
    const snapshot_owner third{"c", 3u};
    const auto asked = [](verb method, const std::string& where, const std::string& body = {}) {
      api_under_test api;
      api.ask(method, where, body);
      REQUIRE(api.house.asked.size() == 1);
      return api.house.asked.front();
    };

    CHECK(std::get<list_snapshots_request>(asked(verb::get, path)).of == third);
    CHECK(std::get<make_snapshot_request>(asked(verb::post, path)).of == third);
    const auto gone = std::get<delete_snapshot_request>(asked(verb::del, path + "/a.snapshot"));
    CHECK(gone.of == third);
    CHECK(gone.name == "a.snapshot");
    const auto back = std::get<recover_snapshot_request>(
      asked(verb::put, path + "/recover", R"({"location": "http://x/a.snapshot"})"));
    CHECK(back.collection == "c");
    CHECK(back.shard == 3u);
    api_under_test api;
    CHECK(api.ask(verb::get, "/collections/c/shards/x/snapshots").status == 400);
    CHECK(api.ask(verb::post, path + "/upload", {}, "checksum=abc").status == 422);
    CHECK(api.house.asked.empty());
  }

  TEST_CASE("the snapshot of a shard can be had at once, and is not kept") {
    const grape::testing::temporary_directory folder;
    const auto path = folder.path() + "/content";
    std::ofstream{path} << "of shard 3";
    const snapshot_owner third{"c", 3u};
    api_under_test api;
    api.house.snapshot.path = path;

    const auto got = api.ask(verb::get, "/collections/c/shards/3/snapshot");

    REQUIRE(got.status == 200);
    REQUIRE(got.file != nullptr);
    CHECK(got.file->name() == "words-1.snapshot");
    CHECK(got.file->size() == 10);
    REQUIRE(api.house.asked.size() == 3);
    CHECK(std::get<make_snapshot_request>(api.house.asked[0]).of == third);
    const auto& found = std::get<find_snapshot_request>(api.house.asked[1]);
    CHECK((found.of == third && found.name == "words-1.snapshot" && found.only_here));
    const auto& gone = std::get<delete_snapshot_request>(api.house.asked[2]);
    CHECK((gone.of == third && gone.name == "words-1.snapshot" && gone.only_here));
    CHECK(api.ask(verb::get, "/collections/c/shards/x/snapshot").status == 400);
    api.house.snapshot.path = folder.path() + "/none";
    CHECK(api.ask(verb::get, "/collections/c/shards/3/snapshot").status == 404);
    CHECK(std::holds_alternative<delete_snapshot_request>(api.house.asked.back()));
  }
}
