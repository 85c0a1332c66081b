#include "core/shard/formula_evaluation.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace grape;

namespace {

const payload::object document{
    {"n", payload::value{2.5}},
    {"list", payload::value{payload::array{payload::value{std::int64_t{4}}}}},
    {"text", payload::value{"word"}},
    {"when", payload::value{"1970-01-02T00:00:00Z"}},
    {"berlin", payload::value{payload::object{{"lat", payload::value{52.52}},
                                              {"lon", payload::value{13.405}}}}}};

outcome<float> score(expression of, std::map<std::string, payload::value> defaults = {},
                     std::vector<std::optional<float>> scores = {}) {
  const formula whole{std::move(of), std::move(defaults)};
  const auto made = shard::formula_evaluation::make(whole);
  REQUIRE(made.ok());
  const point_id id{1};
  return made->score({id, document, scores, {}});
}

expression of(arithmetic kind, std::vector<expression> operands,
              std::optional<double> by_zero = {}) {
  formula_operation made;
  made.kind = kind;
  made.operands = std::move(operands);
  made.by_zero = by_zero;
  return {made};
}

expression value_at(const char* path) {
  return {payload_variable{path}};
}

} // namespace

TEST_SUITE("core.shard.formula_evaluation") {
  TEST_CASE("the deadline is looked at within a formula, however long it is") {
    std::vector<expression> terms;
    for (int i = 0; i < 200'000; ++i)
      terms.push_back(value_at("n"));
    const formula whole{of(arithmetic::sum, std::move(terms)), {}};
    const auto made = shard::formula_evaluation::make(whole);
    REQUIRE(made.ok());
    const point_id id{1};
    int looks = 0;
    budget in_time{1'000, [&looks] { return ++looks < 0; }};
    CHECK(made->score({id, document, {}, {}, {}, &in_time}).value() == 500'000.0f);
    CHECK(looks > 100);
    CHECK(in_time.visited() == 0);

    looks = 0;
    budget late{1'000, [&looks] { return ++looks == 3; }};
    CHECK(made->score({id, document, {}, {}, {}, &late}).error().code == errc::timed_out);
    CHECK(looks == 3);
  }

  TEST_CASE("variables are scores, payload values, or their defaults") {
    CHECK(score({score_variable{1}}, {}, {0.5f, 0.25f}).value() == 0.25f);
    CHECK(score({score_variable{1}}, {{"$score[1]", payload::value{3.0}}}, {0.5f, {}}).value()
          == 3.0f);
    CHECK(score({score_variable{7}}).value() == 0.0f);
    CHECK(score(value_at("n")).value() == 2.5f);
    CHECK(score(value_at("list")).value() == 4.0f);
    CHECK(score(value_at("none"), {{"none", payload::value{std::int64_t{6}}}}).value() == 6.0f);
    CHECK(score(value_at("none")).error()
          == status{errc::wrong_input,
                    "Expected number value for none in the payload and/or in the formula"
                    " defaults. Error: No value found in a payload nor defaults"});
    CHECK(score(value_at("text")).error()
          == status{errc::wrong_input,
                    "Expected number value for text in the payload and/or in the formula"
                    " defaults. Error: Value is not a number"});
    CHECK(score({datetime_variable{"when"}}).value() == 86'400.0f);
  }

  TEST_CASE("products and quotients end at the first zero") {
    const auto absent = value_at("none");
    CHECK(score(of(arithmetic::product, {{0.0}, absent})).value() == 0.0f);
    CHECK(score(of(arithmetic::quotient, {{0.0}, absent})).value() == 0.0f);
    CHECK(score(of(arithmetic::quotient, {{1.0}, {0.0}}, 9.0)).value() == 9.0f);
    CHECK(score(of(arithmetic::quotient, {{1.0}, {0.0}})).error()
          == status{errc::wrong_input, "The expression 1/0 = inf produced a non-finite number"});
    CHECK(score(of(arithmetic::sum, {{1.0}, value_at("n"), {-0.5}})).value() == 3.0f);
    CHECK(score(of(arithmetic::power, {{2.0}, {10.0}})).value() == 1'024.0f);
    CHECK(score(of(arithmetic::square_root, {{-1.0}})).error().code == errc::wrong_input);
    CHECK(score(of(arithmetic::decimal_logarithm, {{1'000.0}})).value() == 3.0f);
    CHECK(score(of(arithmetic::natural_logarithm, {{0.0}})).error().code == errc::wrong_input);
    CHECK(score({1e300}).error().code == errc::wrong_input); // Not as a float32.
  }

  TEST_CASE("decays are 1 at their target and the midpoint one scale away") {
    const auto at = [](decay_shape shape, double lambda, double x) {
      formula_decay made{shape, lambda, {{x}, {10.0}}};
      return score({made}).value();
    };
    CHECK(at(decay_shape::linear, 0.5 / 5, 10) == 1.0f);
    CHECK(at(decay_shape::linear, 0.5 / 5, 15) == 0.5f);
    CHECK(at(decay_shape::linear, 0.5 / 5, 100) == 0.0f);
    CHECK(at(decay_shape::exponential, std::log(0.5) / 5, 5) == doctest::Approx(0.5));
    CHECK(at(decay_shape::gauss, std::log(0.5) / 25, 15) == doctest::Approx(0.5));
  }

  TEST_CASE("distances are those on a globe") {
    // From Paris; 877.46 km by the haversine formula.
    const auto far = score({geo_distance{48.8566, 2.3522, "berlin"}});
    CHECK(far.value() == doctest::Approx(877'464).epsilon(0.001));
  }

  TEST_CASE("conditions count one or nothing") {
    payload::field_condition is_word{"text", {payload::match_value{std::string{"word"}}}};
    CHECK(score({condition_value{{is_word}}}).value() == 1.0f);
    payload::filter not_word;
    not_word.must_not.push_back({is_word});
    CHECK(score({condition_value{{not_word}}}).value() == 0.0f);
  }
}
