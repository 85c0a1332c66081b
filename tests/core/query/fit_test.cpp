#include "core/query/fit.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace grape;
using query::candidates;
using query::hit_list;

namespace {

hit_list list_of(std::initializer_list<std::pair<std::uint64_t, float>> hits) {
  hit_list made;
  for (const auto& [id, score] : hits) {
    made.emplace_back();
    made.back().point.id = point_id{id};
    made.back().score = score;
  }
  return made;
}

query::fitted_fusion fitted(const candidates& from, double l2) {
  const auto made = query::fit_fusion(from, {l2});
  REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().detail));
  return *made;
}

/// Nine candidates of two lists, four of them relevant.
candidates nine() {
  return {2,
          {1, 0.25f, 0.5f, 1, 0.75f, 0, 0, 0.5f, 0.25f, 0.75f, 0, 0, 0.5f, 0.25f, 1, 1, 0, 1},
          {true, true, false, false, true, false, false, true, false}};
}

/// Scores at random; the better, the more likely relevant, by how much is drawn for each list.
candidates random_candidates(std::mt19937_64& random) {
  std::uniform_real_distribution<float> share;
  candidates made{1 + random() % 4, {}, {true, false}};
  std::vector<float> tells(made.lists);
  for (auto& one : tells)
    one = 4 * share(random) - 1;
  made.scores.resize(2 * made.lists, 0.5f);
  for (std::size_t row = random() % 200; row-- > 0;) {
    float sum = -1;
    for (const auto one : tells) {
      made.scores.push_back(random() % 3 == 0 ? 0 : share(random));
      sum += one * made.scores.back();
    }
    made.relevant.push_back(share(random) < 1 / (1 + std::exp(-sum)));
  }
  return made;
}

/// Written anew, the plain way, of the weights as they are given out.
double penalised_loss(const candidates& of, const learned_fusion& by, double l2) {
  double sum = 0;
  for (const auto weight : by.weights)
    sum += l2 / 2 * weight * weight;
  for (std::size_t row = 0; row < of.relevant.size(); ++row) {
    double margin = by.bias;
    for (std::size_t i = 0; i < of.lists; ++i)
      margin += double{by.weights[i]} * of.scores[row * of.lists + i];
    const auto likely = 1 / (1 + std::exp(-margin));
    sum -= std::log(of.relevant[row] ? likely : 1 - likely);
  }
  return sum;
}

void check_same(const learned_fusion& a, const learned_fusion& b) {
  REQUIRE(a.weights.size() == b.weights.size());
  for (std::size_t i = 0; i < a.weights.size(); ++i)
    CHECK(a.weights[i] == doctest::Approx(b.weights[i]).epsilon(1e-5));
  CHECK(a.bias == doctest::Approx(b.bias).epsilon(1e-5));
}

} // namespace

TEST_SUITE("core.query.fit") {
  // The expected numbers were found by bisecting the derivatives one coordinate at a time.
  TEST_CASE("weights are those of the least penalised loss") {
    const auto strict = fitted(nine(), 1);
    CHECK(strict.by.weights[0] == doctest::Approx(0.7404119).epsilon(1e-6));
    CHECK(strict.by.weights[1] == doctest::Approx(0.6684389).epsilon(1e-6));
    CHECK(strict.by.bias == doctest::Approx(-0.9123159).epsilon(1e-6));
    CHECK(strict.loss == doctest::Approx(0.5589463).epsilon(1e-6));
    CHECK(strict.loss_of_share == doctest::Approx(0.6869616).epsilon(1e-6));
    CHECK(strict.relevant == 4);
    const auto loose = fitted(nine(), 0.1);
    CHECK(loose.by.weights[0] == doctest::Approx(2.9597531).epsilon(1e-6));
    CHECK(loose.by.weights[1] == doctest::Approx(2.6336058).epsilon(1e-6));
    CHECK(loose.by.bias == doctest::Approx(-2.9917338).epsilon(1e-6));
  }

  TEST_CASE("one list that is there or not gives the log odds") {
    // Relevant: 3 of 4 that the list has, 1 of 4 others.
    const candidates from{
        1, {1, 1, 1, 1, 0, 0, 0, 0}, {true, true, true, false, false, false, false, true}};
    const auto made = fitted(from, 1e-9);
    CHECK(made.by.weights[0] == doctest::Approx(2 * std::log(3)).epsilon(1e-6));
    CHECK(made.by.bias == doctest::Approx(-std::log(3)).epsilon(1e-6));
  }

  TEST_CASE("lists that tell all apart get large weights, and end") {
    const candidates from{1, {1, 1, 0, 0}, {true, true, false, false}};
    const auto made = fitted(from, 1e-6);
    CHECK(made.by.weights[0] > 10);
    CHECK(std::isfinite(made.by.weights[0]));
    CHECK(made.loss < 1e-3);
    CHECK(made.steps < 50);
  }

  TEST_CASE("nothing near the weights found costs less") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto from = random_candidates(random);
      const auto l2 = std::exp(std::uniform_real_distribution<double>{-5, 3}(random));
      const auto made = fitted(from, l2);
      const auto least = penalised_loss(from, made.by, l2);
      CHECK(
          least
              - l2 / 2
                    * std::inner_product(made.by.weights.begin(), made.by.weights.end(),
                                         made.by.weights.begin(), 0.0)
          == doctest::Approx(made.loss * static_cast<double>(from.relevant.size())).epsilon(1e-4));
      for (std::size_t i = 0; i <= from.lists; ++i)
        for (const float by : {-1e-2f, 1e-2f}) {
          auto other = made.by;
          (i < from.lists ? other.weights[i] : other.bias) += by;
          CHECK(penalised_loss(from, other, l2) > least);
        }
    }
  }

  TEST_CASE("the order of candidates and of lists does not matter") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto from = random_candidates(random);
      candidates turned{from.lists,
                        {from.scores.rbegin(), from.scores.rend()},
                        {from.relevant.rbegin(), from.relevant.rend()}};
      auto other = fitted(turned, 0.5).by;
      std::reverse(other.weights.begin(), other.weights.end());
      check_same(fitted(from, 0.5).by, other);
    }
  }

  TEST_CASE("twice the candidates and twice the penalty give the same weights") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto once = random_candidates(random);
      auto twice = once;
      twice.scores.insert(twice.scores.end(), once.scores.begin(), once.scores.end());
      twice.relevant.insert(twice.relevant.end(), once.relevant.begin(), once.relevant.end());
      check_same(fitted(once, 0.5).by, fitted(twice, 1).by);
    }
  }

  TEST_CASE("candidates have the scores that learned fusion weighs") {
    const query::labelled_lists one{
        {list_of({{7, 4}, {3, 3}, {5, 2}}), list_of({{5, 0.5f}, {9, 2.5f}})},
        {false, true},
        {point_id{9}, point_id{5}, point_id{100}}};
    candidates from;
    REQUIRE(query::add_candidates(from, one).ok());
    CHECK(from.lists == 2);
    CHECK(from.scores == std::vector<float>{0.5f, 0, 0, 1, 1, 0, 0, 0}); // Of 3, 5, 7, 9.
    CHECK(from.relevant == std::vector<bool>{false, true, false, true});

    const learned_fusion by{{0.75f, -2}, 0.25f};
    const auto fused = query::fuse({{by}, 10, {}, one.ascending}, one.lists);
    REQUIRE(fused.ok());
    REQUIRE(fused->size() == 4);
    const std::uint64_t ids[] = {3, 5, 7, 9};
    for (std::size_t row = 0; row < 4; ++row) {
      const auto hit = std::find_if(fused->begin(), fused->end(), [&](const auto& each) {
        return each.point.id == point_id{ids[row]};
      });
      REQUIRE(hit != fused->end());
      const auto margin = 0.75 * from.scores[2 * row] - 2.0 * from.scores[2 * row + 1] + 0.25;
      CHECK(hit->score == doctest::Approx(1 / (1 + std::exp(-margin))));
    }
  }

  TEST_CASE("what cannot be fitted is refused") {
    candidates from;
    CHECK(query::add_candidates(from, {}).code == errc::wrong_input);
    CHECK(query::fit_fusion(from, {}).error().code == errc::wrong_input);
    REQUIRE(query::add_candidates(from, {{list_of({{1, 2}, {2, 1}})}, {}, {}}).ok());
    CHECK(query::fit_fusion(from, {}).error()
          == status{errc::wrong_input, "of 2 candidates 0 are relevant: it takes some that are and"
                                       " some that are not"});
    CHECK(query::add_candidates(from, {{{}, {}}, {}, {}})
          == status{errc::wrong_input, "got 2 prefetches, expected 1"});
    CHECK(query::fit_fusion({1, {1, 0}, {true, true}}, {}).error().code == errc::wrong_input);
    CHECK(query::fit_fusion(nine(), {0}).error()
          == status{errc::wrong_input, "l2 must be above 0"});
    CHECK(query::fit_fusion(nine(), {std::nan("")}).error().code == errc::wrong_input);
  }
}
