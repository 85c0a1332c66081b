#include "core/cluster/metadata.hpp"
#include "core/cluster/shard_scope.hpp"
#include "core/cluster/split.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace grape;
using namespace grape::cluster;

namespace {

/// Keys `a` (shards 0 and 1), 7 (2) and `b` (3, 4 and 5).
metadata three_keys() {
  metadata state;
  create_collection made{"cats", {}};
  made.options.vectors[""].size = 4;
  made.options.echoed_params.set("sharding_method", payload::value{"custom"});
  REQUIRE(state.apply(made).ok());
  REQUIRE(state.apply(create_shard_key{"cats", {.key = "a", .shards = 2}}).ok());
  REQUIRE(state.apply(create_shard_key{"cats", {.key = std::uint64_t{7}, .shards = 1}}).ok());
  REQUIRE(state.apply(create_shard_key{"cats", {.key = "b", .shards = 3}}).ok());
  return state;
}

/// One with two shards and no keys.
metadata no_keys() {
  metadata state;
  create_collection made{"cats", {}};
  made.options.vectors[""].size = 4;
  made.options.shard_number = 2;
  REQUIRE(state.apply(made).ok());
  return state;
}

std::vector<shard_id> shards(std::initializer_list<std::uint32_t> numbers) {
  std::vector<shard_id> out;
  for (const auto number : numbers)
    out.emplace_back(number);
  return out;
}

std::optional<shard_key_selector> keys(std::vector<shard_key> some) {
  return shard_key_selector{std::move(some)};
}

std::optional<shard_key_selector> with_fallback(shard_key target, shard_key fallback) {
  return shard_key_selector{{std::move(target)}, std::move(fallback)};
}

std::string refusal(const outcome<shard_scope>& scope) {
  return scope ? std::string{} : to_string(scope.error());
}

const std::optional<shard_key_selector> no_selector;

} // namespace

TEST_SUITE("core.cluster.shard_scope") {
  TEST_CASE("a read is about all keys, or those that it names, each once") {
    const auto state = three_keys();
    const auto& entry = *state.find("cats");

    CHECK(shards_of(*scope_of_read(entry, no_selector)) == shards({0, 1, 2, 3, 4, 5}));
    CHECK(shards_of(*scope_of_read(entry, keys({"b"}))) == shards({3, 4, 5}));
    CHECK(shards_of(*scope_of_read(entry, keys({"b", std::uint64_t{7}, "b"})))
          == shards({2, 3, 4, 5}));
    CHECK(scope_of_read(entry, keys({}))->empty());
    CHECK(refusal(scope_of_read(entry, keys({"a", "7"})))
          == "bad_request: Shard key \"7\" not found");
  }

  TEST_CASE("a write names its keys") {
    const auto state = three_keys();
    const auto& entry = *state.find("cats");

    CHECK(shards_of(*scope_of_write(entry, keys({"a", "b"}))) == shards({0, 1, 3, 4, 5}));
    CHECK(refusal(scope_of_write(entry, no_selector)) == "wrong_input: Shard key not specified");
    CHECK(refusal(scope_of_write(entry, keys({}))) == "wrong_input: Empty shard keys selection");
    CHECK(refusal(scope_of_write(entry, keys({std::uint64_t{8}})))
          == "wrong_input: Shard key 8 not found");
  }

  TEST_CASE("a fallback is meant as long as the target does not exist") {
    const auto state = three_keys();
    const auto& entry = *state.find("cats");

    for (const auto& scope_of : {scope_of_read, scope_of_write}) {
      CHECK(shards_of(*scope_of(entry, with_fallback(std::uint64_t{7}, "a"))) == shards({2}));
      CHECK(shards_of(*scope_of(entry, with_fallback("new", "a"))) == shards({0, 1}));
      CHECK(refusal(scope_of(entry, with_fallback("new", std::uint64_t{8})))
            == "not_found: Neither target shard key \"new\" nor fallback shard key 8 exist not"
               " found");
    }
  }

  TEST_CASE("a collection that is not sharded by keys knows none") {
    const auto state = no_keys();
    const auto& entry = *state.find("cats");

    CHECK(shards_of(*scope_of_read(entry, no_selector)) == shards({0, 1}));
    CHECK(shards_of(*scope_of_write(entry, no_selector)) == shards({0, 1}));
    CHECK(refusal(scope_of_read(entry, keys({"a"}))) == "bad_request: Shard key \"a\" not found");
    CHECK(refusal(scope_of_write(entry, keys({"a"}))) == "wrong_input: Shard key \"a\" not found");
    CHECK(keys_of(whole_scope(entry)).empty());
  }

  TEST_CASE("an id has one shard in each key, by the slots of that key") {
    const auto state = three_keys();
    const auto& entry = *state.find("cats");
    const auto scope = *scope_of_read(entry, keys({"a", "b"}));
    const auto key_of = keys_of(scope);

    std::map<shard_id, int> kept;
    for (std::uint64_t number = 0; number < 600; ++number) {
      const std::vector<point_id> id{point_id{number}};
      const auto where = split(id, scope);
      REQUIRE(where.size() == 2);
      std::set<shard_key> in;
      for (const auto& [shard, ids] : where) {
        CHECK(ids == id);
        const auto& part = entry.keys.at(*key_of.at(shard));
        const auto place = part.slots.shard_of(id.front()).value;
        CHECK(part.shards.at(place) == shard);
        in.insert(*key_of.at(shard));
        ++kept[shard];
      }
      CHECK(in.size() == 2);
    }
    CHECK(kept.size() == 5);
    for (const auto& [shard, count] : kept)
      CHECK(count > 100);
  }

  TEST_CASE("an operation reaches each of its keys whole") {
    const auto state = three_keys();
    const auto& entry = *state.find("cats");
    const auto both = *scope_of_write(entry, keys({"a", std::uint64_t{7}}));
    const auto one = *scope_of_write(entry, keys({std::uint64_t{7}}));
    upsert_points upsert;
    for (std::uint64_t id = 0; id < 50; ++id)
      upsert.points.push_back({point_id{id}, {}, {}});

    const auto parts = split({{upsert, &both}, {clear_payload{payload::filter{}}, &one}});

    REQUIRE(parts.size() == 3);
    CHECK(parts.at(shard_id{2}).size() == 2);
    CHECK(std::get<upsert_points>(parts.at(shard_id{2}).front()) == upsert);
    CHECK(std::get<upsert_points>(parts.at(shard_id{0}).at(0)).points.size()
              + std::get<upsert_points>(parts.at(shard_id{1}).at(0)).points.size()
          == 50);
  }
}
