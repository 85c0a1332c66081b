#include "tests/net/http/api_under_test.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::http;

namespace {

const std::string c = "/collections/c";

using selector = std::optional<shard_key_selector>;

const selector one_key = shard_key_selector{{"cats"}};
const selector two_keys = shard_key_selector{{"cats", std::uint64_t{18446744073709551615u}}};
const selector with_fallback = shard_key_selector{{std::uint64_t{7}}, "rest"};

/// A body, completed by each way of naming keys.
void check_each(const std::string& path, const std::string& body,
                const std::function<void(api_under_test&, const selector&)>& check) {
  const std::pair<std::string, selector> ways[] = {
      {R"("cats")", one_key},
      {R"(["cats", 18446744073709551615])", two_keys},
      {R"({"target": 7, "fallback": "rest"})", with_fallback},
      {"[]", shard_key_selector{}},
      {"null", std::nullopt},
  };
  for (const auto& [text, keys] : ways) {
    CAPTURE(path);
    CAPTURE(text);
    api_under_test api;
    const auto got = api.ask(verb::post, c + path, "{" + body + R"("shard_key": )" + text + "}");
    CAPTURE(got.body);
    REQUIRE(got.status == 200);
    check(api, keys);
  }
}

template <class Request>
void check_read(const std::string& path, const std::string& body) {
  check_each(path, body, [](api_under_test& api, const selector& keys) {
    CHECK(api.only<Request>().read.keys == keys);
  });
}

} // namespace

TEST_SUITE("net.http.shard_keys") {
  TEST_CASE("every read carries the keys that it names") {
    check_read<scroll_request>("/points/scroll", "");
    check_read<count_request>("/points/count", "");
    check_read<retrieve_request>("/points", R"("ids": [1],)");
    check_read<facet_request>("/facet", R"("key": "a",)");
    check_read<query_request>("/points/query", R"("query": [1],)");
    check_read<query_groups_request>("/points/query/groups", R"("query": [1], "group_by": "a",)");
    check_read<query_request>("/points/search", R"("vector": [1], "limit": 1,)");
    check_read<query_groups_request>("/points/search/groups",
                                     R"("vector": [1], "limit": 1, "group_by": "a",
                                        "group_size": 1,)");
    check_read<query_request>("/points/recommend", R"("positive": [1], "limit": 1,)");
    check_read<query_request>("/points/discover", R"("target": 1, "limit": 1,)");
    check_read<matrix_request>("/points/search/matrix/pairs", R"("sample": 5,)");
    check_read<matrix_request>("/points/search/matrix/offsets", R"("sample": 5,)");
  }

  TEST_CASE("each read of a batch carries its own, and a lookup the keys of its collection") {
    api_under_test api;
    REQUIRE(api.ask(verb::post, c + "/points/query/batch",
                    R"({"searches": [{"query": 1, "shard_key": "cats",
                          "lookup_from": {"collection": "d", "shard_key": [3]}}, {}]})",
                    "timeout=3")
                .status
            == 200);
    const auto& asked = api.only<query_batch_request>();
    CHECK(asked.queries.at(0).read.keys == one_key);
    CHECK(asked.queries.at(0).read.timeout_ms == 3'000);
    CHECK(asked.queries.at(0).lookup_from->keys == shard_key_selector{{std::uint64_t{3}}});
    CHECK_FALSE(asked.queries.at(1).read.keys);
  }

  TEST_CASE("every write carries the keys that it names, and each operation of a batch its own") {
    const auto carries = [](api_under_test& api, const selector& keys) {
      CHECK(api.only<write_request>().keys == std::vector{keys});
    };
    check_each("/points/delete", R"("points": [1],)", carries);
    check_each("/points/payload", R"("payload": {}, "points": [1],)", carries);
    check_each("/points/payload/delete", R"("keys": ["a"], "points": [1],)", carries);
    check_each("/points/payload/clear", R"("filter": {},)", carries);
    check_each("/points/vectors/delete", R"("vector": ["a"], "points": [1],)", carries);
    api_under_test api;
    REQUIRE(api.ask(verb::post, c + "/points/batch",
                    R"({"operations": [
                      {"upsert": {"points": [{"id": 1, "vector": [1]}], "shard_key": "cats"}},
                      {"update_vectors": {"points": [{"id": 1, "vector": [1]}],
                                          "shard_key": {"target": 7, "fallback": "rest"}}},
                      {"delete": {"points": [1]}}]})")
                .status
            == 200);
    CHECK(api.only<write_request>().keys == std::vector{one_key, with_fallback, selector{}});
    api_under_test puts;
    REQUIRE(puts.ask(verb::put, c + "/points",
                     R"({"batch": {"ids": [1], "vectors": [[1]]}, "shard_key": "cats"})")
                .status
            == 200);
    CHECK(puts.only<write_request>().keys == std::vector{one_key});
  }

  TEST_CASE("keys are created, dropped and listed") {
    for (const auto& [method, path, body] :
         {std::tuple{verb::put, "/shards", R"({"shard_key": "eu", "shards_number": 2,
              "replication_factor": 3, "placement": [1, 3], "initial_state": "Active"})"},
          std::tuple{verb::post, "/cluster", R"({"create_sharding_key": {"shard_key": "eu",
              "shards_number": 2, "replication_factor": 3, "placement": [1, 3]}})"}}) {
      api_under_test api;
      CHECK(api.ask(method, c + path, body, "timeout=3").body == success("true"));
      const auto& asked = api.only<change_shard_keys_request>();
      CHECK(asked.collection == "c");
      CHECK(asked.timeout_ms == 3'000);
      const auto& add = std::get<add_shard_key>(asked.what);
      CHECK(add.key == shard_key{"eu"});
      CHECK(add.shards == 2);
      CHECK(add.replication_factor == 3);
      CHECK(add.placement == std::vector{node_number{1}, node_number{3}});
    }
    for (const auto& [path, body] :
         {std::pair{"/shards/delete", R"({"shard_key": 7})"},
          std::pair{"/cluster", R"({"drop_sharding_key": {"shard_key": 7}})"}}) {
      api_under_test api;
      CHECK(api.ask(verb::post, c + path, body).body == success("true"));
      CHECK(std::get<remove_shard_key>(api.only<change_shard_keys_request>().what).key
            == shard_key{std::uint64_t{7}});
      CHECK(api.only<change_shard_keys_request>().timeout_ms == 0); // As long as it takes.
    }
    api_under_test api;
    CHECK(api.ask(verb::get, c + "/shards").body == success("{}"));
    api.house.keys = {true, {"eu", std::uint64_t{7}}};
    CHECK(api.ask(verb::get, c + "/shards").body
          == success(R"({"shard_keys":[{"key":"eu"},{"key":7}]})"));
  }

  TEST_CASE("records, hits and shards say under which key they are") {
    api_under_test api;
    record one;
    one.id = point_id{1};
    one.key = "eu";
    api.house.page.points = {one};
    CHECK(api.ask(verb::post, c + "/points/scroll", "{}").body
          == success(R"({"points":[{"id":1,"shard_key":"eu"}],"next_page_offset":null})"));
    one.version = 3;
    one.key = std::uint64_t{7};
    api.house.found.points = {{one, 0.5f}};
    CHECK(api.ask(verb::post, c + "/points/query", "{}").body
          == success(R"({"points":[{"id":1,"version":3,"score":0.5,"shard_key":7}]})"));
    auto& placed = api.house.placement;
    placed.local.push_back({shard_id{4}, 70, replica_standing::active, std::nullopt, "eu"});
    placed.remote.push_back(
        {shard_id{5}, node_number{2}, replica_standing::active, std::uint64_t{7}});
    const auto body = api.ask(verb::get, c + "/cluster").body;
    CHECK(body.find(R"({"shard_id":4,"shard_key":"eu","points_count":70,)") != body.npos);
    CHECK(body.find(R"({"shard_id":5,"shard_key":7,"peer_id":2,)") != body.npos);
  }
}
