#include "tests/simulation/fleet/shares.hpp"

#include <algorithm>

namespace grape::fleet {

namespace {

double ratio(std::size_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

} // namespace

shares shares_of(const cluster::metadata& state, std::size_t sample) {
  shares found;
  for (const auto& [name, entry] : state.collections()) {
    for (const auto& [shard, group] : entry.groups)
      found.homes[group] = state.groups().at(group).placed(1).data;
    for (std::size_t id = 0; id < sample; ++id)
      ++found.points[entry.groups.at(entry.slots.shard_of(point_id{id}))];
  }
  return found;
}

skew skew_of(const shares& where, std::size_t nodes) {
  std::map<node_number, std::size_t> replicas;
  std::map<node_number, std::size_t> points;
  std::size_t all_replicas = 0;
  std::size_t all_points = 0;
  for (const auto& [group, homes] : where.homes) {
    const auto held = where.points.find(group);
    const auto count = held == where.points.end() ? 0 : held->second;
    for (const auto node : homes) {
      ++replicas[node];
      points[node] += count;
      ++all_replicas;
      all_points += count;
    }
  }
  const auto most = [](const auto& counts) {
    std::size_t best = 0;
    for (const auto& [node, count] : counts)
      best = std::max(best, count);
    return best;
  };
  return {ratio(most(replicas) * nodes, all_replicas), ratio(most(points) * nodes, all_points)};
}

moved_share moved(const shares& before, const shares& after) {
  std::size_t replicas = 0;
  std::size_t points = 0;
  std::size_t moved_replicas = 0;
  std::size_t moved_points = 0;
  for (const auto& [group, homes] : after.homes) {
    const auto held = after.points.find(group);
    const auto count = held == after.points.end() ? 0 : held->second;
    for (const auto node : homes) {
      const auto is_new = !before.homes.at(group).contains(node);
      ++replicas;
      points += count;
      moved_replicas += is_new ? 1 : 0;
      moved_points += is_new ? count : 0;
    }
  }
  return {ratio(moved_replicas, replicas), ratio(moved_points, points)};
}

} // namespace grape::fleet
