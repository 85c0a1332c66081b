#pragma once

#include "core/status.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// How many replicas of shards a node can hold open. Each needs files, of which a process may have
/// so many; who counts before is not surprised by shards that do not open.
namespace grape::cluster {

/// What a process may have open at a time, and what else needs some of it.
struct descriptor_budget {
  std::uint64_t limit = 0;       ///< RLIMIT_NOFILE; 0 = not known.
  std::uint64_t connections = 0; ///< Of clients, at most.
};

/// At least 1; 0 = as many as there are.
std::uint32_t replicas_max(const descriptor_budget& of) noexcept;

/// Whether a node that holds `held` data replicas and may hold `most` of them (0 = any number) can
/// hold `more`. `node`: its name. Error: no_space.
status check_room(const std::string& node, std::size_t held, std::size_t more, std::uint32_t most);

class metadata;

/// The same for a node that is alone, and keeps all that `state` has.
status check_room_alone(const metadata& state, const std::string& node, std::size_t more,
                        std::uint32_t most);

} // namespace grape::cluster
