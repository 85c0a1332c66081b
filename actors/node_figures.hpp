#pragma once

#include "actors/house.hpp"
#include "core/request/node.hpp"
#include "core/request/telemetry.hpp"

namespace grape::actors {

/// Milliseconds since 1970, by the system's clock.
std::uint64_t unix_ms_now();

/// What the house knows about itself without asking anybody; `points` is left 0.
node_status figures_of(const house& home, std::uint64_t started_ms);

memory_figures memory_of_process();

/// Whether so many shards more can be open where this node is alone; in a cluster its nodes are
/// looked at when the shards are placed. Error: no_space.
status check_open_files(const house& home, std::size_t more);

} // namespace grape::actors
