#include "core/cluster/split.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;
using cluster::slot_table;

namespace {

/// Slot s belongs to shard s mod `shards`.
slot_table striped(std::uint32_t shards) {
  std::vector<shard_id> owners;
  for (std::uint32_t slot = 0; slot < cluster::hash_slots; ++slot)
    owners.emplace_back(slot % shards);
  return {epoch{1}, std::move(owners)};
}

/// All of these shards, by this table.
cluster::shard_scope scope_of(const slot_table& table, std::uint32_t shards) {
  cluster::shard_part part;
  part.slots = &table;
  for (shard_id shard{0}; shard.value < shards; shard = shard.next())
    part.shards.push_back(shard);
  return {part};
}

std::map<shard_id, std::vector<write_operation>>
split(const std::vector<write_operation>& operations, const slot_table& table,
      std::uint32_t shards) {
  const auto scope = scope_of(table, shards);
  std::vector<cluster::scoped_operation> scoped;
  for (const auto& one : operations)
    scoped.push_back({one, &scope});
  return cluster::split(std::move(scoped));
}

std::vector<point_id> some_ids(std::uint32_t count, std::uint32_t seed) {
  std::mt19937_64 chance{seed};
  std::vector<point_id> ids;
  for (std::uint32_t i = 0; i < count; ++i)
    ids.emplace_back(chance() % 1'000);
  return ids;
}

} // namespace

TEST_SUITE("core.cluster.split") {
  TEST_CASE("every point reaches the shard that keeps its slot, in order, and no other") {
    const auto table = striped(3);
    const auto ids = some_ids(200, 1);
    upsert_points whole;
    whole.how = upsert_points::mode::insert_only;
    for (const auto& one : ids)
      whole.points.push_back({one, {}, {}});

    const auto parts = split({whole}, table, 3);

    std::size_t dealt = 0;
    for (const auto& [shard, operations] : parts) {
      REQUIRE(operations.size() == 1);
      const auto& part = std::get<upsert_points>(operations[0]);
      CHECK(part.how == upsert_points::mode::insert_only);
      std::vector<point_id> expected;
      std::copy_if(ids.begin(), ids.end(), std::back_inserter(expected),
                   [&](const auto& one) { return table.shard_of(one) == shard; });
      std::vector<point_id> got;
      for (const auto& point : part.points)
        got.push_back(point.id);
      CHECK(got == expected);
      dealt += got.size();
    }
    CHECK(dealt == ids.size());
  }

  TEST_CASE("a filter concerns every shard, a list only those that keep its ids") {
    const auto table = striped(4);
    const point_id lonely{5};

    const auto parts = split(
      {clear_payload{payload::filter{}},
                                   delete_payload{{"a"}, std::vector<point_id>{lonely}}},
      table, 4);

    REQUIRE(parts.size() == 4);
    for (const auto& [shard, operations] : parts) {
      CHECK(std::holds_alternative<clear_payload>(operations[0]));
      CHECK(operations.size() == (table.shard_of(lonely) == shard ? 2u : 1u));
    }
  }

  TEST_CASE("operations of one shard keep their order") {
    const auto table = striped(2);
    const std::vector<point_id> one{point_id{1}};

    const auto parts = split(
      {delete_points{one}, clear_payload{one}, delete_points{one}},
      table, 2);

    REQUIRE(parts.size() == 1);
    const auto& operations = parts.begin()->second;
    CHECK(std::holds_alternative<delete_points>(operations[0]));
    CHECK(std::holds_alternative<clear_payload>(operations[1]));
    CHECK(std::holds_alternative<delete_points>(operations[2]));
  }

  TEST_CASE("ids are dealt like points") {
    const auto table = striped(5);
    const auto ids = some_ids(100, 2);

    const auto parts = cluster::split(ids, scope_of(table, 5));

    std::size_t dealt = 0;
    for (const auto& [shard, mine] : parts) {
      for (const auto& one : mine)
        CHECK(table.shard_of(one) == shard);
      dealt += mine.size();
    }
    CHECK(dealt == ids.size());
  }

  TEST_CASE("one shard takes everything as it is") {
    const std::vector<write_operation> operations{delete_points{some_ids(3, 3)}};

    CHECK(split(operations, striped(1), 1).at(shard_id{0}) == operations);
  }
}
