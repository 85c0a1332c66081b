#include "tests/actors/deterministic_house.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::actors;

namespace {

void create_by_keys(deterministic_node& node) {
  create_collection_request asked{"cats", {}};
  asked.options.vectors[""].size = 2;
  asked.options.vectors[""].distance = metric::dot;
  asked.options.shard_number = 2;
  asked.options.echoed_params.set("sharding_method", payload::value{"custom"});
  REQUIRE(node.ask<changed>(std::move(asked)).ok());
}

status change(deterministic_node& node, std::variant<add_shard_key, remove_shard_key> what) {
  const auto done = node.ask<changed>(change_shard_keys_request{"cats", std::move(what)});
  return done ? status{} : done.error();
}

outcome<write_receipts> upsert(deterministic_node& node, const shard_key& key, std::uint64_t first,
                               std::uint64_t count) {
  auto asked = deterministic_node::upsert_of("cats", first, count, true);
  asked.keys = {shard_key_selector{{key}}};
  return node.ask<write_receipts>(std::move(asked));
}

std::uint64_t count(deterministic_node& node, const std::optional<shard_key_selector>& keys) {
  auto asked = deterministic_node::count_of("cats");
  asked.read.keys = keys;
  const auto counted = node.ask<count_reply>(std::move(asked));
  REQUIRE_MESSAGE(counted.ok(), (counted ? std::string{} : to_string(counted.error())));
  return counted->count;
}

/// The folders of the collection's shards.
std::vector<std::string> shards_on(storage::faulty_files& disk) {
  auto names = disk.list("data/shards/1").value();
  std::sort(names.begin(), names.end());
  return names;
}

} // namespace

TEST_SUITE("actors.shard_keys") {
  TEST_CASE("a collection without keys answers reads and schema changes, and takes no writes") {
    storage::faulty_files disk{1};
    deterministic_node node{disk};
    create_by_keys(node);

    CHECK(count(node, std::nullopt) == 0);
    CHECK(node.ask<write_receipt>(create_field_index_request{"cats", "city", {}, {}}).ok());
    CHECK(node.upsert("cats", 1, 3).error()
          == status{errc::wrong_input, "Shard key not specified"});
  }

  TEST_CASE("each key has its own points, also of the same ids, also after a restart") {
    storage::faulty_files disk{2};
    {
      deterministic_node node{disk};
      create_by_keys(node);
      REQUIRE(change(node, add_shard_key{.key = "a"}).ok());
      REQUIRE(change(node, add_shard_key{.key = std::uint64_t{7}, .shards = 1}).ok());
      REQUIRE(upsert(node, "a", 1, 20).ok());
      REQUIRE(upsert(node, std::uint64_t{7}, 11, 20).ok());
      node.end();
    }
    deterministic_node again{disk};
    again.advance(2'000);

    CHECK(count(again, shard_key_selector{{"a"}}) == 20);
    CHECK(count(again, shard_key_selector{{std::uint64_t{7}}}) == 20);
    CHECK(count(again, std::nullopt) == 40);
    auto wanted = deterministic_node::records_of("cats", {point_id{15}});
    wanted.read.keys = shard_key_selector{{std::uint64_t{7}}};
    const auto found = again.ask<retrieve_reply>(wanted);
    REQUIRE(found.ok());
    REQUIRE(found->points.size() == 1);
    CHECK(found->points[0].key == shard_key{std::uint64_t{7}});
  }

  TEST_CASE("a write by filter costs what it matches under its own key") {
    storage::faulty_files disk{4};
    deterministic_node node{disk};
    create_by_keys(node);
    for (const auto* key : {"a", "b"})
      REQUIRE(change(node, add_shard_key{.key = key}).ok());
    REQUIRE(upsert(node, "a", 1, 3).ok());
    REQUIRE(upsert(node, "b", 1, 50).ok());
    update_collection_request limits{"cats", {}};
    limits.changes.strict_mode = payload::value{payload::object{
        {"enabled", payload::value{true}}, {"write_rate_limit", payload::value{std::int64_t{5}}}}};
    REQUIRE(node.ask<changed>(std::move(limits)).ok());
    payload::filter all;
    all.must_not.push_back({payload::has_id{{point_id{99}}}});

    write_request removal;
    removal.collection = "cats";
    removal.operations.emplace_back(delete_points{all});
    removal.keys = {shard_key_selector{{"b"}}};
    CHECK(node.ask<write_receipts>(removal).error().code == errc::rate_limited);
    removal.keys = {shard_key_selector{{"a"}}};
    removal.options.wait = true;
    CHECK(node.ask<write_receipts>(removal).ok());
    CHECK(count(node, std::nullopt) == 50);
  }

  TEST_CASE("a dropped key leaves nothing behind, however soon the node ends") {
    for (const bool at_once : {false, true}) {
      CAPTURE(at_once);
      storage::faulty_files disk{3};
      {
        deterministic_node node{disk};
        create_by_keys(node);
        REQUIRE(change(node, add_shard_key{.key = "a"}).ok());
        REQUIRE(change(node, add_shard_key{.key = "b", .shards = 1}).ok());
        REQUIRE(upsert(node, "a", 1, 5).ok());
        REQUIRE(upsert(node, "b", 1, 5).ok());
        CHECK(shards_on(disk) == std::vector<std::string>{"0", "1", "2"});
        REQUIRE(change(node, remove_shard_key{"a"}).ok());
        if (!at_once) {
          node.advance(5'000);
          CHECK(shards_on(disk) == std::vector<std::string>{"2"});
        }
        node.end();
      }
      deterministic_node again{disk};
      again.advance(5'000);

      CHECK(shards_on(disk) == std::vector<std::string>{"2"});
      CHECK(count(again, std::nullopt) == 5);
      REQUIRE(change(again, add_shard_key{.key = "a", .shards = 1}).ok());
      CHECK(count(again, shard_key_selector{{"a"}}) == 0);
      CHECK(shards_on(disk) == std::vector<std::string>{"2", "3"});
    }
  }

  TEST_CASE("a node has so many shards of a collection and no more") {
    storage::faulty_files disk{4};
    deterministic_node node{disk};
    node.home->config.limits.shards_per_collection_max = 3;
    create_by_keys(node);
    REQUIRE(change(node, add_shard_key{.key = "a"}).ok());

    CHECK(change(node, add_shard_key{.key = "b"}).code == errc::bad_request);
    CHECK(change(node, add_shard_key{.key = "b", .shards = 1}).ok());
  }
}
