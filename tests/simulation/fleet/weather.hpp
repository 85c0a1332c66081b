#pragma once

#include "core/cluster/coordinator.hpp"
#include "tests/simulation/fleet/borrowed.hpp"

#include <cstdint>
#include <optional>

namespace grape::fleet {

/// What of a small world is given, not drawn.
struct world_shape {
  std::optional<std::uint32_t> nodes; ///< 2 to 7.
  std::optional<std::uint32_t> shards;
  std::optional<std::uint32_t> factor;
};

/// What a seed draws for a small world: its shape, and how bad its weather is. A rate of 0 means
/// never.
struct weather {
  std::uint32_t nodes = 3; ///< Founders; others may come.
  std::uint32_t shards = 3;
  std::uint32_t factor = 3;
  storm how; ///< Network, disks, peers, clients, crashes, pauses, partitions.
  cluster::coordinator_options coordination;
  instant index_mean = 500 * millisecond;
  instant operator_every = 10 * second; ///< Nodes come and go, collections are made and dropped.
  instant disk_loss_every = 0;
  std::uint32_t stage_kill_percent = 0; ///< Of the recorded stages somebody who matters dies at.
};

weather drawn_weather(std::uint64_t seed, const world_shape& given);

} // namespace grape::fleet
