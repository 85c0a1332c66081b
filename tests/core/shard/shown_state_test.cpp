#include "core/shard/shown_state.hpp"
#include "machine_world.hpp"

using namespace grape;
using namespace grape::test;

TEST_SUITE("core.shard.shown_state") {
  TEST_CASE("a read is answered by a view that has all it may have been told of") {
    machine_world world;
    shard::shown_state shown;
    shown.newest = world->snapshot();
    shown.fence.visible(shown.newest->applied());

    CHECK(shown.view_for(read_level::linearizable) == shown.newest);
    shown.fence.acknowledged(shown.newest->applied().next());

    CHECK(shown.view_for(read_level::collection_default) == nullptr);
    CHECK(shown.view_for(read_level::linearizable) == nullptr);
    CHECK(shown.view_for(read_level::eventual) == shown.newest);
  }

  TEST_CASE("one of several replicas answers only `eventual` by what it knows itself") {
    machine_world world;
    shard::shown_state shown;
    shown.newest = world->snapshot();
    shown.fence.visible(shown.newest->applied());
    shown.replicated = true;

    for (const auto level : {read_level::collection_default, read_level::read_quorum,
                             read_level::linearizable, read_level::all_replicas}) {
      CHECK(shown.needs_index(level));
      CHECK(shown.view_for(level) == nullptr);
    }
    CHECK_FALSE(shown.needs_index(read_level::eventual));
    CHECK(shown.view_for(read_level::eventual) == shown.newest);
    shown.replicated = false;
    CHECK_FALSE(shown.needs_index(read_level::linearizable));
  }

  TEST_CASE("a replica that has no schema yet shows nothing") {
    auto none = two_field_schema();
    none.version = schema_version{};
    machine_world world{none};
    shard::shown_state shown;
    shown.newest = world->snapshot();
    shown.replicated = true;

    CHECK(shown.view_for(read_level::eventual) == nullptr);
    world.apply(shard::change_schema{two_field_schema()});
    shown.newest = world->snapshot();
    CHECK(shown.view_for(read_level::eventual) == shown.newest);
  }

  // Also one that was away, and comes back when the collection has long been in its place.
  TEST_CASE("a replica that did not see the end of a recovery shows nothing") {
    machine_world world;
    shard::shown_state shown;
    shown.replicated = true;
    auto schema = two_field_schema();
    for (const bool filling : {true, false, true}) {
      schema.version = schema.version.next();
      schema.filling = filling;
      world.apply(shard::change_schema{schema});
      shown.newest = world->snapshot();
      CHECK((shown.view_for(read_level::eventual) == nullptr) == filling);
      CHECK(shown.view_with(shown.newest->applied()) == shown.newest);
    }
  }

  TEST_CASE("an index is shown by the view itself, whatever was visible before") {
    machine_world world;
    shard::shown_state shown;
    shown.newest = world->snapshot();
    const auto applied = shown.newest->applied();
    shown.fence.visible(log_index{applied.value + 10}); // By a replica that fell.

    CHECK(shown.view_with(applied) == shown.newest);
    CHECK(shown.view_with(applied.next()) == nullptr);
    shown.newest = nullptr;
    CHECK(shown.view_with(log_index{}) == nullptr);
  }

  TEST_CASE("without a view no read of any level is answered") {
    const shard::shown_state nothing;

    CHECK(nothing.view_for(read_level::eventual) == nullptr);
    CHECK(nothing.view_for(read_level::collection_default) == nullptr);
  }
}
