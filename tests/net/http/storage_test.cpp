#include "net/http/access.hpp"
#include "net/http/routes.hpp"
#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

shard_upkeep words_0() {
  shard_upkeep one;
  one.collection = "words";
  one.applied = 7;
  one.durable = 7;
  one.points = 3;
  return one;
}

storage_report report_of(storage_verb verb) {
  storage_report report{verb, {}, {}};
  node_upkeep n1;
  n1.name = "n1";
  n1.shards = {words_0()};
  report.nodes = {n1};
  return report;
}

} // namespace

TEST_SUITE("net.http.storage") {
  TEST_CASE("each verb asks for itself, of one collection and with its patience") {
    const std::vector<std::tuple<verb, std::string, storage_verb, std::uint32_t>> all = {
        {verb::get, "size", storage_verb::size, 60'000},
        {verb::post, "flush", storage_verb::flush, 60'000},
        {verb::post, "sync", storage_verb::sync, 60'000},
        {verb::post, "compact", storage_verb::compact, 600'000},
        {verb::post, "warm", storage_verb::warm, 600'000},
        {verb::post, "digest", storage_verb::digest, 600'000},
        {verb::get, "checkpoints", storage_verb::list_checkpoints, 60'000},
        {verb::post, "checkpoints", storage_verb::checkpoint, 600'000},
    };
    for (const auto& [how, path, meant, patience_ms] : all) {
      CAPTURE(path);
      api_under_test api;
      CHECK(api.ask(how, "/grape/v1/storage/" + path).status == 200);
      CHECK(api.only<storage_request>().verb == meant);
      CHECK(api.only<storage_request>().timeout_ms == patience_ms);
      CHECK(api.only<storage_request>().collection.empty());
      api.house.asked.clear();
      api.ask(how, "/grape/v1/storage/" + path, {}, "collection=my%20words&timeout=5");
      CHECK(api.only<storage_request>().timeout_ms == 5'000);
      CHECK(api.only<storage_request>().collection == "my words");
      api.house.asked.clear();
      CHECK(api.ask(how, "/grape/v1/storage/" + path, {}, "timeout=0").status == 422);
      CHECK(api.house.asked.empty());
    }
  }

  TEST_CASE("a flush tells up to which entry the disk has each shard") {
    api_under_test api;
    api.house.kept = report_of(storage_verb::flush);
    CHECK(api.ask(verb::post, "/grape/v1/storage/flush").body
          == success(R"({"verb":"flush","complete":true,"nodes":[{"node":1,"name":"n1","shards":)"
                     R"([{"collection":"words","shard":0,"applied":7,"durable":7,"error":null}],)"
                     R"("error":null}]})"));
  }

  TEST_CASE("what was done in part is no success, and is told beside the reason") {
    api_under_test api;
    api.house.kept = report_of(storage_verb::flush);
    node_upkeep n2;
    n2.node = node_number{2};
    n2.name = "n2";
    n2.result = {errc::unavailable, "there is no connection to n2"};
    api.house.kept.nodes.push_back(n2);

    const auto answer = api.ask(verb::post, "/grape/v1/storage/flush");

    CHECK(answer.status == 503);
    CHECK(answer.body
          == R"({"result":{"verb":"flush","complete":false,"nodes":[{"node":1,"name":"n1",)"
             R"("shards":[{"collection":"words","shard":0,"applied":7,"durable":7,"error":null}],)"
             R"("error":null},{"node":2,"name":"n2","shards":[],"error":)"
             R"("unavailable: there is no connection to n2"}]},"status":{"error":)"
             R"("flush was not done everywhere: node `n2`: unavailable: there is no connection )"
             R"(to n2"},"time":0.0})");
  }

  TEST_CASE("digests are told of each replica, and summed by collection") {
    api_under_test api;
    api.house.kept = report_of(storage_verb::digest);
    api.house.kept.nodes[0].shards[0].digest = "0000000000000000000000000000000a";
    const auto body = api.ask(verb::post, "/grape/v1/storage/digest").body;
    CHECK(body.find(R"("collections":{"words":{"points":3,"digest":)"
                    R"("0000000000000000000000000000000a"}},"differing":[])")
          != std::string::npos);
  }

  TEST_CASE("checkpoints are made under a name, deleted by it, and restored") {
    api_under_test api;
    api.ask(verb::post, "/grape/v1/storage/checkpoints", R"({"name":"before"})");
    CHECK(api.only<storage_request>().checkpoint == "before");
    api.house.asked.clear();
    api.ask(verb::del, "/grape/v1/storage/checkpoints/before");
    CHECK(api.only<storage_request>().verb == storage_verb::delete_checkpoint);
    CHECK(api.only<storage_request>().checkpoint == "before");
    api.house.asked.clear();

    api.house.back.collections = {"words"};
    const auto answer = api.ask(verb::post, "/grape/v1/storage/restore",
                                R"({"checkpoint":"before","collection":"words","as":"words-2"})");
    CHECK(answer.body == success(R"({"collections":["words"]})"));
    CHECK(api.only<restore_request>().checkpoint == "before");
    CHECK(api.only<restore_request>().collection == "words");
    CHECK(api.only<restore_request>().as == "words-2");
    api.house.asked.clear();
    CHECK(api.ask(verb::post, "/grape/v1/storage/restore", R"({"checkpoint":7})").status == 400);
    CHECK(api.ask(verb::post, "/grape/v1/storage/restore",
                  R"({"checkpoint":"c","collection":"w","as":"a/b"})")
              .status
          == 422);
    CHECK(api.house.asked.empty());

    api.ask(verb::post, "/grape/v1/storage/backup", {}, "collection=words");
    CHECK(api.only<make_snapshot_request>().of.collection == "words");
  }

  TEST_CASE("only who may do everything may do any of this") {
    for (const auto& each : routes())
      if (each.path.starts_with("/grape/v1/storage/"))
        CHECK(need_of(each.method, each.path) == need::manage);
  }
}
