#include "fake_segment.hpp"
#include "index_world.hpp"

#include <memory>
#include <string>
#include <utility>

using namespace grape;
using namespace grape::index;
using grape::test::check_exact;
using grape::test::check_honest;
using grape::test::fake_segment;
using grape::test::index_world;

namespace {

constexpr std::uint32_t dimension = 4;

vector_index_options flat_options() {
  vector_index_options options;
  options.dimension = dimension;
  options.distance = metric::euclid;
  options.policy.indexing_threshold_bytes = 0;
  return options;
}

// An index over one fake segment of many rows and a tail of a few.
struct fake_world : index_world {
  static constexpr std::uint32_t sealed = 10'000;

  explicit fake_world(std::uint64_t seed)
    : index_world(flat_options(), seed)
    , segment(std::make_shared<fake_segment>(segment_id{1}, metric::euclid, dimension)) {
    for (std::uint32_t i = 0; i < sealed; ++i) {
      const auto values = vector();
      segment->add(point_id(i), 1, values);
      twin.put(slot{i}, values);
      points[slot{i}] = {point_id(i), 1};
    }
    const auto counted = index.restore(segment, [](const point_id& id, std::uint64_t) {
      return std::optional(slot{static_cast<std::uint32_t>(id.number())});
    });
    REQUIRE(*counted == sealed);
    put_many(20);
    query = vector();
    wanted.query = query;
    wanted.ef = 10;
  }

  std::shared_ptr<fake_segment> segment;
  std::vector<float> query;
  vector_search wanted;
};

} // namespace

TEST_SUITE("core.index.vector_view") {
  TEST_CASE("a view of nothing answers nothing") {
    budget unlimited;
    vector_search wanted;

    CHECK(vector_view().search(wanted, unlimited)->empty());
    CHECK(vector_view().size() == 0);
    std::vector<float> buffer;
    CHECK_FALSE(vector_view().vector(slot{0}, buffer).has_value());
    index_world world(flat_options(), 1);
    world.put_many(3);
    const auto query = world.vector();
    wanted.query = query;
    wanted.k = 0;
    CHECK(world.index.view().search(wanted, unlimited)->empty());
  }

  TEST_CASE("a query of another dimension is refused") {
    index_world world(flat_options(), 1);
    const std::vector<float> query(5, 1.0F);
    vector_search wanted;
    wanted.query = query;
    budget unlimited;

    const auto found = world.index.view().search(wanted, unlimited);

    CHECK(found.error() == status{errc::wrong_input, "expected a vector of dimension 4, got 5"});
  }

  TEST_CASE("large segments are walked, tails are scanned") {
    fake_world world(2);
    std::string plan;
    world.wanted.plan = &plan;

    check_honest(world.index.view(), world.twin, world.wanted);

    CHECK(plan == "walk of 10000, tail of 20");
    CHECK(world.segment->walks == 1);
    CHECK(world.segment->scans == 1); // The fake's walk.
  }

  TEST_CASE("what a segment scanned on its own account is not told as a walk") {
    fake_world world(2);
    std::string plan;
    world.wanted.plan = &plan;
    world.segment->way = search_way::codes;

    check_honest(world.index.view(), world.twin, world.wanted);

    CHECK(plan == "coded scan of 10000, tail of 20");
  }

  TEST_CASE("exact means a scan of everything") {
    fake_world world(3);
    std::string plan;
    world.wanted.plan = &plan;

    check_exact(world.index.view(), world.twin, world.wanted);

    CHECK(plan == "scan of 10000, tail of 20");
    CHECK(world.segment->walks == 0);
  }

  TEST_CASE("a few allowed points are looked up one by one") {
    fake_world world(4);
    std::string plan;
    const auto allowed = world.some(10);
    world.wanted.allowed = &allowed;
    world.wanted.allowed_count = allowed.count();
    world.wanted.plan = &plan;

    check_exact(world.index.view(), world.twin, world.wanted);
    const auto expected = "list of " + std::to_string(allowed.count());
    CHECK(plan == expected);
    CHECK(world.segment->walks + world.segment->scans == 0);

    plan.clear();
    CHECK(check_honest(world.index.view(), world.twin, world.wanted) == 1);
    CHECK(plan == expected);
  }

  TEST_CASE("a walk that finds too few is replaced by a scan") {
    fake_world world(5);
    world.segment->walk = [](std::size_t, budget&) {
      return std::vector<scored_row>{{0.5F, row{1}}};
    };
    std::string plan;
    world.wanted.plan = &plan;

    CHECK(check_honest(world.index.view(), world.twin, world.wanted) == 1);

    CHECK(plan == "given up walk of 10000, scan of 10000, tail of 20");
  }

  TEST_CASE("a walk that never ends costs no more than a second scan") {
    fake_world world(6);
    world.segment->walk = [&](std::size_t k, budget& limit) {
      while (limit.spend(100)) {
      }
      return std::vector<scored_row>(k, {0, row{1}}); // Enough, but not what it should be.
    };
    const auto allowed = world.some(600);
    world.wanted.allowed = &allowed;
    world.wanted.allowed_count = allowed.count();
    budget unlimited;

    const auto found = world.index.view().search(world.wanted, unlimited);

    REQUIRE(found.ok());
    CHECK(*found == world.twin.search(world.wanted));
    CHECK(world.segment->walks == 1);
    CHECK(unlimited.visited() <= 3 * allowed.count() + 200);
  }

  TEST_CASE("a filter made before the newest slots were added does not reach them") {
    fake_world world(7);
    for (const std::size_t capacity : {fake_world::sealed + 5U, 5'056U}) {
      slot_set allowed(capacity);
      for (std::uint32_t i = 0; i < capacity; ++i)
        allowed.insert(slot{i});
      world.wanted.allowed = &allowed;
      world.wanted.allowed_count = capacity;

      check_exact(world.index.view(), world.twin, world.wanted);
      CHECK(check_honest(world.index.view(), world.twin, world.wanted) == 1);
    }
    CHECK(world.segment->walks == 2);
  }

  TEST_CASE("indexed_only leaves the tail out, with a list too") {
    fake_world world(8);
    budget unlimited;
    world.wanted.k = 20'000;
    world.wanted.indexed_only = true;
    const auto view = world.index.view();

    CHECK(view.search(world.wanted, unlimited)->size() == fake_world::sealed);

    slot_set allowed(fake_world::sealed + 20);
    for (std::uint32_t i = 0; i < 30; ++i)
      allowed.insert(slot{fake_world::sealed - 10 + i});
    world.wanted.allowed = &allowed;
    world.wanted.allowed_count = 30;
    CHECK(view.search(world.wanted, unlimited)->size() == 10);
    CHECK(view.indexed() == fake_world::sealed);
    CHECK(view.size() == fake_world::sealed + 20);
    CHECK(view.segments() == 2);
  }

  TEST_CASE("a search that is late fails, however small it is") {
    index_world world(flat_options(), 9);
    world.put_many(3);
    const auto query = world.vector();
    vector_search wanted;
    wanted.query = query;
    budget late(1'000'000, [] { return true; });

    const auto found = world.index.view().search(wanted, late);

    CHECK(found.error() == status{errc::timed_out, "the search passed its deadline"});
  }

  TEST_CASE("a deadline that passes inside a walk or a scan ends the search") {
    for (const auto exact : {false, true}) {
      CAPTURE(exact);
      fake_world world(10);
      world.segment->walk = [](std::size_t, budget& limit) {
        while (limit.spend(10)) {
        }
        return std::vector<scored_row>{};
      };
      world.wanted.exact = exact;
      int looks = 0;
      budget late(1'000'000, [&] { return ++looks > (exact ? 0 : 1); }); // A scan looks once.

      const auto found = world.index.view().search(world.wanted, late);

      CHECK(found.error().code == errc::timed_out);
      CHECK(late.late());
      CHECK(world.segment->walks == (exact ? 0 : 1));
    }
  }

  TEST_CASE("a search without budget left fails rather than answer with too little") {
    fake_world world(11);
    budget small(15, {});

    const auto found = world.index.view().search(world.wanted, small);

    CHECK(found.error() == status{errc::timed_out, "the search used up its budget"});
  }

  TEST_CASE("equal distances come in order of slot") {
    index_world world(flat_options(), 12);
    const std::vector<float> same(dimension, 1.0F);
    for (int i = 0; i < 50; ++i)
      world.put_new(same);
    world.put(slot{0}, same); // Now the newest row.
    vector_search wanted;
    wanted.query = same;
    wanted.k = 3;
    budget unlimited;

    const auto found = world.index.view().search(wanted, unlimited);

    CHECK(*found == std::vector<scored_slot>{{0, slot{0}}, {0, slot{1}}, {0, slot{2}}});
  }
}
