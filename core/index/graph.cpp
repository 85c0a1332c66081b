#include "core/index/graph.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace grape::index {

namespace {

/// The number of links before the end of a list.
std::uint32_t length_of(const std::uint32_t* list, std::uint32_t width) noexcept {
  return static_cast<std::uint32_t>(std::find(list, list + width, no_link) - list);
}

status damaged(std::string what) { return {errc::corrupted, std::move(what)}; }

/// Breadth-first on level 0 from `start`, appending rows not seen before to `order`. `parent` says
/// by whose link each row was reached; no_link: not yet.
void spread(const graph& of, std::uint32_t start, std::vector<std::uint32_t>& parent,
            std::vector<std::uint32_t>& order) {
  auto head = order.size();
  order.push_back(start);
  for (; head < order.size(); ++head) {
    const auto* list = of.list0(order[head]);
    for (std::uint32_t i = 0; i < of.width0() && list[i] != no_link; ++i)
      if (parent[list[i]] == no_link) {
        parent[list[i]] = order[head];
        order.push_back(list[i]);
      }
  }
}

/// Makes `from` link to `to` without cutting anybody off: in a free place, or in that of its most
/// popular neighbour that is reached by another way. False if every link of `from` is needed.
bool link_from(graph& of, std::uint32_t from, std::uint32_t to,
               const std::vector<std::uint32_t>& parent, std::vector<std::uint32_t>& popular) {
  auto* list = of.list0(from);
  auto place = length_of(list, of.width0());
  if (place == of.width0()) {
    for (std::uint32_t i = 0; i < of.width0(); ++i) {
      const auto needed = list[i] != from && parent[list[i]] == from
                          && std::find(list, list + i, list[i]) == list + i;
      if (!needed && (place == of.width0() || popular[list[i]] > popular[list[place]]))
        place = i;
    }
    if (place == of.width0())
      return false;
    --popular[list[place]];
  }
  list[place] = to;
  ++popular[to];
  return true;
}

status check_list(const graph& of, const std::uint32_t* list, std::uint32_t width,
                  std::uint32_t level) {
  const auto length = length_of(list, width);
  for (std::uint32_t i = 0; i < length; ++i)
    if (list[i] >= of.rows || of.levels[list[i]] < level)
      return damaged("a link leads nowhere");
  for (auto i = length; i < width; ++i)
    if (list[i] != no_link)
      return damaged("a link list continues behind its end");
  return {};
}

} // namespace

graph_view graph::view() const noexcept {
  return {
    .rows = rows,
    .entry = entry,
    .level_max = level_max,
    .width0 = width0(),
    .width = m,
    .links0 = links0.data(),
    .upper = upper.data(),
    .upper_at = upper_at.data(),
  };
}

std::uint64_t graph::bytes() const noexcept {
  return links0.bytes() + levels.size() + (upper.size() + upper_at.size()) * sizeof(std::uint32_t);
}

std::uint64_t upper_size(const std::vector<std::uint8_t>& levels, std::uint32_t m) noexcept {
  std::uint64_t lists = 0;
  for (const auto level : levels)
    lists += level;
  return lists * m;
}

void index_upper_levels(graph& of) {
  of.upper_at.resize(of.levels.size());
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < of.levels.size(); ++i) {
    GRAPE_CHECK(at <= std::numeric_limits<std::uint32_t>::max());
    of.upper_at[i] = static_cast<std::uint32_t>(at);
    at += std::uint64_t{of.levels[i]} * of.m;
  }
}

status check_graph(const graph& of) {
  if (of.levels.size() != of.rows || of.upper_at.size() != of.rows
      || of.links0.size() != std::size_t{of.rows} * of.width0()
      || of.upper.size() != upper_size(of.levels, of.m))
    return damaged("sizes disagree");
  if (of.level_max > level_limit || of.entry >= of.rows || of.levels[of.entry] != of.level_max)
    return damaged("the entry point is wrong");
  for (std::uint32_t row = 0; row < of.rows; ++row) {
    if (of.levels[row] > of.level_max)
      return damaged("a level is too high");
    if (auto found = check_list(of, of.list0(row), of.width0(), 0); !found.ok())
      return found;
    for (std::uint32_t level = 1; level <= of.levels[row]; ++level) {
      const auto* list = of.upper.data() + of.upper_at[row] + std::size_t{level - 1} * of.m;
      if (auto found = check_list(of, list, of.m, level); !found.ok())
        return found;
    }
  }
  return {};
}

void connect_unreached(graph& of) {
  std::vector<std::uint32_t> popular(of.rows);
  for (const auto* link = of.links0.data(); link != of.links0.data() + of.links0.size(); ++link)
    if (*link != no_link)
      ++popular[*link];
  std::vector<std::uint32_t> parent(of.rows, no_link);
  std::vector<std::uint32_t> order;
  order.reserve(of.rows);
  parent[of.entry] = of.entry;
  spread(of, of.entry, parent, order);
  std::size_t spare = 0; // Whoever comes before in `order` has no place left.
  for (std::uint32_t row = 0; row < of.rows; ++row) {
    if (parent[row] != no_link)
      continue;
    const auto* list = of.list0(row);
    const auto* end = list + length_of(list, of.width0());
    const auto* near = std::find_if(list, end, [&](std::uint32_t to) {
      return parent[to] != no_link && link_from(of, to, row, parent, popular);
    });
    // The reached rows hold more links than reach them, so one that is not needed is found.
    for (; near == end && !link_from(of, order[spare], row, parent, popular); ++spare)
      GRAPE_CHECK(spare + 1 < order.size());
    parent[row] = near == end ? order[spare] : *near;
    spread(of, row, parent, order);
  }
}

graph restricted(const graph& of, const std::vector<std::uint32_t>& kept) {
  std::vector<std::uint32_t> number(of.rows, no_link);
  for (std::uint32_t i = 0; i < kept.size(); ++i)
    number[kept[i]] = i;
  const auto copy = [&](const std::uint32_t* from, std::uint32_t width, std::uint32_t* to) {
    auto* end = to;
    for (std::uint32_t i = 0; i < width && from[i] != no_link; ++i)
      if (number[from[i]] != no_link)
        *end++ = number[from[i]];
    std::fill(end, to + width, no_link);
  };
  graph to;
  to.rows = static_cast<std::uint32_t>(kept.size());
  to.m = of.m;
  to.levels.resize(to.rows);
  to.links0 = hot_array<std::uint32_t>(std::size_t{to.rows} * to.width0());
  for (std::uint32_t row = 0; row < to.rows; ++row) {
    const auto old = kept[row];
    to.levels[row] = of.levels[old];
    copy(of.list0(old), of.width0(), to.list0(row));
    for (std::uint32_t level = 1; level <= of.levels[old]; ++level) {
      to.upper.resize(to.upper.size() + of.m);
      copy(&of.upper[of.upper_at[old] + (level - 1) * of.m], of.m,
           &to.upper[to.upper.size() - of.m]);
    }
  }
  const auto highest = std::max_element(to.levels.begin(), to.levels.end());
  to.entry = static_cast<std::uint32_t>(highest - to.levels.begin());
  to.level_max = *highest;
  index_upper_levels(to);
  return to;
}

std::vector<std::uint32_t> walk_order(const graph& of) {
  std::vector<std::uint32_t> parent(of.rows, no_link);
  std::vector<std::uint32_t> order;
  order.reserve(of.rows);
  parent[of.entry] = of.entry;
  spread(of, of.entry, parent, order);
  for (std::uint32_t row = 0; row < of.rows; ++row)
    if (parent[row] == no_link) {
      parent[row] = row;
      spread(of, row, parent, order);
    }
  return order;
}

graph renumbered(const graph& of, const std::vector<std::uint32_t>& order) {
  GRAPE_CHECK(order.size() == of.rows);
  std::vector<std::uint32_t> name(of.rows);
  for (std::uint32_t i = 0; i < of.rows; ++i)
    name[order[i]] = i;
  const auto renamed = [&name](std::uint32_t row) { return row == no_link ? row : name[row]; };
  graph to;
  to.rows = of.rows;
  to.m = of.m;
  to.entry = name[of.entry];
  to.level_max = of.level_max;
  to.levels.resize(of.rows);
  to.links0 = hot_array<std::uint32_t>(of.links0.size());
  to.upper.reserve(of.upper.size());
  for (std::uint32_t i = 0; i < of.rows; ++i) {
    const auto before = order[i];
    to.levels[i] = of.levels[before];
    std::transform(of.list0(before), of.list0(before) + of.width0(), to.list0(i), renamed);
    const auto first = of.upper.begin() + of.upper_at[before];
    const auto last = first + static_cast<std::ptrdiff_t>(std::size_t{of.levels[before]} * of.m);
    std::transform(first, last, std::back_inserter(to.upper), renamed);
  }
  index_upper_levels(to);
  return to;
}

} // namespace grape::index
