#include "core/payload/resolve.hpp"

#include "core/payload/describe.hpp"
#include "core/payload/evaluate.hpp"
#include "random_documents.hpp"
#include "read_json.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace grape;
using namespace grape::payload;

namespace {

constexpr std::size_t capacity = 200; ///< Slots of the small world; not a multiple of 64.

/// Points by slot, the slow way.
struct world {
  std::map<std::uint32_t, std::pair<point_id, object>> points;

  slot_set live() const {
    slot_set members{capacity};
    for (const auto& [at, point] : points)
      members.insert(slot{at});
    return members;
  }

  /// Every third id carries an image.
  static bool has_vector(const point_id& id, std::string_view name) {
    return name.empty() || id.number() % 3 == 0;
  }

  slot_set matching(const filter& wanted, const field_meanings& meanings) const {
    slot_set members{capacity};
    for (const auto& [at, point] : points)
      if (matches(wanted, point.first, point.second,
                  [&id = point.first](std::string_view name) { return has_vector(id, name); },
                  meanings))
        members.insert(slot{at});
    return members;
  }
};

/// A moment of a world with its columns, and how many payloads were read from it.
struct moment {
  world points;
  column_view columns;
  slot_set live = points.live();
  mutable std::size_t reads = 0;

  resolve_context context() const {
    return {.live = &live,
            .columns = &columns,
            .slot_of = [this](const point_id& id) -> std::optional<slot> {
              for (const auto& [at, point] : points.points)
                if (point.first == id)
                  return slot{at};
              return std::nullopt;
            },
            .id_of = [this](slot at) { return points.points.at(at.value).first; },
            .has_vector =
              [this](slot at, std::string_view name) {
                return world::has_vector(points.points.at(at.value).first, name);
              },
            .payload_of = [this](slot at) -> outcome<object> {
              ++reads;
              return points.points.at(at.value).second;
            }};
  }
};

/// Changes the world and its columns alike, one random slot at a time.
void live_a_little(std::mt19937_64& random, world& points, field_columns& columns) {
  for (int step = 0; step < 150; ++step) {
    const auto at = static_cast<std::uint32_t>(random() % capacity);
    if (random() % 4 == 0) {
      points.points.erase(at);
      columns.clear(slot{at});
    } else {
      auto document = random_document(random);
      columns.set(slot{at}, document);
      points.points[at] = {point_id{at}, std::move(document)};
    }
  }
}

void index_something(std::mt19937_64& random, const world& points, field_columns& columns) {
  const auto field = random_path(random);
  REQUIRE(columns.add_field(field, random_index(random)).ok());
  for (const auto& [at, point] : points.points)
    columns.set_field(field, slot{at}, point.second);
}

void check_moment(std::mt19937_64& random, const moment& now) {
  for (int i = 0; i < 60; ++i) {
    const auto wanted = random_filter(random);
    CAPTURE(describe(wanted));
    const auto expected = now.points.matching(wanted, now.columns.meanings());
    budget work;

    const auto bounds = estimate(wanted, now.context());
    now.reads = 0;
    const auto found = resolve(wanted, now.context(), work);

    REQUIRE(found.ok());
    REQUIRE(*found == expected);
    REQUIRE(bounds.least <= expected.count());
    REQUIRE(bounds.most >= expected.count());
    REQUIRE(now.reads == bounds.most - bounds.least);
  }
}

moment small_world() {
  field_columns columns;
  REQUIRE(columns.add_field("city", {field_type::keyword, {}}).ok());
  REQUIRE(columns.add_field("price", {field_type::floating, {}}).ok());
  REQUIRE(columns.add_field("count", {field_type::integer, {}}).ok());
  world points;
  for (std::uint32_t i = 0; i < capacity; ++i) {
    object document{{"city", value{i % 2 == 0 ? "Berlin" : "Paris"}},
                    {"price", value{i * 0.5}},
                    {"count", value{std::int64_t{i % 10}}},
                    {"free", value{std::int64_t{i}}}};
    columns.set(slot{i}, document);
    points.points[i] = {point_id{i}, std::move(document)};
  }
  return {.points = std::move(points), .columns = columns.snapshot()};
}

filter all_of(std::initializer_list<field_condition> conditions) {
  filter made;
  for (const auto& c : conditions)
    made.must.push_back({c});
  return made;
}

} // namespace

TEST_SUITE("core.payload.resolve") {
  // Method: a world and its columns live through random writes, deletions, reused slots, indexes
  // that come and go; every moment, also one long past, must answer as the slow twin does.
  TEST_CASE("resolving equals evaluating every document, at every moment") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      world points;
      field_columns columns;
      for (auto indexes = random() % 5; indexes > 0; --indexes)
        index_something(random, points, columns);
      live_a_little(random, points, columns);

      const moment early{.points = points, .columns = columns.snapshot()};
      check_moment(random, early);
      live_a_little(random, points, columns);
      index_something(random, points, columns);
      columns.remove_field(random_path(random));
      live_a_little(random, points, columns);
      const moment late{.points = points, .columns = columns.snapshot()};

      check_moment(random, late);
      check_moment(random, early);
    }
  }

  TEST_CASE("indexed fields of their own type are decided without reading a payload") {
    const auto now = small_world();
    budget work;
    std::string plan;

    const number_range cheap{.lt = 50.0, .gt = {}, .lte = {}, .gte = 10.0};
    const auto found = resolve(all_of({{"city", {match_value{"Berlin"}}},
                                       {"price", {cheap}},
                                       {"count", {match_except{std::vector<std::int64_t>{4}}}}}),
                               now.context(), work, &plan);

    REQUIRE(found.ok());
    CHECK(found->count() == 32);
    CHECK(now.reads == 0);
    CHECK(work.visited() == 0);
    CHECK(plan == "filter: 32 of 200 points match, 0 payloads read");
  }

  TEST_CASE("an unindexed field costs reads only where the indexed ones leave it open") {
    const auto now = small_world();
    budget work;

    const number_range small{.lt = 100.0, .gt = {}, .lte = {}, .gte = {}};
    const auto found = resolve(
      all_of({{"count", {match_value{std::int64_t{3}}}}, {"free", {small}}}), now.context(), work);

    REQUIRE(found.ok());
    CHECK(found->count() == 10);
    CHECK(now.reads == 20);
    CHECK(work.visited() == 20);
  }

  TEST_CASE("a column over the elements of an array spares reads for nested") {
    field_columns columns;
    REQUIRE(columns.add_field("a[].b", {field_type::integer, {}}).ok());
    world points;
    for (std::uint32_t i = 0; i < 100; ++i) {
      const auto element = value{object{{"b", value{std::int64_t{i}}}, {"c", value{true}}}};
      object document{{"a", value{array{element}}}};
      columns.set(slot{i}, document);
      points.points[i] = {point_id{i}, std::move(document)};
    }
    const moment now{.points = points, .columns = columns.snapshot()};
    filter wanted;
    wanted.must.push_back({nested{"a", all_of({{"b", {match_value{std::int64_t{17}}}},
                                               {"c", {match_value{true}}}})}});
    budget work;

    const auto found = resolve(wanted, now.context(), work);

    REQUIRE(found.ok());
    CHECK(found->count() == 1);
    CHECK(now.reads == 1);
  }

  TEST_CASE("a used-up budget or a passed deadline is an error, never half an answer") {
    const auto now = small_world();
    const auto wanted = all_of({{"free", {match_value{std::int64_t{3}}}}});
    budget few{150, {}};
    budget late{1'000'000, [] { return true; }};
    while (late.spend(1)) {
    }

    const auto cut = resolve(wanted, now.context(), few);
    const auto missed = resolve(wanted, now.context(), late);

    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == errc::too_large);
    REQUIRE_FALSE(missed.ok());
    CHECK(missed.error().code == errc::timed_out);
  }

  TEST_CASE("the time is looked at amid the conditions of a long filter") {
    const auto now = small_world();
    filter wanted;
    for (std::int64_t i = 0; i < 200'000; ++i)
      wanted.should.push_back({field_condition{"free", {match_value{-1 - i}}}});
    int looks = 0;
    budget in_memory{1'000'000, [&looks] { return ++looks == 3; }};
    CHECK(resolve(wanted, now.context(), in_memory).error().code == errc::timed_out);
    CHECK(now.reads == 0);

    looks = 0;
    budget by_payload{1'000'000, [&looks] { return ++looks == 102; }};
    CHECK(resolve(wanted, now.context(), by_payload).error().code == errc::timed_out);
    CHECK(now.reads > 0);
    CHECK(now.reads < 10);
  }

  TEST_CASE("the time is looked at between the texts of one point, by how long they are") {
    std::string text;
    for (int i = 0; i < 8'000; ++i)
      text += "word" + std::to_string(i) + " ";
    const object payload{{"t", value{text}}};
    filter wanted;
    for (int i = 0; i < 40; ++i)
      wanted.should.push_back({field_condition{"t", {match_text{"absent"}}}});
    int looks = 0;
    budget in_time{1'000, [&looks] { return ++looks < 0; }};
    CHECK_FALSE(matches(wanted, point_id{1}, payload, {}, {}, &in_time));
    CHECK(looks >= 40);
    CHECK(in_time.visited() == 0);

    looks = 0;
    budget late{1'000, [&looks] { return ++looks == 3; }};
    CHECK_FALSE(matches(wanted, point_id{1}, payload, {}, {}, &late));
    CHECK(late.over());
    CHECK(looks == 3);
  }

  TEST_CASE("a payload that cannot be read fails the whole") {
    const auto now = small_world();
    auto context = now.context();
    context.payload_of = [](slot) -> outcome<object> {
      return status{errc::corrupted, "a torn page"};
    };
    budget work;

    const auto found = resolve(all_of({{"free", {match_value{true}}}}), context, work);

    REQUIRE_FALSE(found.ok());
    CHECK(found.error() == status{errc::corrupted, "a torn page"});
  }
}
