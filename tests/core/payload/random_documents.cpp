#include "random_documents.hpp"

#include <array>

namespace grape::payload {

namespace {

/// 0..below-1.
std::uint64_t draw(std::mt19937_64& random, std::uint64_t below) {
  return random() % below;
}

template <class T, std::size_t N>
const T& one_of(std::mt19937_64& random, const std::array<T, N>& choices) {
  return choices[draw(random, N)];
}

const std::array<std::string, 4> keys{"a", "b", "c", "d"};
const std::array<std::string, 9> words{"x",
                                       "y",
                                       "z",
                                       "Zürich",
                                       "x y, z",
                                       "2024-02-29T12:00:00Z",
                                       "2024-03-01 02:00+02",
                                       "550e8400-e29b-41d4-a716-446655440000",
                                       "550E8400E29B41D4A716446655440000"};
const std::array<double, 5> floats{-1.5, 1.0, 2.5, 5.0, 1e18};

value random_value(std::mt19937_64& random, int depth);

object random_object(std::mt19937_64& random, int depth) {
  object made;
  for (auto members = draw(random, 4); members > 0; --members)
    made.set(one_of(random, keys), random_value(random, depth));
  return made;
}

double random_degrees(std::mt19937_64& random, double most) {
  // The edges of the map are as frequent as everything between.
  const auto sign = draw(random, 2) == 0 ? 1.0 : -1.0;
  return draw(random, 2) == 0 ? sign * most
                              : sign * most * static_cast<double>(draw(random, 1'001)) / 1'000;
}

geo_point random_place(std::mt19937_64& random) {
  const auto lon = random_degrees(random, 180);
  return {lon, random_degrees(random, 90)};
}

value random_value(std::mt19937_64& random, int depth) {
  switch (draw(random, depth > 0 ? 16 : 11)) {
    case 0: return {};
    case 1: return value{draw(random, 2) == 0};
    case 2: return value{std::uint64_t{1} << 63 | draw(random, 2)};
    case 3:
    case 4: return value{static_cast<std::int64_t>(draw(random, 8)) - 2};
    case 5: return value{one_of(random, floats)};
    case 6:
    case 7: return value{one_of(random, words)};
    case 8: return value{array{}};
    case 9:
    case 10: {
      const auto place = random_place(random);
      // Now and then a place that is none.
      const auto lat = draw(random, 8) == 0 ? value{"north"} : value{place.lat};
      return value{object{{"lon", value{place.lon}}, {"lat", lat}}};
    }
    case 11:
    case 12: return value{random_object(random, depth - 1)};
    default: break;
  }
  array elements;
  for (auto count = draw(random, 4); count > 0; --count)
    elements.push_back(random_value(random, depth - 1));
  return value{std::move(elements)};
}

template <class Literal, class Draw>
std::vector<Literal> random_list(std::mt19937_64& random, Draw draw_one) {
  std::vector<Literal> made;
  for (auto count = draw(random, 4); count > 0; --count)
    made.push_back(draw_one());
  return made;
}

std::int64_t random_integer(std::mt19937_64& random) {
  return static_cast<std::int64_t>(draw(random, 8)) - 2;
}

std::variant<std::vector<std::string>, std::vector<std::int64_t>>
random_literals(std::mt19937_64& random) {
  if (draw(random, 2) == 0)
    return random_list<std::string>(random, [&] { return one_of(random, words); });
  return random_list<std::int64_t>(random, [&] { return random_integer(random); });
}

number_range random_range(std::mt19937_64& random) {
  number_range made;
  const auto bound = [&] { return 0.5 * static_cast<double>(draw(random, 16)) - 2; };
  if (draw(random, 3) == 0)
    made.lt = bound();
  if (draw(random, 3) == 0)
    made.gt = bound();
  if (draw(random, 3) == 0)
    made.lte = bound();
  if (draw(random, 3) == 0)
    made.gte = bound();
  return made;
}

time_range random_times(std::mt19937_64& random) {
  constexpr std::int64_t leap_day = 1'709'164'800'000'000; // 2024-02-29T00:00:00Z
  const auto bound = [&] {
    return leap_day + 43'200'000'000 * static_cast<std::int64_t>(draw(random, 5));
  };
  return draw(random, 2) == 0 ? time_range{.lt = bound(), .gt = {}, .lte = {}, .gte = bound()}
                              : time_range{.lt = {}, .gt = bound(), .lte = bound(), .gte = {}};
}

values_count random_count(std::mt19937_64& random) {
  const auto bound = [&] { return draw(random, 4); };
  return draw(random, 2) == 0 ? values_count{.lt = bound(), .gt = {}, .lte = {}, .gte = {}}
                              : values_count{.lt = {}, .gt = {}, .lte = bound(), .gte = bound()};
}

field_test random_area(std::mt19937_64& random) {
  switch (draw(random, 3)) {
    case 0: return geo_box{random_place(random), random_place(random)};
    case 1: return geo_radius{random_place(random), 2e7 * random_degrees(random, 1)};
    default: break;
  }
  geo_polygon made;
  for (int corner = 0; corner < 4; ++corner)
    made.exterior.push_back(random_place(random));
  made.exterior.push_back(made.exterior.front());
  return made;
}

field_test random_text_test(std::mt19937_64& random) {
  static const std::array<std::string, 6> texts{"x", "y z", "rich", "", "2024", "z, x"};
  static const std::array<std::string, 5> patterns{"%y%", "_", "Z_rich", "%", "2024-%Z"};
  switch (draw(random, 4)) {
    case 0: return match_text{one_of(random, texts), static_cast<text_match>(draw(random, 3))};
    case 1: return match_prefix{one_of(random, texts)};
    case 2: return match_like{one_of(random, patterns)};
    default: return match_fuzzy{one_of(random, texts), static_cast<std::uint32_t>(draw(random, 3))};
  }
}

field_test random_test(std::mt19937_64& random) {
  switch (draw(random, 15)) {
    case 0: return match_value{draw(random, 2) == 0};
    case 1: return match_value{random_integer(random)};
    case 2: return match_value{one_of(random, words)};
    case 3: return match_any{random_literals(random)};
    case 4: return match_except{random_literals(random)};
    case 5:
    case 6: return random_range(random);
    case 7: return empty_test{draw(random, 2) == 0};
    case 8:
    case 9: return random_text_test(random);
    case 10: return random_times(random);
    case 11:
    case 12: return random_area(random);
    case 13: return random_count(random);
    default: return null_test{draw(random, 2) == 0};
  }
}

condition random_condition(std::mt19937_64& random, int depth) {
  switch (draw(random, depth > 0 ? 14 : 11)) {
    case 0: {
      has_id made;
      for (auto count = draw(random, 20); count > 0; --count)
        made.ids.emplace_back(draw(random, 50));
      return {std::move(made)};
    }
    case 1: return {has_vector{draw(random, 2) == 0 ? "" : "image"}};
    case 2: {
      const auto total = 1 + draw(random, 4);
      return {slice{total, draw(random, total)}};
    }
    case 11:
    case 12: return {nested{random_path(random), random_filter(random, depth - 1)}};
    case 13: return {random_filter(random, depth - 1)};
    default: break;
  }
  field_condition made{random_path(random), {random_test(random)}};
  if (draw(random, 4) == 0)
    made.tests.push_back(random_test(random));
  return {std::move(made)};
}

std::vector<condition> random_conditions(std::mt19937_64& random, int depth) {
  std::vector<condition> made;
  for (auto count = draw(random, 3); count > 0; --count)
    made.push_back(random_condition(random, depth));
  return made;
}

} // namespace

object random_document(std::mt19937_64& random) {
  return random_object(random, 3);
}

std::string random_path(std::mt19937_64& random) {
  static const std::array<std::string, 12> paths{
    "a", "b", "c", "d", "a.b", "a[]", "b[].a", "a[].b", "c[0]", "\"a\".b", "b[][]", "a[].b[].c"};
  return one_of(random, paths);
}

filter random_filter(std::mt19937_64& random, int depth) {
  filter made;
  made.must = random_conditions(random, depth);
  if (draw(random, 3) == 0)
    made.should = random_conditions(random, depth);
  if (draw(random, 3) == 0)
    made.must_not = random_conditions(random, depth);
  if (draw(random, 5) == 0)
    made.at_least = min_should{random_conditions(random, depth), 1 + draw(random, 2)};
  return made;
}

field_schema random_index(std::mt19937_64& random) {
  field_schema made{static_cast<field_type>(draw(random, 8)), {}};
  if (made.type != field_type::text)
    return made;
  static const std::array<std::string, 4> cuts{"word", "whitespace", "prefix", "multilingual"};
  object params{{"tokenizer", value{one_of(random, cuts)}},
                {"phrase_matching", value{draw(random, 2) == 0}},
                {"lowercase", value{draw(random, 2) == 0}}};
  if (draw(random, 2) == 0)
    params.set("stopwords", value{object{{"custom", value{array{value{"y"}}}}}});
  made.params = std::move(params);
  return made;
}

} // namespace grape::payload
