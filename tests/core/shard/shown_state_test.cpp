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

  TEST_CASE("without a view no read of any level is answered") {
    const shard::shown_state nothing;

    CHECK(nothing.view_for(read_level::eventual) == nullptr);
    CHECK(nothing.view_for(read_level::collection_default) == nullptr);
  }
}
