#include "core/index/graph.hpp"
#include "core/index/segment.hpp"
#include "core/vector/top_k.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <set>
#include <vector>

using namespace grape;
using namespace grape::index;

namespace {

class one_thread final : public executor {
public:
  std::size_t width() const noexcept override { return 1; }
  void run(std::size_t count, const std::function<void(std::size_t)>& job) override {
    for (std::size_t i = 0; i < count; ++i)
      job(i);
  }
};

using built = std::shared_ptr<const segment>;

/// A segment of these rows of the sample, in this order, going on from `base`.
built segment_of(const tests::sample& data, const std::vector<std::uint32_t>& rows,
                 const graph* base, build_progress* progress = nullptr, std::uint32_t m = 16) {
  segment_source source;
  source.distance = data.distance;
  source.dimension = data.dimension;
  source.vector_at = [&](std::size_t i) { return data.rows[rows[i]].data(); };
  for (const auto row : rows) {
    source.ids.emplace_back(row);
    source.vector_versions.push_back(1);
  }
  source.base = base;
  one_thread here;
  const std::atomic<bool> stop{false};
  auto made = segment::build(segment_id{1}, source, {m, 100}, here, stop, progress);
  REQUIRE(made);
  return *made;
}

std::vector<std::uint32_t> first_rows(std::uint32_t count) {
  std::vector<std::uint32_t> rows(count);
  std::iota(rows.begin(), rows.end(), 0U);
  return rows;
}

/// The rows of the sample in the order of a segment's own rows.
std::vector<std::uint32_t> in_its_order(const segment& of) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < of.rows(); ++i)
    rows.push_back(static_cast<std::uint32_t>(of.id_of(row{i}).number()));
  return rows;
}

double recall(const segment& of, const tests::sample& data, std::uint32_t ef) {
  std::size_t right = 0;
  for (const auto& query : data.queries) {
    budget unlimited;
    const auto exact = of.scan_all(query, 10, {}, unlimited);
    const auto found = of.search(query, 10, ef, {}, unlimited);
    for (const auto& each : found)
      right += std::any_of(exact.begin(), exact.end(),
                           [&](const auto& other) { return other.where == each.where; });
  }
  return static_cast<double>(right) / (10.0 * static_cast<double>(data.queries.size()));
}

} // namespace

TEST_SUITE("core.index.graph_extension") {
  TEST_CASE("a graph that grew in steps finds as much as one that was built at once") {
    for (const auto kind : {metric::cosine, metric::euclid}) {
      CAPTURE(to_string(kind));
      const tests::sample data(kind, 32, 3'000, 11, 50);
      auto grown = segment_of(data, first_rows(500), nullptr);
      for (std::uint32_t rows = 1'000; rows <= 3'000; rows += 500) {
        auto order = in_its_order(*grown);
        for (auto next = rows - 500; next < rows; ++next)
          order.push_back(next);
        build_progress progress;
        grown = segment_of(data, order, grown->links(), &progress);
        CHECK(progress.rows_done == rows);
        CHECK(check_graph(*grown->links()).ok());
      }
      const auto anew = segment_of(data, first_rows(3'000), nullptr);

      auto all = in_its_order(*grown);
      std::sort(all.begin(), all.end());
      CHECK(all == first_rows(3'000));
      CHECK(recall(*grown, data, 32) >= recall(*anew, data, 32) - 0.02);
      CHECK(recall(*grown, data, 128) >= recall(*anew, data, 128) - 0.01);
    }
  }

  TEST_CASE("rows can be taken out before it goes on") {
    const tests::sample data(metric::cosine, 32, 4'000, 12, 100);
    const auto whole = segment_of(data, first_rows(3'000), nullptr);
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < whole->rows(); ++i)
      if (i % 10 != 3) {
        kept.push_back(i);
        order.push_back(static_cast<std::uint32_t>(whole->id_of(row{i}).number()));
      }
    const auto rest = restricted(*whole->links(), kept);
    REQUIRE(check_graph(rest).ok());
    for (std::uint32_t next = 3'000; next < 4'000; ++next)
      order.push_back(next);

    const auto grown = segment_of(data, order, &rest);

    const auto anew = segment_of(data, order, nullptr);
    CHECK(grown->rows() == 3'700);
    CHECK(check_graph(*grown->links()).ok());
    CHECK(recall(*grown, data, 64) >= recall(*anew, data, 64) - 0.02);
    std::set<std::uint32_t> ids;
    for (const auto id : in_its_order(*grown))
      ids.insert(id);
    CHECK(ids.size() == 3'700);
  }

  TEST_CASE("a graph of a single row, and one without new rows, can be gone on from") {
    const tests::sample data(metric::euclid, 16, 200, 13, 20);
    const auto one = segment_of(data, first_rows(1), nullptr);
    const auto more = segment_of(data, first_rows(200), one->links());
    CHECK(recall(*more, data, 64) >= 0.99);
    const auto same = segment_of(data, in_its_order(*more), more->links());
    CHECK(same->rows() == 200);
    CHECK(recall(*same, data, 64) >= 0.99);
  }

  TEST_CASE("a graph with other numbers of links is not gone on from") {
    const tests::sample data(metric::euclid, 16, 200, 14, 20);
    const auto narrow = segment_of(data, first_rows(100), nullptr, nullptr, 4);
    const auto wide = segment_of(data, first_rows(200), narrow->links());
    CHECK(wide->links()->m == 16);
    CHECK(check_graph(*wide->links()).ok());
  }
}
