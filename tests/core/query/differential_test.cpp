#include "core/query/resolve.hpp"
#include "tests/core/query/random_requests.hpp"
#include "tests/core/query/reference_evaluator.hpp"
#include "tests/core/query/sharded_world.hpp"

#include <cmath>
#include <cstdlib>

using namespace grape;
using namespace grape::test;

namespace {

/// Worlds of 100 cases each: 20 in a quick run, as many as the environment says in a long one.
std::uint64_t worlds() {
  const auto* wanted = std::getenv("GRAPE_QUERY_WORLDS");
  return wanted == nullptr ? 20 : std::strtoull(wanted, nullptr, 10);
}

bool is_close(float a, float b) {
  return std::abs(a - b) <= 1e-4f * std::max({1.0f, std::abs(a), std::abs(b)});
}

/// The same points in the same order with the same scores. Arithmetic in another order may differ
/// in the last bits, and so let neighbours with such scores change places.
void check_equal(const std::vector<scored_record>& found,
                 const std::vector<reference_hit>& expected) {
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CAPTURE(i);
    CHECK(is_close(found[i].score, expected[i].score));
    CHECK(found[i].point.order == expected[i].order);
    if (found[i].point.id == expected[i].id)
      continue;
    const auto tied = (i > 0 && is_close(expected[i].score, expected[i - 1].score))
                      || i + 1 == found.size()
                      || is_close(expected[i].score, expected[i + 1].score);
    CHECK_MESSAGE(tied, found[i].point.id.text() << " in place of " << expected[i].id.text());
  }
}

/// E.g. "fusion: rrf(nearest, order by)", for messages.
std::string shape_of(const query_part& of) {
  auto shape = of.query ? std::string(query::name_of(*of.query)) : std::string("first by id");
  std::string inner;
  for (const auto& one : of.prefetches)
    inner += (inner.empty() ? "" : ", ") + shape_of(one);
  return inner.empty() ? shape : shape + "(" + inner + ")";
}

} // namespace

TEST_SUITE("core.query.differential") {
  // Goal: what the engine answers is what the definition says, however points are spread.
  // Replay one world by its seed: GRAPE_QUERY_WORLDS=<seed> runs up to it.
  TEST_CASE("exact queries of every kind equal the reference, over one shard and several") {
    for (std::uint64_t seed = 1; seed <= worlds(); ++seed) {
      CAPTURE(seed);
      random_requests chance{seed};
      const auto schema = random_requests::schema();
      const auto points = chance.points(30 + chance.below(60));
      std::vector<write_operation> stored{upsert_points{points, {}, {}}};
      normalise(stored, schema);
      const reference_evaluator reference{schema, std::get<upsert_points>(stored.front()).points};
      sharded_world world{schema, static_cast<std::uint32_t>(1 + seed % 4), points};
      for (int round = 0; round < 80; ++round) {
        CAPTURE(round);
        const auto asked = chance.query();
        CAPTURE(shape_of(asked));

        const auto found = world.ask(asked);

        REQUIRE_MESSAGE(found.ok(), (found.ok() ? "" : found.error().detail));
        const auto& hits = std::get<query_reply>(*found).points;
        check_equal(hits, reference.query(asked));
        for (const auto& hit : hits)
          CHECK(hit.point.payload.has_value()
                == (asked.with_payload.wanted == payload_selector::mode::all));
      }
      for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        const auto asked = chance.groups();
        CAPTURE(shape_of(asked.query));

        const auto found = world.ask(asked);

        REQUIRE_MESSAGE(found.ok(), (found.ok() ? "" : found.error().detail));
        const auto& groups = std::get<query_groups_reply>(*found).groups;
        const auto expected = reference.groups(asked);
        REQUIRE(groups.size() == expected.size());
        for (std::size_t i = 0; i < groups.size(); ++i) {
          CHECK(groups[i].id == expected[i].first);
          check_equal(groups[i].hits, expected[i].second);
        }
      }
    }
  }

  TEST_CASE("a query without prefetches takes one round, whatever comes back with it") {
    random_requests chance{7};
    const auto points = chance.points(50);
    sharded_world world{random_requests::schema(), 3, points};
    query_request asked;
    asked.collection = "words";
    asked.vector_name = "dot";
    asked.query = nearest_query{vector_value{dense_vector{1, 0, 0, 0}}};
    asked.with_payload.wanted = payload_selector::mode::all;

    REQUIRE(world.ask(asked).ok());

    CHECK(world.rounds() == 1);
  }
}
