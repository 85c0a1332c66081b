#include "core/query/fusion.hpp"

#include <doctest/doctest.h>

using namespace grape;
using query::hit_list;

namespace {

hit_list list_of(std::initializer_list<std::pair<std::uint64_t, float>> hits) {
  hit_list made;
  for (const auto& [id, score] : hits) {
    scored_record one;
    one.point.id = point_id{id};
    one.score = score;
    made.push_back(one);
  }
  return made;
}

hit_list fused(fusion_query by, std::vector<hit_list> lists, std::vector<bool> ascending = {}) {
  query::fuse_stage how{std::move(by), 10, {}, std::move(ascending)};
  auto made = query::fuse(how, std::move(lists));
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().detail));
  return std::move(*made);
}

scored_record with_vector(std::uint64_t id, float score, dense_vector vector) {
  scored_record made;
  made.point.id = point_id{id};
  made.point.vectors = named_vectors{{"", std::move(vector)}};
  made.score = score;
  return made;
}

} // namespace

TEST_SUITE("core.query.fusion") {
  TEST_CASE("ranks add up by reciprocals, and weights stretch them") {
    const auto plain = fused({rrf_fusion{}}, {list_of({{1, 9}, {2, 8}}), list_of({{2, 5}})});
    CHECK(plain == list_of({{2, 1.0f / 3 + 1.0f / 2}, {1, 0.5f}}));
    const auto weighted = fused({rrf_fusion{2, std::vector<float>{3, 0}}},
                                {list_of({{1, 9}, {2, 8}}), list_of({{3, 5}})});
    CHECK(weighted
          == list_of({{1, 1 / (1.0f / 3 + 2 - 1)}, {2, 1 / (2.0f / 3 + 2 - 1)}, {3, 0.0f}}));
  }

  TEST_CASE("distributions put the mean at one half; lists that say nothing give one half") {
    CHECK(fused({dbsf_fusion{}}, {list_of({{1, 7}})}) == list_of({{1, 0.5f}}));
    CHECK(fused({dbsf_fusion{}}, {list_of({{1, 7}, {2, 7}})}) == list_of({{1, 0.5f}, {2, 0.5f}}));
    const auto spread = fused({dbsf_fusion{}}, {list_of({{1, 3}, {2, 2}, {3, 1}})});
    CHECK(spread[0].score == doctest::Approx(2.0 / 3));
    CHECK(spread[1].score == doctest::Approx(0.5));
    CHECK(spread[2].score == doctest::Approx(1.0 / 3));
  }

  TEST_CASE("distances count as their negatives where scores are compared") {
    const auto linear = fused({linear_fusion{{1, 1}}},
                              {list_of({{1, 0.5f}, {2, 2}}), list_of({{2, 1}})}, {true, false});
    CHECK(linear == list_of({{1, -0.5f}, {2, -1}}));
    const auto even = fused({normalised_fusion{}}, {list_of({{1, 0.5f}, {2, 2}})}, {true});
    CHECK(even == list_of({{1, 1}, {2, 0}}));
  }

  TEST_CASE("a list whose first hits stand out weighs more than one that is even") {
    const auto clear = list_of({{1, 10}, {2, 1}, {3, 1}, {4, 1}, {5, 0}});
    const auto vague = list_of({{2, 5}, {3, 4.9f}, {4, 4.8f}, {1, 4.7f}, {5, 0}});
    CHECK(query::spread(query::normalised_scores(clear, false))
          > query::spread(query::normalised_scores(vague, false)));
    CHECK(fused({adaptive_fusion{}}, {clear, vague}).front().point.id == point_id{1});
  }

  TEST_CASE("weights must be as many as lists") {
    query::fuse_stage how{{rrf_fusion{2, std::vector<float>{1}}}, 10, {}, {}};
    CHECK(query::fuse(how, {{}, {}}).error()
          == status{errc::wrong_input, "Validation failed: Number of weights in RRF should match"
                                       " number of pre-fetches: got 1, expected 2"});
  }

  TEST_CASE("thresholds of fusions let their own value pass") {
    query::fuse_stage how{{rrf_fusion{}}, 10, 0.5f, {}};
    CHECK(query::fuse(how, {list_of({{1, 9}, {2, 8}})}).value() == list_of({{1, 0.5f}}));
  }

  TEST_CASE("diversity prefers what is unlike the chosen, and keeps scores") {
    const hit_list near{with_vector(1, 0.9f, {1, 0}), with_vector(2, 0.8f, {0.99f, 0.1f}),
                        with_vector(3, 0.3f, {0, 1})};
    const auto picked = [&](float lambda) {
      return query::diversify({dense_vector{1, 0.2f}, "", metric::dot, lambda, 2}, near);
    };

    CHECK(picked(1.0f) == list_of({{2, 0.8f}, {1, 0.9f}})); // Only relevance.
    CHECK(picked(0.5f) == list_of({{2, 0.8f}, {3, 0.3f}}));
  }
}
