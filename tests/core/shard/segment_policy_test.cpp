#include "core/shard/segment_policy.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace grape;
using namespace grape::shard;

namespace {

constexpr std::uint64_t row_bytes = 400;

part_figures tail(std::uint32_t id, std::uint64_t rows, std::uint64_t dead = 0) {
  return {segment_id{id}, false, rows, rows - dead, (rows - dead) * row_bytes};
}

part_figures sealed(std::uint32_t id, std::uint64_t rows, std::uint64_t dead = 0) {
  return {segment_id{id}, true, rows, rows - dead, (rows - dead) * row_bytes};
}

segment_plan plan(segment_task task, std::vector<std::uint32_t> ids) {
  segment_plan result{task, {}};
  for (const auto id : ids)
    result.inputs.push_back(segment_id{id});
  return result;
}

// A million bytes: 2,500 rows.
segment_policy_options small_threshold() {
  return {.indexing_threshold_bytes = 1'000'000, .deleted_threshold = 0.2, .vacuum_min_rows = 100};
}

struct law {
  std::string name;
  std::vector<part_figures> parts;
  pace now;
  std::optional<segment_plan> expected;
};

const auto nothing = std::nullopt;

const std::vector<law> laws = {
  {"an empty index wants nothing", {tail(9, 0)}, pace::quiet, nothing},
  {"a tail below the threshold stays", {tail(9, 2'499)}, pace::busy, nothing},
  {"a tail at the threshold is sealed", {tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {9})},
  {"dead rows do not count for it", {tail(9, 2'600, 101)}, pace::busy, nothing},
  {"frozen tails count together", {tail(8, 1'500), tail(9, 1'000)}, pace::busy,
   plan(segment_task::seal, {8, 9})},
  {"an empty tail takes no part", {tail(8, 2'500), tail(9, 0)}, pace::busy,
   plan(segment_task::seal, {8})},
  {"up to three segments are left alone if they are large",
   {sealed(1, 90'000), sealed(2, 10'001), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {9})},
  {"one up to four times as large goes along",
   {sealed(1, 90'000), sealed(2, 10'000), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {2, 9})},
  {"what has come together counts",
   {sealed(1, 50'000), sealed(2, 10'000), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {1, 2, 9})},
  {"a fourth would be too many: the smallest goes along",
   {sealed(1, 900'000), sealed(2, 120'000), sealed(3, 20'000), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {3, 9})},
  {"the smallest goes along even if it is large",
   {sealed(1, 9'000'000), sealed(2, 80'000), sealed(3, 400'000), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {2, 9})},
  {"equal ones all go along",
   {sealed(1, 2'500), sealed(2, 2'500), sealed(3, 2'500), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {1, 2, 3, 9})},
  {"four segments are merged without a tail, the largest left out",
   {sealed(1, 90'000), sealed(2, 1'000), sealed(3, 1'000), sealed(4, 30'000), tail(9, 10)},
   pace::busy, plan(segment_task::merge, {2, 3})},
  {"while busy, a small largest segment is fine", {sealed(1, 5'000), sealed(2, 5'000), tail(9, 0)},
   pace::busy, nothing},
  {"when quiet, the largest must hold four fifths",
   {sealed(1, 7'999), sealed(2, 1'001), sealed(3, 1'000), tail(9, 0)}, pace::quiet,
   plan(segment_task::merge, {1, 2, 3})},
  {"four fifths are enough", {sealed(1, 8'000), sealed(2, 1'000), sealed(3, 1'000), tail(9, 0)},
   pace::quiet, nothing},
  {"beside a graph half the threshold is enough", {sealed(1, 90'000), tail(9, 1'250)}, pace::busy,
   plan(segment_task::seal, {9})},
  {"less stays a tail, quiet or not", {sealed(1, 90'000), tail(9, 1'249)}, pace::quiet, nothing},
  {"without a graph it stays a tail, quiet or not", {tail(9, 2'499)}, pace::quiet, nothing},
  {"a fifth of dead rows is tolerated", {sealed(1, 1'000, 200), tail(9, 0)}, pace::busy, nothing},
  {"more is vacuumed", {sealed(1, 1'000, 201), tail(9, 0)}, pace::busy,
   plan(segment_task::vacuum, {1})},
  {"a tiny segment is not worth it", {sealed(1, 99, 98), tail(9, 0)}, pace::busy, nothing},
  {"unless all of it is dead", {sealed(1, 99, 99), sealed(2, 50), tail(9, 0)}, pace::busy,
   plan(segment_task::vacuum, {1})},
  {"what is dead goes before all else", {sealed(1, 99, 99), tail(8, 5, 5), tail(9, 2'500)},
   pace::busy, plan(segment_task::vacuum, {1, 8})},
  {"a few dead rows stay", {sealed(1, 1'000, 5), tail(9, 0)}, pace::quiet, nothing},
  {"but not when somebody asked", {sealed(1, 1'000, 5), tail(9, 0)}, pace::thorough,
   plan(segment_task::vacuum, {1})},
  {"also of a small one", {sealed(1, 20, 1), tail(9, 0)}, pace::thorough,
   plan(segment_task::vacuum, {1})},
  {"nothing dead, nothing to do", {sealed(1, 1'000, 0), tail(9, 0)}, pace::thorough, nothing},
  {"sealing goes before vacuum", {sealed(1, 100'000, 50'000), tail(9, 2'500)}, pace::busy,
   plan(segment_task::seal, {9})},
};

} // namespace

TEST_SUITE("core.shard.segment_policy") {
  TEST_CASE("each law holds") {
    for (const auto& each : laws) {
      CAPTURE(each.name);
      const auto got = plan_segments(each.parts, small_threshold(), each.now);
      CHECK(got == each.expected);
    }
  }

  TEST_CASE("when quiet, a tail that slows searches joins an existing graph") {
    const std::vector parts{sealed(1, 90'000), tail(9, 2'622)}; // 2,622 rows are just over 1 MiB.

    CHECK(plan_segments(parts, {}, pace::busy) == std::nullopt);
    CHECK(plan_segments(parts, {}, pace::quiet) == plan(segment_task::seal, {9}));
  }

  TEST_CASE("a threshold of 0 never seals, but still vacuums") {
    const segment_policy_options never{.indexing_threshold_bytes = 0};

    const std::vector growing{tail(9, 10'000'000)};
    const std::vector dying{sealed(1, 5'000, 4'000), tail(9, 10'000'000)};

    CHECK(plan_segments(growing, never, pace::quiet) == std::nullopt);
    CHECK(plan_segments(dying, never, pace::busy) == plan(segment_task::vacuum, {1}));
  }

  // Goal: no storm of rebuilding. Method: load tails of one size, obey the policy, and count how
  // often each row was inserted into a graph, and how often copied with one.
  TEST_CASE("a bulk load inserts each row about twice and keeps three segments") {
    struct load {
      std::uint64_t tails;
      double inserted_max;
      double copied_max;
    };
    for (const auto& [tails, inserted_max, copied_max] :
         {load{13, 1.5, 4}, load{40, 1.8, 4.5}, load{400, 2.4, 7.5}}) {
      CAPTURE(tails);
      constexpr std::uint64_t batch = 2'500;
      std::vector<part_figures> parts;
      std::uint64_t inserted = 0;
      std::uint64_t copied = 0;
      std::size_t most = 0;

      for (std::uint32_t id = 1; id < 2 * tails; ++id) {
        parts.push_back(tail(id, batch));
        while (const auto wanted = plan_segments(parts, small_threshold(), pace::busy)) {
          std::uint64_t rows = 0;
          std::uint64_t base = 0; // The largest graph is gone on from.
          std::erase_if(parts, [&](const part_figures& part) {
            const auto taken
              = std::count(wanted->inputs.begin(), wanted->inputs.end(), part.id) != 0;
            rows += taken ? part.live : 0;
            base = std::max(base, taken && part.sealed ? part.live : 0);
            return taken;
          });
          inserted += rows - base;
          copied += base;
          parts.push_back(sealed(++id, rows));
        }
        most = std::max(most, parts.size());
      }

      CHECK(most <= 3);
      const auto of_rows = [&](std::uint64_t count) {
        return static_cast<double>(count) / static_cast<double>(batch * tails);
      };
      CHECK(of_rows(inserted) <= inserted_max);
      CHECK(of_rows(copied) <= copied_max);
    }
  }
}
