#include "core/index/flat_index.hpp"
#include "core/index/vector_index.hpp"
#include "fake_segment.hpp"
#include "sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <random>
#include <span>
#include <vector>

using namespace grape;
using namespace grape::index;
using grape::test::fake_segment;
using grape::tests::sample;

namespace {

vector_index_options options_of(const sample& data) {
  vector_index_options options;
  options.dimension = data.dimension;
  options.distance = data.distance;
  options.policy.indexing_threshold_bytes = 0;
  return options;
}

std::optional<slot> slot_of(const point_id& id, std::uint64_t) {
  return slot{static_cast<std::uint32_t>(id.number())};
}

/// An index over a sample whose rows lie in graphs of these sizes, which are all of it.
vector_index cut_into(const sample& data, std::span<const std::size_t> sizes) {
  vector_index made(options_of(data));
  std::size_t from = 0;
  segment_id next{1};
  for (const auto size : sizes) {
    segment_source source;
    source.distance = data.distance;
    source.dimension = data.dimension;
    source.vector_at = [&](std::size_t at) { return data.rows[from + at].data(); };
    for (std::size_t at = 0; at < size; ++at) {
      source.ids.emplace_back(from + at);
      source.vector_versions.push_back(1);
    }
    inline_executor here;
    const std::atomic<bool> stop{false};
    auto rows = segment::build(next, source, {}, here, stop, nullptr);
    REQUIRE(rows);
    REQUIRE(*made.restore(*rows, slot_of) == size);
    from += size;
    ++next.value;
  }
  return made;
}

/// The vectors of a sample anew, without clusters: those are easy to find.
void scatter(sample& data) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  for (auto* all : {&data.rows, &data.queries})
    for (auto& vector : *all) {
      for (auto& x : vector)
        x = normal(random);
      normalise(vector);
    }
}

struct found_figures {
  double recall = 0;
  double visits = 0; ///< Of one search.
};

found_figures look(const vector_index& in, const sample& data, std::uint32_t ef) {
  const auto view = in.view();
  std::size_t right = 0;
  std::uint64_t visits = 0;
  for (const auto& query : data.queries) {
    vector_search wanted;
    wanted.query = query;
    wanted.exact = true;
    budget unlimited;
    const auto truth = view.search(wanted, unlimited);
    REQUIRE(truth);
    wanted.exact = false;
    wanted.ef = ef;
    budget counted;
    const auto found = view.search(wanted, counted);
    REQUIRE(found);
    visits += counted.visited();
    for (const auto& each : *found)
      right += std::any_of(truth->begin(), truth->end(),
                           [&](const auto& other) { return other.where == each.where; });
  }
  const auto queries = static_cast<double>(data.queries.size());
  return {static_cast<double>(right) / (10 * queries), static_cast<double>(visits) / queries};
}

} // namespace

TEST_SUITE("core.index.several_graphs") {
  TEST_CASE("several graphs find what one over all rows does, and cost little more") {
    sample data(metric::cosine, 24, 20'000, 5, 300);
    scatter(data);
    const std::size_t whole[] = {20'000};
    const std::size_t parts[] = {12'000, 4'000, 2'400, 1'600};
    const auto one = cut_into(data, whole);
    const auto several = cut_into(data, parts);
    for (const auto ef : {128u, 256u}) {
      const auto by_one = look(one, data, ef);
      const auto by_several = look(several, data, ef);
      CAPTURE(ef);
      CHECK(by_several.recall >= by_one.recall - 0.015);
      CHECK(by_several.visits <= 1.8 * by_one.visits);
    }
  }

  TEST_CASE("a graph gets the ef that its share calls for, but never less than is wanted") {
    const sample data(metric::euclid, 4, 10'000, 6, 1);
    vector_index both(options_of(data));
    const auto large = std::make_shared<fake_segment>(segment_id{1}, metric::euclid, 4);
    const auto small = std::make_shared<fake_segment>(segment_id{2}, metric::euclid, 4);
    for (std::size_t i = 0; i < data.rows.size(); ++i)
      (i < 9'000 ? large : small)->add(point_id(i), 1, data.rows[i]);
    REQUIRE(*both.restore(large, slot_of) == 9'000);
    vector_search wanted;
    wanted.query = data.queries.front();
    wanted.ef = 30;
    budget unlimited;
    REQUIRE(both.view().search(wanted, unlimited));
    CHECK(large->last_ef == 30); // It is all there is.

    REQUIRE(*both.restore(small, slot_of) == 1'000);
    REQUIRE(both.view().search(wanted, unlimited));
    CHECK(large->last_ef == 28);
    CHECK(small->last_ef == 10); // 30 * 0.1^0.75 is 5.3.

    slot_set allowed(data.rows.size());
    for (std::uint32_t i = 0; i < data.rows.size(); ++i)
      allowed.insert(slot{i});
    wanted.allowed = &allowed;
    wanted.allowed_count = data.rows.size();
    REQUIRE(both.view().search(wanted, unlimited));
    CHECK(large->last_ef == 30);
    CHECK(small->last_ef == 30); // All that passes may lie there.
  }
}
