#include "tests/stress/ledger.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::stress;

namespace {

change becomes(std::optional<content> what) {
  return [what](const auto&) { return what; };
}

void write(ledger& into, std::uint64_t id, fate answer, std::optional<content> what) {
  into.begin({id});
  into.end({id}, answer, becomes(what));
}

record record_of(std::uint64_t id, const content& what) {
  const auto made = point_of(id, what);
  record stored;
  stored.id = made.id;
  stored.payload = made.payload;
  stored.vectors = made.vectors;
  return stored;
}

} // namespace

TEST_SUITE("stress.ledger") {
  TEST_CASE("what is lost, stale or back again is a flaw, and nothing else is") {
    ledger known{1};
    write(known, 1'001, fate::acknowledged, content{7, 1});
    write(known, 1'002, fate::acknowledged, content{8, 1});
    write(known, 1'002, fate::acknowledged, std::nullopt);

    CHECK(flaws_of(known.points(), {{1'001, {7, 1}}}).empty());
    CHECK(flaws_of(known.points(), {}).size() == 1);
    CHECK(flaws_of(known.points(), {{1'001, {7, 2}}}).size() == 1);
    CHECK(flaws_of(known.points(), {{1'001, {7, 1}}, {1'002, {8, 1}}}).size() == 1);
  }

  TEST_CASE("what was refused changed nothing, and of an unknown write both is possible") {
    ledger known{0};
    write(known, 5, fate::acknowledged, content{1, 0});
    write(known, 5, fate::refused, content{2, 0});
    CHECK(flaws_of(known.points(), {{5, {2, 0}}}).size() == 1);

    write(known, 5, fate::unknown, content{3, 0});
    CHECK(flaws_of(known.points(), {{5, {1, 0}}}).empty());
    CHECK(flaws_of(known.points(), {{5, {3, 0}}}).empty());
    CHECK(flaws_of(known.points(), {}).size() == 1);
    CHECK_FALSE(known.points().at(5).exists());
  }

  TEST_CASE("only points without a write between two moments are unchanged") {
    ledger known{0};
    write(known, 1, fate::acknowledged, content{1, 0});
    known.begin({2});
    const auto before = known.copy();
    known.end({2}, fate::acknowledged, becomes(content{1, 0}));
    write(known, 3, fate::acknowledged, content{1, 0});
    known.begin({4});

    const auto same = unchanged_between(before, known.copy());

    CHECK(same.contains(1));
    CHECK_FALSE(same.contains(2));
    CHECK_FALSE(same.contains(3));
    CHECK_FALSE(same.contains(4));
  }

  TEST_CASE("a record of two moments is no content") {
    const auto whole = record_of(5, {7, 1});
    REQUIRE(content_of(whole).ok());
    CHECK(*content_of(whole) == content{7, 1});

    auto mixed = whole;
    mixed.vectors = record_of(5, {8, 1}).vectors;
    CHECK(content_of(mixed).error().code == errc::corrupted);
    mixed = whole;
    mixed.payload->set("group", payload::value{std::int64_t{0}});
    CHECK(content_of(mixed).error().code == errc::corrupted);
  }
}
