#include "core/cluster/ring.hpp"
#include "core/codec/sha256.hpp"
#include "core/cluster/slot_table.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace grape;
using namespace grape::cluster;

TEST_SUITE("core.cluster.slot_table") {
  TEST_CASE("sha-256 gives the standard's own example") {
    const auto digest = grape::codec::sha256("abc");

    CHECK(digest[0] == 0xba);
    CHECK(digest[1] == 0x78);
    CHECK(digest[31] == 0xad);
  }

  // These numbers are a contract: data on disk lies where they say.
  TEST_CASE("the slot of an id never changes") {
    CHECK(slot_of(point_id{0}).value == 5769);
    CHECK(slot_of(point_id{1}).value == 14222);
    CHECK(slot_of(point_id{18'446'744'073'709'551'615ull}).value == 1810);
    const auto uuid = point_id::parse_uuid("8594ff5d-265f-4785-a9f5-b3b4b9665506");
    CHECK(slot_of(*uuid).value == 12519);
  }

  TEST_CASE("no shard gets more than its fair share of slots, and every slot has an owner") {
    for (const std::uint32_t shards : {1u, 2u, 3u, 7u, 16u, 100u}) {
      CAPTURE(shards);
      const auto table = propose_slots(shards);

      std::map<shard_id, std::uint32_t> load;
      for (const auto owner : table.owners())
        ++load[owner];

      CHECK(table.owners().size() == hash_slots);
      CHECK(load.size() == shards);
      for (const auto& [shard, slots] : load)
        CHECK(slots <= (hash_slots + shards - 1) / shards);
    }
  }

  TEST_CASE("ids spread evenly over shards") {
    constexpr std::uint32_t shards = 8;
    constexpr std::uint64_t ids = 40'000;
    const auto table = propose_slots(shards);
    std::vector<std::uint64_t> load(shards);

    for (std::uint64_t id = 0; id < ids; ++id)
      ++load[table.shard_of(point_id{id}).value];

    for (const auto points : load) {
      CHECK(points > ids / shards * 9 / 10);
      CHECK(points < ids / shards * 11 / 10);
    }
  }
}

TEST_SUITE("core.cluster.ring") {
  TEST_CASE("one more member takes its share and moves nothing between the others") {
    constexpr int keys = 10'000;
    ring before{128};
    ring after{128};
    for (const auto* name : {"n1", "n2", "n3", "n4"}) {
      before.add(name);
      after.add(name);
    }
    after.add("n5");

    int moved = 0;
    for (int key = 0; key < keys; ++key) {
      const auto old_owner = before.walk(std::to_string(key)).front();
      const auto new_owner = after.walk(std::to_string(key)).front();
      if (old_owner != new_owner) {
        ++moved;
        CHECK(new_owner == "n5");
      }
    }

    CHECK(moved <= keys / 5 + keys * 2 / 100);
    CHECK(moved > 0);
  }

  TEST_CASE("a walk names every member once, the owner first") {
    ring three{16};
    for (const auto* name : {"a", "b", "c"})
      three.add(name);

    auto order = three.walk("some key");

    std::sort(order.begin(), order.end());
    CHECK(order == std::vector<std::string_view>{"a", "b", "c"});
  }
}
