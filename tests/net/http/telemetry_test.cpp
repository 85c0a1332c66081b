#include "tests/net/http/api_under_test.hpp"

#include <doctest/doctest.h>

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
}
