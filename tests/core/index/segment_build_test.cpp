#include "core/index/segment.hpp"
#include "tests/core/index/sample.hpp"
#include "tests/support/thread_executor.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace grape;
using namespace grape::tests;

TEST_SUITE("core.index.segment_build") {
  TEST_CASE("rows carry their ids, versions and vectors through the reordering") {
    const sample from(metric::euclid, 32, 2'000, 20);
    const auto segment = built(from);
    std::set<std::uint64_t> ids;

    for (std::uint32_t i = 0; i < segment->rows(); ++i) {
      const auto id = segment->id_of(row{i}).number();
      ids.insert(id);
      CHECK(segment->source_of_row()[i] == id);
      CHECK(segment->vector_version_of(row{i}) == 1'000 + id);
      const auto vector = segment->vector(row{i});
      CHECK(std::equal(vector.begin(), vector.end(), from.rows[id].begin()));
    }

    CHECK(ids.size() == 2'000);
    CHECK(segment->id() == segment_id{7});
    CHECK(segment->bytes() > 2'000 * 32 * 5);
  }

  TEST_CASE("the same seed on one thread builds the same graph") {
    const sample from(metric::cosine, 32, 1'500, 21);

    const auto first = built(from, {.seed = 5});
    const auto second = built(from, {.seed = 5});

    CHECK(std::equal(first->source_of_row().begin(), first->source_of_row().end(),
                     second->source_of_row().begin(), second->source_of_row().end()));
  }

  TEST_CASE("several threads build a graph that is as good") {
    const sample from(metric::cosine, 32, 4'000, 22);
    thread_executor threads(4);
    std::atomic<bool> stop = false;
    index::build_progress progress;

    const auto segment = index::segment::build(segment_id{1}, from.source(), {}, threads, stop,
                                               &progress);

    REQUIRE(segment.ok());
    CHECK(progress.rows_done == 4'000);
    CHECK(progress.rows_total == 4'000);
    CHECK(recall(**segment, from, 100, {}, std::vector<bool>(4'000, true)).share() >= 0.97);
  }

  TEST_CASE("a build ends soon after it is told to stop") {
    const sample from(metric::cosine, 32, 3'000, 23);
    inline_executor here;
    std::atomic<bool> stop = false;
    index::build_progress progress;
    auto source = from.source();
    source.vector_at = [&](std::size_t i) {
      stop = stop || progress.rows_done > 500;
      return from.rows[i].data();
    };

    const auto segment = index::segment::build(segment_id{1}, source, {}, here, stop, &progress);

    REQUIRE_FALSE(segment.ok());
    CHECK(segment.error().code == errc::cancelled);
    CHECK(progress.rows_done < 510);
  }

  TEST_CASE("a source that makes no sense is refused") {
    const sample from(metric::cosine, 8, 10, 24);
    inline_executor here;
    std::atomic<bool> stop = false;
    const auto refused = [&](const index::segment_source& source,
                             const index::graph_options& options) {
      const auto segment = index::segment::build(segment_id{1}, source, options, here, stop,
                                                 nullptr);
      return !segment.ok() && segment.error().code == errc::invalid;
    };
    auto empty = from.source();
    empty.ids.clear();
    empty.vector_versions.clear();
    auto uneven = from.source();
    uneven.ids.pop_back();
    auto flat = from.source();
    flat.dimension = 0;

    CHECK(refused(empty, {}));
    CHECK(refused(uneven, {}));
    CHECK(refused(flat, {}));
    CHECK(refused(from.source(), {.ef_construct = 3}));
  }
}
