#include "core/shard/read_fence.hpp"

#include <doctest/doctest.h>

using namespace grape;
using shard::read_fence;

TEST_SUITE("core.shard.read_fence") {
  TEST_CASE("a read sees every write acknowledged before it arrived") {
    read_fence fence;
    fence.visible(log_index{3});
    fence.acknowledged(log_index{5});

    const auto needed = fence.needed_by(read_level::collection_default);

    CHECK_FALSE(fence.open_for(needed));
    fence.visible(log_index{5});
    CHECK(fence.open_for(needed));
  }

  TEST_CASE("a write acknowledged after it arrived does not hold a read back") {
    read_fence fence;
    fence.acknowledged(log_index{5});
    fence.visible(log_index{5});
    const auto needed = fence.needed_by(read_level::linearizable);

    fence.acknowledged(log_index{9});

    CHECK(fence.open_for(needed));
  }

  TEST_CASE("an eventual read waits for nothing") {
    read_fence fence;
    fence.acknowledged(log_index{5});

    CHECK(fence.open_for(fence.needed_by(read_level::eventual)));
  }

  TEST_CASE("late news of older entries change nothing") {
    read_fence fence;
    fence.acknowledged(log_index{5});
    fence.acknowledged(log_index{2});

    CHECK(fence.acknowledged_through() == log_index{5});
  }
}
