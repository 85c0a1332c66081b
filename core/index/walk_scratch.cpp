#include "core/index/walk_scratch.hpp"

#include <algorithm>

namespace grape::index {

namespace {

/// More idle ones than this are freed: more searches at once than that are rare.
constexpr std::size_t idle_max = 16;

template <class T>
T* at_least(std::vector<T>& memory, std::size_t count) {
  if (memory.size() < count)
    memory.resize(count);
  return memory.data();
}

} // namespace

walk_memory walk_scratch::fit(const graph_view& graph, std::size_t ef, std::size_t seeds) {
  // A node gives at most its own list, and fewer than another list's length through bridges.
  const auto step = nodes_per_step * 2 * std::size_t{graph.width0};
  const auto found = std::max({step, std::size_t{graph.width}, seeds + 1}) + found_slack;
  return {
    .visited = at_least(visited_, (std::size_t{graph.rows} + 63) / 64),
    .pool = at_least(pool_, ef),
    .fresh = at_least(fresh_, found),
    .sorted = at_least(sorted_, keys_per_block + found_slack),
    .found = at_least(found_, found),
    .distances = at_least(distances_, found),
    .bridges = at_least(bridges_, graph.width0),
  };
}

std::unique_ptr<walk_scratch> walk_scratch_pool::take() {
  {
    const std::lock_guard guard(lock_);
    if (!idle_.empty()) {
      auto taken = std::move(idle_.back());
      idle_.pop_back();
      return taken;
    }
    idle_.reserve(idle_max); // So that giving back cannot fail.
  }
  return std::make_unique<walk_scratch>();
}

void walk_scratch_pool::give_back(std::unique_ptr<walk_scratch> scratch) noexcept {
  const std::lock_guard guard(lock_);
  if (idle_.size() < idle_max)
    idle_.push_back(std::move(scratch));
}

} // namespace grape::index
