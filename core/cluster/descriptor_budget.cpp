#include "core/cluster/descriptor_budget.hpp"

#include "core/cluster/metadata.hpp"
#include "core/storage/open_files.hpp"

#include <algorithm>
#include <limits>

namespace grape::cluster {

namespace {

/// The ordered log, the other nodes, threads that wait for sockets, libraries.
constexpr std::uint64_t of_the_node = 64;

/// LevelDB's log and manifest, one more while it is opened, and a segment that is written.
constexpr std::uint64_t of_a_replica = 4;

} // namespace

std::uint32_t replicas_max(const descriptor_budget& of) noexcept {
  if (of.limit == 0)
    return 0;
  const auto others
    = of_the_node + storage::kept_files_max(of.limit) + std::min(of.connections, of.limit / 4);
  const auto left = of.limit > others ? of.limit - others : 0;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
    left / of_a_replica, 1, std::numeric_limits<std::uint32_t>::max()));
}

status check_room(const std::string& node, std::size_t held, std::size_t more, std::uint32_t most) {
  if (most == 0 || held + more <= most)
    return {};
  return {errc::no_space, "node `" + node + "` can open " + std::to_string(most)
                            + " replicas of shards and has " + std::to_string(held) + ": "
                            + std::to_string(more)
                            + " more need a higher limit on its open files (`ulimit -n`), and"
                              " a restart"};
}

status check_room_alone(const metadata& state, const std::string& node, std::size_t more,
                        std::uint32_t most) {
  std::size_t held = 0;
  state.for_each_collection([&held](const std::string&, const collection_entry& entry) {
    held += entry.groups.size();
  });
  return check_room(node, held, more, most);
}

} // namespace grape::cluster
