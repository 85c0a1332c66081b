#include "machine_world.hpp"

#include "core/shard/ranking.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::test;

namespace {

constexpr std::size_t dimension = 16;

collection_schema schema_of(metric kind) {
  collection_schema schema;
  schema.options.vectors[""] = {.size = dimension, .distance = kind, .hnsw = {}, .echoed = {}};
  schema.options.optimizers.indexing_threshold_kb = 1;
  schema.fields["n"] = {field_type::integer, {}};
  return schema;
}

/// Vectors around a few centres, as those of words or pictures are.
class clusters {
public:
  explicit clusters(std::uint64_t seed)
    : random_(seed) {
    for (auto& centre : centres_)
      for (auto& component : centre)
        component = spread_(random_);
  }

  dense_vector vector() {
    dense_vector made(dimension);
    const auto& centre = centres_[random_() % centres_.size()];
    for (std::size_t i = 0; i < dimension; ++i)
      made[i] = centre[i] + 0.3f * spread_(random_);
    normalise(made);
    return made;
  }

  std::vector<vector_value> vectors(std::size_t count) {
    std::vector<vector_value> made;
    while (made.size() < count)
      made.emplace_back(vector());
    return made;
  }

  std::vector<shard::vector_pair> pairs(std::size_t count) {
    std::vector<shard::vector_pair> made;
    while (made.size() < count)
      made.push_back({vector(), vector()});
    return made;
  }

private:
  std::mt19937_64 random_;
  std::normal_distribution<float> spread_;
  std::array<std::array<float, dimension>, 20> centres_{};
};

shard::shard_hits ask(machine_world& world, const shard::ranking& by, bool exact) {
  shard::shard_query wanted;
  wanted.by = by;
  wanted.params.exact = exact;
  budget unlimited;
  auto found = world->snapshot()->query(wanted, unlimited);
  REQUIRE_MESSAGE(found.ok(), (found.ok() ? "" : found.error().detail));
  return std::move(*found);
}

} // namespace

TEST_SUITE("core.shard.ranker") {
  TEST_CASE("rankings by several vectors find with a graph what a scan finds") {
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan}) {
      CAPTURE(to_string(kind));
      machine_world world{schema_of(kind)};
      clusters chance{42};
      upsert_points many;
      for (std::uint64_t id = 0; id < 6'000; ++id)
        many.points.push_back({point_id{id}, {{"", chance.vector()}}, {}});
      world.write({many});
      REQUIRE(world.settle_indexes() > 0);
      std::vector<shard::ranking> rankings;
      for (int i = 0; i < 5; ++i) {
        rankings.push_back(shard::rank_best_score{chance.vectors(2), chance.vectors(2)});
        rankings.push_back(shard::rank_sum_scores{chance.vectors(3), chance.vectors(1)});
        rankings.push_back(shard::rank_discover{chance.vector(), chance.pairs(1)});
        rankings.push_back(shard::rank_context{chance.pairs(1)});
        rankings.push_back(
            shard::rank_feedback{chance.vector(), 1.0f, chance.pairs(2), {0.1f, 0.2f}});
      }
      std::size_t as_good = 0;
      std::size_t of = 0;
      std::uint64_t visited = 0;
      std::uint64_t visited_by_scans = 0;
      for (const auto& by : rankings) {
        const auto exact = ask(world, by, true);
        const auto walked = ask(world, by, false);
        REQUIRE(exact.hits.size() == 10);
        REQUIRE(walked.hits.size() == 10);
        visited += walked.visited;
        visited_by_scans += exact.visited;
        // Of equally good points any may come back.
        for (const auto& hit : walked.hits)
          as_good += hit.score >= exact.hits.back().score;
        of += 10;
      }
      CHECK(as_good >= of * 95 / 100);
      if (kind != metric::manhattan) // Sums of its distances have no nearest point to walk to.
        CHECK(visited < visited_by_scans);
    }
  }

  TEST_CASE("a walk has no more to say than the points that a filter admits") {
    machine_world world{schema_of(metric::cosine)};
    clusters chance{43};
    upsert_points many;
    for (std::uint64_t id = 0; id < 3'000; ++id)
      many.points.push_back(
          {point_id{id},
           {{"", chance.vector()}},
           payload::object{{"n", payload::value{static_cast<std::int64_t>(id % 600)}}}});
    world.write({many});
    REQUIRE(world.settle_indexes() > 0);
    shard::shard_query wanted;
    wanted.by = shard::rank_best_score{chance.vectors(2), {}};
    wanted.filter = number_below(1);
    wanted.excluded = {point_id{0}};
    budget unlimited;

    const auto found = world->snapshot()->query(wanted, unlimited);

    REQUIRE(found.ok());
    CHECK(found->hits.size() == 4); // 600, 1200, 1800 and 2400.
  }

  TEST_CASE("an order needs an index of numbers, and goes both ways from where it starts") {
    machine_world world{schema_of(metric::dot)};
    upsert_points some;
    for (std::uint64_t id = 0; id < 5; ++id)
      some.points.push_back(
          {point_id{id},
           {},
           payload::object{{"n", payload::value{static_cast<std::int64_t>(id / 2)}}}});
    some.points.push_back(
        {point_id{9},
         {},
         payload::object{{"n", payload::value{payload::array{payload::value{std::int64_t{0}},
                                                             payload::value{std::int64_t{7}},
                                                             payload::value{std::int64_t{7}}}}}}});
    world.write({some});
    const auto ids = [&](const order_by& order) {
      std::vector<std::uint64_t> found;
      for (const auto& hit : ask(world, shard::rank_by_value{order}, false).hits)
        found.push_back(hit.point.id.number());
      return found;
    };

    CHECK(ids({"n", false, {}}) == std::vector<std::uint64_t>{0, 1, 9, 2, 3, 4, 9});
    CHECK(ids({"n", true, {}}) == std::vector<std::uint64_t>{9, 4, 3, 2, 9, 1, 0});
    CHECK(ids({"n", false, order_value{1.0}}) == std::vector<std::uint64_t>{2, 3, 4, 9});
    CHECK(ids({"n", true, order_value{std::int64_t{1}}})
          == std::vector<std::uint64_t>{3, 2, 9, 1, 0});
    shard::shard_query wanted;
    wanted.by = shard::rank_by_value{{"free", false, {}}};
    budget unlimited;
    CHECK(world->snapshot()->query(wanted, unlimited).error().code == errc::wrong_input);
  }
}
