#include "core/shard/optimizations.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr group_id group{7};

part_figures part(std::uint32_t id, bool sealed, std::uint64_t live) {
  return {segment_id{id}, sealed, live, live, live * 400};
}

// A million bytes: 2,500 rows.
field_parts field(std::vector<part_figures> parts) {
  return {"v", std::move(parts), {.indexing_threshold_bytes = 1'000'000}};
}

optimizer_segment told(std::uint32_t id, std::uint64_t points) {
  return {segment_uuid(group, "v", segment_id{id}), points};
}

} // namespace

TEST_SUITE("core.shard.optimizations") {
  TEST_CASE("a segment's name is its own, the same each time, and a UUID of version 8") {
    const auto name = segment_uuid(group, "v", segment_id{3});

    CHECK(name == segment_uuid(group, "v", segment_id{3}));
    CHECK(name != segment_uuid(group, "v", segment_id{4}));
    CHECK(name != segment_uuid(group, "w", segment_id{3}));
    CHECK(name != segment_uuid(group_id{8}, "v", segment_id{3}));
    REQUIRE(name.size() == 36);
    CHECK(name[14] == '8');
    CHECK(std::string_view{"89ab"}.find(name[19]) != std::string_view::npos);
  }

  TEST_CASE("a small tail is idle, a large one waits to be indexed") {
    optimizations all;
    add_parts(all, group, std::vector{field({part(1, false, 8)})});
    CHECK(all.queued.empty());
    CHECK(all.idle == std::vector{told(1, 8)});

    optimizations more;
    add_parts(more, group, std::vector{field({part(2, true, 90'000), part(3, false, 2'500)})});
    CHECK(more.queued == std::vector{pending_optimization{"indexing", {told(3, 2'500)}}});
    CHECK(more.idle == std::vector{told(2, 90'000)});
  }

  TEST_CASE("what is being worked on is neither queued nor idle") {
    optimizations all;
    all.running.push_back(
        begun(group, {"v", segment_task::seal, segment_id{9}, {part(3, false, 2'500)}}));

    add_parts(all, group, std::vector{field({part(3, false, 2'500), part(4, false, 5)})});

    CHECK(all.running[0].uuid == segment_uuid(group, "v", segment_id{9}));
    CHECK(all.running[0].what == pending_optimization{"indexing", {told(3, 2'500)}});
    CHECK(all.running[0].rows_total == 2'500);
    CHECK(all.queued.empty());
    CHECK(all.idle == std::vector{told(4, 5)});
  }
}
