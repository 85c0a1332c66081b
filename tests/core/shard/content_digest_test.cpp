#include "core/shard/content_digest.hpp"

#include "core/storage/memory_store.hpp"
#include "core/storage/point_of.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;
using namespace grape::shard;

namespace {

point made_point(std::uint64_t id, float x, const std::string& city) {
  point made{point_id{id}, {}, {}};
  made.vectors.push_back({"", dense_vector{x, 0.5F}});
  made.payload.set("city", payload::value{city});
  return made;
}

storage::stored_point stored(std::uint64_t id, float x, const std::string& city,
                             std::uint64_t version = 1) {
  return storage::stored_from(made_point(id, x, city), {version, version});
}

content_digest sum_of(const std::vector<storage::stored_point>& points) {
  content_digest sum;
  for (const auto& each : points)
    sum.add(each);
  return sum;
}

} // namespace

TEST_SUITE("core.shard.content_digest") {
  TEST_CASE("neither order nor versions nor where the points lie make a difference") {
    std::vector<storage::stored_point> points;
    for (std::uint64_t id = 1; id <= 50; ++id)
      points.push_back(stored(id, static_cast<float>(id), "Oslo", id));
    const auto whole = sum_of(points);
    for (auto& each : points)
      each.meta = {99, 98};
    std::shuffle(points.begin(), points.end(), std::mt19937(3));
    CHECK(sum_of(points) == whole);

    auto halves = sum_of({points.begin(), points.begin() + 20});
    halves += sum_of({points.begin() + 20, points.end()});
    CHECK(halves == whole);
    CHECK(whole.points == 50);
  }

  TEST_CASE("other points have another digest") {
    const auto one = sum_of({stored(1, 2.0F, "Oslo"), stored(2, 3.0F, "Rome")});
    CHECK(sum_of({stored(1, 2.0F, "Oslo")}) != one);
    CHECK(sum_of({stored(1, 2.0F, "Oslo"), stored(3, 3.0F, "Rome")}) != one);
    CHECK(sum_of({stored(1, 2.0F, "Oslo"), stored(2, 3.5F, "Rome")}) != one);
    CHECK(sum_of({stored(1, 2.0F, "Rome"), stored(2, 3.0F, "Oslo")}) != one);
    // Neither does it vanish where each point is there twice, as with an exclusive or.
    const auto twice = sum_of({stored(1, 2.0F, "Oslo"), stored(1, 2.0F, "Oslo")});
    CHECK(twice != sum_of({stored(2, 2.0F, "Oslo"), stored(2, 2.0F, "Oslo")}));
  }

  TEST_CASE("its text is read back") {
    const auto sum = sum_of({stored(1, 2.0F, "Oslo"), stored(2, 3.0F, "Rome")});
    CHECK(sum.text().size() == 32);
    const auto read = digest_of_text(sum.text());
    REQUIRE(read.ok());
    CHECK(read->low == sum.low);
    CHECK(read->high == sum.high);
    CHECK(digest_of_text("").error().code == errc::corrupted);
    CHECK(digest_of_text(std::string(31, '0') + "g").error().code == errc::corrupted);
  }

  TEST_CASE("of a store it is that of its points, and stops when it is told to") {
    auto store = storage::point_store::open(storage::make_memory_store());
    REQUIRE(store.ok());
    content_digest wanted;
    auto changes = (*store)->begin();
    for (std::uint64_t id = 1; id <= 600; ++id) {
      const auto one = made_point(id, static_cast<float>(id), "Oslo");
      REQUIRE(changes.put(one, 1).ok());
      wanted.add(storage::stored_from(one, {1, 1}));
    }
    REQUIRE((*store)->commit(std::move(changes), log_index{1}, storage::durability::buffered).ok());

    const auto sum = digest_of((*store)->read(), [] { return false; });
    REQUIRE(sum.ok());
    CHECK(*sum == wanted);
    CHECK(digest_of((*store)->read(), [] { return true; }).error().code == errc::cancelled);
  }
}
