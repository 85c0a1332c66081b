#include "core/storage/point_store.hpp"

#include "core/storage/keys.hpp"
#include "tests/core/storage/point_places.hpp"
#include "tests/core/storage/point_twin.hpp"

#include <random>
#include <string>

using namespace grape;
using namespace grape::storage;
using testing::in_leveldb;
using testing::in_memory;
using testing::open_points;
using testing::point_twin;
using testing::put;
using testing::set_schema;

namespace {

std::string values_in(const point_store& points, const std::string& field) {
  std::string out;
  const auto visit = [&](const payload::value& value, const point_id& id) {
    out += payload::to_json(value) + "@" + id.text() + " ";
    return true;
  };
  REQUIRE(points.read().scan_field(field, visit).ok());
  return out;
}

} // namespace

TEST_SUITE("core.storage.point_store") {
  TEST_CASE_TEMPLATE("a point store agrees with plain maps through any changes and reopenings",
                     place, in_memory, in_leveldb) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      place where;
      auto points = open_points(where.open());
      point_twin twin;
      set_schema(*points, point_twin::schema(), 1);
      std::vector<std::pair<point_reader, point_twin>> moments;
      for (std::uint64_t index = 2; index < 200; ++index) {
        auto changes = points->begin();
        auto next = twin;
        next.step(random, changes, index);
        if (random() % 8 == 0)
          continue; // Dropped: nothing of it may ever show.
        REQUIRE(points->commit(std::move(changes), log_index{index},
                               random() % 4 == 0 ? durability::synced : durability::buffered)
                  .ok());
        twin = std::move(next);
        if (random() % 20 == 0)
          moments.emplace_back(points->read(), twin);
        if (random() % 50 == 0) {
          moments.clear();
          points.reset();
          points = open_points(where.open());
        }

        REQUIRE(points->applied() == log_index{index});
        REQUIRE(points->points() == twin.points.size());
        twin.require_equal(points->read(), true);
      }
      for (const auto& [reader, then] : moments)
        then.require_equal(reader, true);
    }
  }

  TEST_CASE("applied, schema and count are there after reopening; durable follows syncs") {
    in_leveldb where;
    auto points = open_points(where.open());
    CHECK(points->applied() == log_index{0});
    CHECK_FALSE(points->schema().has_value());

    set_schema(*points, point_twin::schema(), 4);
    put(*points, {point_id{7}, {}, {}}, 5);
    CHECK(points->applied() == log_index{5});
    CHECK(points->durable() == log_index{0});
    REQUIRE(points->flush().ok());
    CHECK(points->durable() == log_index{5});
    put(*points, {point_id{8}, {}, {}}, 9);
    points.reset();
    points = open_points(where.open());

    CHECK(points->applied() == log_index{9});
    CHECK(points->durable() == log_index{9});
    CHECK(points->points() == 2);
    CHECK(points->schema() == point_twin::schema());
  }

  TEST_CASE("field keys tell 5 from 5.0, enter arrays once, and reach into nested objects") {
    auto points = open_points(make_memory_store());
    auto schema = point_twin::schema();
    schema.fields["a.b[].c"] = {field_type::integer, {}};
    set_schema(*points, schema, 1);
    using payload::array;
    using payload::object;
    using payload::value;
    const value five{std::int64_t{5}};
    const object payload{
      {"count", value(array{five, value(5.0), five, value(array{five})})},
      {"deep", value(object{{"size", value(array{five, value(5.0), value("5")})}})},
      {"color", value("red")},
      {"tags", value("not in an array")},
      {"a", value(object{{"b", value(array{value(object{{"c", five}}), value(3.0),
                                           value(object{{"c", value(std::int64_t{-1})}})})}})}};

    put(*points, {point_id{7}, {}, payload}, 2);

    CHECK(values_in(*points, "count") == "5@7 ");
    CHECK(values_in(*points, "deep.size") == "5@7 5.0@7 ");
    CHECK(values_in(*points, "color") == "\"red\"@7 ");
    CHECK(values_in(*points, "tags[]") == "");
    CHECK(values_in(*points, "a.b[].c") == "-1@7 5@7 ");
  }

  TEST_CASE("an index built late holds what one built early holds") {
    std::mt19937_64 random{11};
    auto points = open_points(make_memory_store());
    point_twin twin;
    auto changes = points->begin();
    for (int i = 0; i < 20; ++i)
      twin.step(random, changes, 1);
    REQUIRE(points->commit(std::move(changes), log_index{1}, durability::buffered).ok());
    twin.erased.clear(); // Nobody saw a point that came and went within one transaction.
    twin.require_equal(points->read(), false);

    for (const auto& [field, index] : point_twin::schema().fields)
      REQUIRE(points->build_field_keys(field, index.type).ok());
    set_schema(*points, point_twin::schema(), 2);
    twin.require_equal(points->read(), true);

    set_schema(*points, {}, 3);
    for (const auto& [field, index] : point_twin::schema().fields)
      REQUIRE(points->drop_field_keys(field).ok());
    twin.require_equal(points->read(), false);
  }

  TEST_CASE("an index being rebuilt under another type is not trusted before its schema is back") {
    in_memory where;
    auto points = open_points(where.open());
    set_schema(*points, point_twin::schema(), 1);
    put(*points, {point_id{7}, {}, {{"count", payload::value(2.5)}}}, 2);

    REQUIRE(points->build_field_keys("count", field_type::floating).ok());

    CHECK_FALSE(points->schema()->fields.contains("count"));
    points = open_points(where.open()); // A crash on the way.
    CHECK_FALSE(points->schema()->fields.contains("count"));
    CHECK(points->schema()->fields.contains("color"));
    CHECK(values_in(*points, "count") == "2.5@7 ");
  }

  TEST_CASE("erased points are remembered until they are forgotten") {
    auto points = open_points(make_memory_store());
    for (std::uint64_t index = 1; index <= 4; ++index)
      put(*points, {point_id{index}, {}, {}}, index);
    for (std::uint64_t index = 5; index <= 6; ++index) {
      auto changes = points->begin();
      REQUIRE(changes.erase(point_id{index - 4}, index).ok());
      REQUIRE(points->commit(std::move(changes), log_index{index}, durability::buffered).ok());
    }
    const auto changed_after = [&](std::uint64_t after) {
      std::string out;
      const auto visit = [&](log_index at, const point_id& id, bool erased) {
        out += std::to_string(at.value) + (erased ? "-" : "+") + id.text() + " ";
        return true;
      };
      REQUIRE(points->read().scan_changes(log_index{after}, visit).ok());
      return out;
    };

    CHECK(changed_after(0) == "3+3 4+4 5-1 6-2 ");
    CHECK(changed_after(4) == "5-1 6-2 ");
    CHECK(points->forgotten() == log_index{0});
    REQUIRE(points->forget_erased(log_index{5}).ok());
    CHECK(changed_after(0) == "3+3 4+4 6-2 ");
    CHECK(points->forgotten() == log_index{5});
    CHECK(points->read().forgotten().value() == log_index{5});
  }

  TEST_CASE("scans start where they are told and end when the visitor has had enough") {
    auto points = open_points(make_memory_store());
    for (std::uint64_t index = 1; index <= 9; ++index)
      put(*points, {point_id{index * 10}, {}, {}}, index);
    std::string seen;
    const auto visit = [&](const point_id& id, const point_meta&) {
      seen += id.text() + " ";
      return id != point_id{60};
    };

    REQUIRE(points->read().scan_metas(point_id{35}, visit).ok());

    CHECK(seen == "40 50 60 ");
  }

  TEST_CASE("records that make no sense are refused, not guessed at") {
    for (const auto& [record, expected] :
         {std::pair{std::string{}, errc::corrupted}, {std::string{"\2"}, errc::wrong_version},
          {std::string{"\1\1\1"}, errc::corrupted}}) {
      const auto below = make_memory_store();
      auto points = open_points(below);
      put(*points, {point_id{7}, {}, {}}, 1);
      write_batch batch;
      for (const auto prefix : {keys::metas, keys::vectors, keys::payloads})
        batch.put(keys::of_point(prefix, point_id{7}), record);
      batch.put(keys::schema, record);
      REQUIRE(below->commit(batch, durability::buffered).ok());

      const auto reader = points->read();
      CHECK(reader.meta(point_id{7}).error().code == expected);
      CHECK(reader.vectors(point_id{7}).error().code == expected);
      CHECK(reader.payload(point_id{7}).error().code == expected);
      CHECK(points->begin().put({point_id{7}, {}, {}}, 2).code == expected);
      const auto opened = point_store::open(below);
      REQUIRE_FALSE(opened.ok());
      CHECK(opened.error().code == expected);
      CHECK(opened.error().detail.find("schema") != std::string::npos);
    }
  }

  TEST_CASE("after a power cut points, field keys and the applied mark tell of the same moment") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      in_leveldb where;
      auto points = open_points(where.open());
      set_schema(*points, point_twin::schema(), 1);
      REQUIRE(points->flush().ok());
      std::map<std::uint64_t, point_twin> states{{1, {}}};
      std::uint64_t surely = 1;
      const auto last = 2 + random() % 148;
      for (std::uint64_t index = 2; index <= last; ++index) {
        auto next = states.rbegin()->second;
        auto changes = points->begin();
        next.step(random, changes, index);
        const auto wanted = random() % 10 == 0 ? durability::synced : durability::buffered;
        states[index] = std::move(next);
        // Only now: the store's own thread changes files too, and a step must be able to read.
        if (index == last)
          where.files.power_off_after(random() % 4);
        if (!points->commit(std::move(changes), log_index{index}, wanted).ok())
          break;
        CHECK(points->durable().value >= surely);
        surely = points->durable().value;
      }
      points.reset();
      where.files.power_cut(seed % 2 == 0 ? torn_tail::prefix : torn_tail::holes);

      points = open_points(where.open());

      const auto applied = points->applied().value;
      CHECK(applied >= surely);
      REQUIRE(states.contains(applied));
      CHECK(points->points() == states[applied].points.size());
      states[applied].require_equal(points->read(), true);
    }
  }
}
