#include "core/index/graph.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;

namespace {

/// A graph of one level with these lists of at most 4 links.
index::graph graph_of(const std::vector<std::vector<std::uint32_t>>& lists) {
  index::graph made;
  made.rows = static_cast<std::uint32_t>(lists.size());
  made.m = 2;
  made.levels.resize(made.rows);
  made.links0 = index::hot_array<std::uint32_t>(made.rows * 4);
  for (std::uint32_t row = 0; row < made.rows; ++row) {
    std::fill_n(made.list0(row), 4, index::no_link);
    std::copy(lists[row].begin(), lists[row].end(), made.list0(row));
  }
  index::index_upper_levels(made);
  return made;
}

std::size_t reached_from_entry(const index::graph& of) {
  std::vector<bool> seen(of.rows);
  std::vector<std::uint32_t> queue{of.entry};
  seen[of.entry] = true;
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (std::uint32_t i = 0; i < 4; ++i)
      if (const auto to = of.list0(queue[head])[i]; to != index::no_link && !seen[to]) {
        seen[to] = true;
        queue.push_back(to);
      }
  return queue.size();
}

} // namespace

TEST_SUITE("core.index.graph") {
  TEST_CASE("rows that fell off the graph are connected again") {
    std::mt19937 random(40);
    for (int round = 0; round < 500; ++round) {
      CAPTURE(round);
      std::vector<std::vector<std::uint32_t>> lists(60);
      for (auto& list : lists)
        for (std::size_t i = 0; i < 1 + random() % 4; ++i) {
          const auto reach = 20 + random() % 41;
          list.push_back(static_cast<std::uint32_t>(random() % reach));
        }
      auto graph = graph_of(lists);

      index::connect_unreached(graph);

      CHECK(reached_from_entry(graph) == 60);
      CHECK(index::check_graph(graph).ok());
    }
  }

  TEST_CASE("the walk order is breadth first, and renumbering keeps every link") {
    const auto graph = graph_of({{3, 1}, {0}, {1, 3}, {2, 0}});

    const auto order = index::walk_order(graph);
    const auto renamed = index::renumbered(graph, order);

    CHECK(order == std::vector<std::uint32_t>{0, 3, 1, 2});
    CHECK(std::vector(renamed.list0(0), renamed.list0(0) + 3)
          == std::vector<std::uint32_t>{1, 2, index::no_link});
    CHECK(std::vector(renamed.list0(3), renamed.list0(3) + 3)
          == std::vector<std::uint32_t>{2, 1, index::no_link});
  }

  TEST_CASE("links to nowhere and gaps in lists are refused") {
    auto beyond = graph_of({{1}, {2}});
    auto gap = graph_of({{1}, {0}});
    gap.list0(0)[2] = 1;
    auto high = graph_of({{1}, {0}});
    high.levels[1] = 3;
    auto entry = graph_of({{1}, {0}});
    entry.entry = 2;

    for (const auto* wrong : {&beyond, &gap, &high, &entry})
      CHECK(index::check_graph(*wrong).code == errc::corrupted);
    CHECK(index::check_graph(graph_of({{1}, {0}})).ok());
  }
}
