#include "core/query/plan_write.hpp"
#include "core/shard/command.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

cluster::collection_entry collection(std::uint32_t shards, metric distance) {
  cluster::metadata state;
  cluster::create_collection made{"c", {}};
  made.options.vectors[""].size = 2;
  made.options.vectors[""].distance = distance;
  made.options.shard_number = shards;
  const auto applied = state.apply(made);
  REQUIRE(applied.ok());
  return *state.find("c");
}

upsert_points points(std::uint64_t count, std::size_t dimension = 2) {
  upsert_points operation;
  for (std::uint64_t id = 0; id < count; ++id)
    operation.points.push_back({point_id{id}, {{"", dense_vector(dimension, 3.0F)}}, {}});
  return operation;
}

write_request request(std::vector<write_operation> operations) {
  return {.collection = "c", .operations = std::move(operations), .options = {}};
}

shard::write_points decoded(const std::string& bytes) {
  auto command = shard::decode(bytes);
  REQUIRE(command.ok());
  return std::get<shard::write_points>(*command);
}

} // namespace

TEST_SUITE("core.query.plan_write") {
  TEST_CASE("a batch becomes one command for each shard concerned, by the schema of now") {
    const auto entry = collection(4, metric::dot);

    const auto plan = query::plan(request({points(100)}), entry);

    REQUIRE(plan.ok());
    CHECK(plan->parts.size() == 4);
    std::size_t dealt = 0;
    for (const auto& part : plan->parts) {
      const auto command = decoded(part.bytes);
      CHECK(command.validated_against == entry.schema.version);
      for (const auto& point : std::get<upsert_points>(command.operations.at(0)).points) {
        CHECK(entry.groups.at(entry.slots.shard_of(point.id)) == part.group);
        ++dealt;
      }
    }
    CHECK(dealt == 100);
  }

  TEST_CASE("vectors are stored as the metric wants them") {
    const auto plan = query::plan(request({points(1)}), collection(1, metric::cosine));

    REQUIRE(plan.ok());
    const auto command = decoded(plan->parts.at(0).bytes);
    const auto& point = std::get<upsert_points>(command.operations.at(0)).points.at(0);
    const auto& vector = std::get<dense_vector>(point.vectors.at(0).value);
    CHECK(vector[0] == doctest::Approx(0.70710678));
  }

  TEST_CASE("what does not fit the schema is refused before anything is encoded") {
    const auto plan = query::plan(request({points(1, 3)}), collection(1, metric::dot));

    REQUIRE_FALSE(plan.ok());
    CHECK(plan.error().code == errc::wrong_input);
  }

  TEST_CASE("a stale part is planned again for the schema of now, or refused by it") {
    auto entry = collection(1, metric::dot);
    const auto plan = query::plan(request({points(2)}), entry);
    REQUIRE(plan.ok());
    entry.schema.version = entry.schema.version.next();

    const auto again = query::plan_again(plan->parts.at(0).bytes, entry.schema);
    entry.schema.options.vectors[""].size = 5;
    const auto refused = query::plan_again(plan->parts.at(0).bytes, entry.schema);

    REQUIRE(again.ok());
    CHECK(decoded(*again).validated_against == entry.schema.version);
    CHECK(decoded(*again).operations == decoded(plan->parts.at(0).bytes).operations);
    CHECK(refused.error().code == errc::wrong_input);
  }
}
