#include "core/shard/inflow.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <vector>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr std::uint64_t mega = 1'000'000;

index_backlog of(std::uint64_t waiting, std::uint64_t built) {
  return {waiting, built, 10 * mega};
}

/// Writers in a closed loop, and a builder that takes all that waits whenever it is free.
struct plant {
  std::uint64_t writers = 2;
  std::uint64_t write_bytes = 200'000;
  std::uint64_t write_ms = 5; ///< What a write takes if nothing holds it back.
  std::uint64_t built_per_s = 4 * mega;

  std::uint64_t waiting = 0;
  std::uint64_t built = 0;
  std::uint64_t most_waiting = 0;
  std::uint64_t longest_pause = 0;

  /// Bytes that came in within so many milliseconds.
  std::uint64_t run(inflow& door, std::uint64_t from_ms, std::uint64_t for_ms) {
    std::vector<std::uint64_t> answered(writers, from_ms);
    std::uint64_t came = 0;
    for (auto now = from_ms; now < from_ms + for_ms; ++now) {
      if (building == 0 && waiting >= (built == 0 ? 10 : 5) * mega) {
        building = waiting;
        done_at = now + building * 1'000 / built_per_s;
      }
      if (building != 0 && now >= done_at) {
        built += building;
        waiting -= building;
        building = 0;
        door.shown(now, of(waiting, built));
      }
      for (auto& next : answered)
        if (now >= next) {
          const auto pause = door.pause_ms(now, write_bytes);
          longest_pause = std::max(longest_pause, pause);
          next = now + std::max(write_ms, pause);
          waiting += write_bytes;
          came += write_bytes;
          door.shown(now, of(waiting, built));
        }
      most_waiting = std::max(most_waiting, waiting);
    }
    return came;
  }

  std::uint64_t building = 0;
  std::uint64_t done_at = 0;
};

} // namespace

TEST_SUITE("core.shard.inflow") {
  TEST_CASE("little that waits holds nobody back") {
    inflow door;
    CHECK(door.pause_ms(0, 100 * mega) == 0);
    door.shown(0, of(4 * mega, 0));
    CHECK(door.allowed_per_s() == 0);
    CHECK(door.pause_ms(0, 100 * mega) == 0);
  }

  TEST_CASE("a threshold of 0 holds nobody back") {
    inflow door;
    door.shown(0, {1'000 * mega, 0, 0});
    CHECK(door.pause_ms(0, 100 * mega) == 0);
  }

  TEST_CASE("the more waits, the less may come; never nothing") {
    inflow door;
    std::uint64_t before = 1'000 * mega;
    for (std::uint64_t waiting = 5; waiting <= 30; waiting += 5) {
      CAPTURE(waiting);
      door.shown(waiting, of(waiting * mega, 0));
      const auto allowed = door.allowed_per_s();
      CHECK(allowed > 0);
      CHECK(allowed <= before);
      before = allowed;
    }
    CHECK(before == 250'000);
  }

  TEST_CASE("a write is held back for as long as its bytes take, up to two seconds a threshold") {
    inflow door;
    door.shown(0, of(7'500'000, 0)); // Halfway: as many as are built, 4 MB/s as nobody knows.
    CHECK(door.pause_ms(0, 400'000) == 100);
    CHECK(door.pause_ms(0, 400'000) == 200);
    CHECK(door.pause_ms(150, 400'000) == 150);
    CHECK(door.pause_ms(1'000, 400) == 0);
    CHECK(door.pause_ms(1'000, 100 * mega) == 1'500);
    door.shown(1'000, of(100 * mega, 0));
    CHECK(door.pause_ms(1'000, 100 * mega) == inflow::pause_max_ms);
  }

  TEST_CASE("what is built tells the pace") {
    inflow door;
    door.shown(0, of(20 * mega, 0));
    door.shown(5'000, of(7'500'000, 5 * mega)); // 1 MB a second.
    CHECK(door.allowed_per_s() == 1 * mega);
    door.shown(6'000, of(7'500'000, 8 * mega)); // 3.
    CHECK(door.allowed_per_s() == 2 * mega);
    door.shown(7'000, of(7'500'000, 2 * mega)); // Replaced meanwhile: that is no building.
    CHECK(door.allowed_per_s() == 2 * mega);
    door.shown(60'000, of(0, 2 * mega));
    door.shown(90'000, of(7'500'000, 3 * mega)); // Nothing was to be built before.
    CHECK(door.allowed_per_s() == 2 * mega);
  }

  TEST_CASE("the field that is furthest behind counts") {
    const auto field = [](std::uint64_t waiting, std::uint64_t built, std::uint64_t threshold) {
      field_parts made;
      made.parts = {{segment_id{1}, true, 1, 1, built}, {segment_id{2}, false, 1, 1, waiting}};
      made.policy.indexing_threshold_bytes = threshold;
      return made;
    };
    CHECK(backlog_of({}) == index_backlog{});
    const std::vector<field_parts> fields{field(50, 1, 0), field(30, 2, 10), field(40, 3, 20)};
    CHECK(backlog_of(fields) == index_backlog{30, 2, 10});
  }

  TEST_CASE("writers settle at the pace of the builder, whatever their number and its speed") {
    for (const std::uint64_t writers : {1, 2, 16, 64})
      for (const auto built_per_s : {mega, 4 * mega, 20 * mega}) {
        CAPTURE(writers);
        CAPTURE(built_per_s);
        inflow door;
        plant all;
        all.writers = writers;
        all.built_per_s = built_per_s;
        all.run(door, 0, 60'000);
        all.most_waiting = 0;
        const auto came = all.run(door, 60'000, 240'000);

        // Many writers bring more than that even if each waits as long as it may.
        const auto least_per_s = writers * all.write_bytes * 1'000 / inflow::pause_max_ms;
        if (least_per_s <= built_per_s)
          CHECK(all.most_waiting < 40 * mega);
        if (writers <= 2)
          CHECK(all.most_waiting < 25 * mega);
        CHECK(came > built_per_s * 240 * 3 / 4);
        CHECK(all.longest_pause <= inflow::pause_max_ms);
      }
  }
}
