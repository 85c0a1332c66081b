#include "core/storage/keys.hpp"
#include "tests/core/storage/point_places.hpp"
#include "tests/core/storage/point_twin.hpp"

#include <random>
#include <string>

using namespace grape;
using namespace grape::storage;
using namespace grape::testing;

TEST_SUITE("core.storage.stored_points") {
  TEST_CASE("only the last ends of points are kept, as many as wanted, over reopenings") {
    in_leveldb where;
    auto points = open_points(where.open());
    for (std::uint64_t id = 1; id <= 10; ++id)
      put(*points, {point_id{id}, {}, {}}, id);
    for (std::uint64_t id = 1; id <= 10; ++id) {
      auto changes = points->begin();
      REQUIRE(changes.erase(point_id{id}, 10 + id).ok());
      REQUIRE(points->commit(std::move(changes), log_index{10 + id}, durability::buffered).ok());
    }
    REQUIRE(points->keep_erased(4).ok());
    CHECK(points->forgotten() == log_index{0}); // Nothing is durable yet.
    points.reset();
    points = open_points(where.open());

    REQUIRE(points->keep_erased(4).ok());

    CHECK(points->forgotten() == log_index{16});
    points.reset();
    points = open_points(where.open());
    CHECK(points->forgotten() == log_index{16});
    std::string left;
    REQUIRE(points->read()
              .scan_changes(log_index{0},
                            [&](log_index at, const point_id& id, bool erased) {
                              left += std::to_string(at.value) + (erased ? "-" : "+") + id.text()
                                      + " ";
                              return true;
                            })
              .ok());
    CHECK(left == "17-7 18-8 19-9 20-10 ");
    REQUIRE(points->keep_erased(4).ok());
    CHECK(points->forgotten() == log_index{16});
  }

  TEST_CASE("of a store that never said what it forgot nothing is taken to be remembered") {
    const auto below = make_memory_store();
    put(*open_points(below), {point_id{7}, {}, {}}, 5);
    write_batch older;
    older.erase(keys::forgotten);
    REQUIRE(below->commit(older, durability::buffered).ok());

    CHECK(open_points(below)->forgotten() == log_index{5});
  }

  TEST_CASE("stored points and ends of another store make a store with the same bytes") {
    std::mt19937_64 random{5};
    const auto source_below = make_memory_store();
    const auto copy_below = make_memory_store();
    auto source = open_points(source_below);
    auto copy = open_points(copy_below);
    point_twin twin;
    set_schema(*source, point_twin::schema(), 1);
    set_schema(*copy, point_twin::schema(), 1);
    log_index base{1};
    for (std::uint64_t index = 2; index < 120; ++index) {
      auto changes = source->begin();
      twin.step(random, changes, index);
      REQUIRE(source->commit(std::move(changes), log_index{index}, durability::buffered).ok());
      if (random() % 4 != 0)
        continue;
      const auto reader = source->read();
      auto copied = copy->begin();
      REQUIRE(reader
                .scan_changes(base,
                              [&](log_index at, const point_id& id, bool erased) {
                                const auto whole = reader.stored(id);
                                REQUIRE((erased ? copied.put_erased(id, at)
                                                : copied.put_stored(**whole))
                                          .ok());
                                return true;
                              })
                .ok());
      base = log_index{index};
      REQUIRE(copy->commit(std::move(copied), base, durability::buffered).ok());

      const auto mine = copy_below->scan("");
      const auto theirs = source_below->scan("");
      for (; mine->valid() && theirs->valid(); mine->next(), theirs->next()) {
        REQUIRE(mine->key() == theirs->key());
        REQUIRE(mine->value() == theirs->value());
      }
      REQUIRE_FALSE(mine->valid());
      REQUIRE_FALSE(theirs->valid());
    }
    auto stale = copy->begin();
    const auto newest = source->read().stored(twin.points.begin()->first);
    auto older = **newest;
    older.meta.version -= 1;
    CHECK(stale.put_stored(older).code == errc::corrupted);
  }

  TEST_CASE("notes stand beside the points and go when they are empty") {
    auto points = open_points(make_memory_store());
    const auto note = [&](std::string_view name, std::string_view text) {
      auto changes = points->begin();
      changes.put_note(name, text);
      REQUIRE(points->commit(std::move(changes), points->applied(), durability::buffered).ok());
    };
    note("a", "one");
    note("b", "two");
    note("a", "");

    CHECK(points->read().note("a").value() == std::nullopt);
    CHECK(points->read().note("b").value() == "two");
    CHECK(points->read().note("c").value() == std::nullopt);
  }
}
