#include "index_world.hpp"

#include "core/index/seal_job.hpp"

#include <map>
#include <optional>
#include <utility>

using namespace grape;
using namespace grape::index;
using grape::test::check_exact;
using grape::test::index_world;

namespace {

constexpr std::uint64_t sealed_rows_min = 100;

vector_index_options options_for(std::uint64_t threshold_rows = sealed_rows_min) {
  vector_index_options options;
  options.dimension = 4;
  options.distance = metric::euclid;
  options.graph = {.m = 8, .ef_construct = 32, .seed = 1};
  options.policy = {.indexing_threshold_bytes = threshold_rows * 4 * sizeof(float),
                    .deleted_threshold = 0.3,
                    .vacuum_min_rows = 50};
  return options;
}

void check_all(const index_world& world, const vector_view& view) {
  const std::vector<float> query{0.1F, -0.2F, 0.3F, 0.4F};
  vector_search wanted;
  wanted.query = query;
  wanted.k = world.points.size() + 10;
  check_exact(view, world.twin, wanted);
}

// What the store says to a restart: slots are dealt anew.
vector_index::current_fn store_of(const std::map<point_id, std::pair<slot, std::uint64_t>>& held) {
  return [&held](const point_id& id, std::uint64_t version) -> std::optional<slot> {
    const auto found = held.find(id);
    if (found == held.end() || found->second.second != version)
      return {};
    return found->second.first;
  };
}

} // namespace

TEST_SUITE("core.index.vector_index") {
  TEST_CASE("a point replaced or removed during a build keeps its newer state") {
    index_world world(options_for(), 1);
    world.put_many(120);
    const auto job = world.index.plan();
    REQUIRE(job.has_value());
    const auto before = world.index.view();
    const auto twin_before = world.twin;

    world.put(slot{5}, world.vector());
    world.remove(slot{6});
    world.remove(slot{7});
    auto product = index_world::build(*job);
    world.put(slot{8}, world.vector());
    world.index.install(*job, std::move(product));

    check_all(world, world.index.view());
    CHECK(world.index.view().indexed() == 116);
    CHECK(before.size() == 120);
    std::vector<float> buffer;
    CHECK(before.vector(slot{6}, buffer).has_value());
    CHECK_FALSE(world.index.view().vector(slot{6}, buffer).has_value());
    vector_search wanted;
    const auto query = world.vector();
    wanted.query = query;
    check_exact(before, twin_before, wanted);
  }

  TEST_CASE("a slot that passed to another point during a build is the new point's alone") {
    index_world world(options_for(), 2);
    world.put_many(100);
    const auto job = world.index.plan();
    REQUIRE(job.has_value());

    world.remove(slot{3});
    const auto reused = world.put_new();
    world.index.install(*job, index_world::build(*job));

    CHECK(reused == slot{3});
    CHECK(world.index.view().indexed() == 99);
    check_all(world, world.index.view());
  }

  TEST_CASE("no second job is given out before the first is installed or abandoned") {
    index_world world(options_for(), 3);
    world.put_many(100);
    const auto first = world.index.plan();
    world.put_many(100);

    REQUIRE(first.has_value());
    CHECK(first->describe() == "seal 100 rows of 1 part into segment 1");
    CHECK_FALSE(world.index.plan().has_value());
    world.index.abandon();
    const auto second = world.index.plan();
    REQUIRE(second.has_value());
    CHECK(second->describe() == "seal 200 rows of 2 parts into segment 2");
    world.index.install(*second, index_world::build(*second));
    CHECK(world.index.sealed() == std::vector{segment_id{2}});
    check_all(world, world.index.view());
  }

  TEST_CASE("merging retires its inputs, and a segment that died is retired without a build") {
    index_world world(options_for(), 4);
    world.put_many(100);
    world.settle();
    REQUIRE(world.index.sealed() == std::vector{segment_id{1}});
    world.put_many(100);

    const auto merge = world.index.plan();
    REQUIRE(merge.has_value());
    CHECK(merge->rows() == 200);
    const auto merged = world.index.install(*merge, index_world::build(*merge));
    REQUIRE(merged.segments.size() == 1);
    CHECK(merged.segments.front()->id() == segment_id{1});
    CHECK(world.index.sealed() == std::vector{segment_id{2}});
    check_all(world, world.index.view());

    while (!world.points.empty())
      world.remove(world.any());
    const auto last = world.index.plan();
    REQUIRE(last.has_value());
    CHECK(last->rows() == 0);
    const auto gone = world.index.install(*last, index_world::build(*last));
    REQUIRE(gone.segments.size() == 1);
    CHECK(gone.segments.front()->id() == segment_id{2});
    CHECK(world.index.view().size() == 0);
    CHECK(world.index.view().segments() == 0);
  }

  TEST_CASE("a product that died on the way is retired at once") {
    index_world world(options_for(), 5);
    world.put_many(100);
    const auto job = world.index.plan();
    REQUIRE(job.has_value());
    while (!world.points.empty())
      world.remove(world.any());

    const auto gone = world.index.install(*job, index_world::build(*job));

    REQUIRE(gone.segments.size() == 1);
    CHECK(gone.segments.front()->id() == job->id());
    CHECK(world.index.sealed().empty());
    CHECK(world.index.view().segments() == 0);
  }

  TEST_CASE("a cancelled build leaves the index as it was") {
    index_world world(options_for(), 6);
    world.put_many(150);
    const auto job = world.index.plan();
    REQUIRE(job.has_value());
    inline_executor here;
    const std::atomic<bool> stop{true};

    const auto product = vector_index::run(*job, here, stop, nullptr);

    REQUIRE_FALSE(product.ok());
    CHECK(product.error().code == errc::cancelled);
    world.index.abandon();
    check_all(world, world.index.view());
    CHECK(world.index.plan().has_value());
  }

  TEST_CASE("a restart trusts only rows that the store still holds in that version") {
    index_world world(options_for(), 7);
    world.put_many(200);
    auto job = world.index.plan();
    REQUIRE(job.has_value());
    const auto product = index_world::build(*job);
    for (std::uint32_t i = 0; i < 20; ++i)
      world.put(slot{i}, world.vector());
    for (std::uint32_t i = 20; i < 40; ++i)
      world.remove(slot{i});
    world.put_many(30); // Some in the slots just freed.
    std::map<point_id, std::pair<slot, std::uint64_t>> store;
    index_world after(world.options, 8);
    for (const auto& [old, held] : world.points)
      store[held.id] = {slot{static_cast<std::uint32_t>(store.size())}, held.version};

    const auto counted = after.index.restore(product.built, store_of(store));
    for (const auto& [old, held] : world.points) {
      const auto now = store[held.id].first;
      const auto& values = world.twin.vectors().at(old);
      after.twin.put(now, values);
      after.points[now] = held;
      if (!after.index.contains(now))
        after.index.put(now, held.id, held.version, values);
    }

    REQUIRE(counted.ok());
    CHECK(*counted == 160);
    CHECK(after.index.view().indexed() == 160);
    CHECK(after.index.view().size() == 210);
    check_all(after, after.index.view());
    after.put_many(100);
    after.settle();
    check_all(after, after.index.view());
    CHECK(after.index.sealed().back() > product.built->id());
  }

  TEST_CASE("of two segments with the same points, the one restored first counts") {
    index_world world(options_for(), 9);
    world.put_many(100);
    world.settle();
    std::map<point_id, std::pair<slot, std::uint64_t>> store;
    for (const auto& [where, held] : world.points)
      store[held.id] = {where, held.version};
    world.put_many(100);
    const auto merge = world.index.plan();
    REQUIRE(merge.has_value());
    const auto merged = index_world::build(*merge);
    const auto old = merge->get().sealed.front().graph();
    index_world after(world.options, 10);

    CHECK(*after.index.restore(merged.built, store_of(store)) == 100);
    CHECK(*after.index.restore(old, store_of(store)) == 0);

    CHECK(after.index.sealed() == std::vector{merged.built->id()});
    CHECK(after.index.restore(merged.built, store_of(store)).error().code == errc::corrupted);
    auto other = options_for();
    other.dimension = 5;
    CHECK(vector_index(other).restore(old, store_of(store)).error().code == errc::corrupted);
  }

  TEST_CASE("ids of files that could not be restored are not given out again") {
    index_world world(options_for(), 11);
    world.index.reserve(segment_id{41});
    world.put_many(100);

    const auto job = world.index.plan();

    REQUIRE(job.has_value());
    CHECK(job->id() == segment_id{42});
  }

  TEST_CASE("points replaced over and over do not fill the memory") {
    index_world world(options_for(0), 12); // Never sealed.
    world.put_many(500);
    for (int i = 0; i < 2'000; ++i)
      world.put(world.any(), world.vector());
    const auto early = world.index.bytes();

    for (int i = 0; i < 50'000; ++i)
      world.put(world.any(), world.vector());

    CHECK(world.index.bytes() <= early);
    CHECK_FALSE(world.index.plan(shard::pace::quiet).has_value());
    check_all(world, world.index.view());
  }

  TEST_CASE("bytes cover vectors and tables, and graphs once sealed") {
    index_world world(options_for(2'000), 13);
    const auto empty = world.index.bytes();
    world.put_many(2'000);
    const auto flat = world.index.bytes();
    CHECK(flat >= empty + 2'000 * 4 * sizeof(float));

    world.settle();

    CHECK(world.index.view().indexed() == 2'000);
    CHECK(world.index.bytes() >= 2'000 * (4 * sizeof(float) + 2 * 8 * sizeof(std::uint32_t)));
  }

  TEST_CASE("with m = 0, or a threshold of 0, nothing is sealed until that changes") {
    auto options = options_for();
    options.graph.m = 0;
    index_world world(options, 14);
    world.put_many(300);
    CHECK_FALSE(world.index.plan(shard::pace::quiet).has_value());

    options.graph.m = 8;
    world.index.configure(options);

    CHECK(world.index.plan().has_value());
  }
}
