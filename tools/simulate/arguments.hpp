#pragma once

#include "core/outcome.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/fleet/world.hpp"
#include "tests/simulation/small_world.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace grape::simulate {

/// What the command line says.
struct arguments {
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  unsigned workers = 1;
  std::uint32_t seconds = 60; ///< Virtual, before everything heals.
  std::uint64_t steps_max = ~0ull;
  std::uint64_t failures_max = 10; ///< Then the rest of the seeds is not run.
  std::uint32_t off = 0;           ///< Kinds of faults that do not happen.
  std::set<std::uint64_t> suppressed;
  bool reference = false; ///< The storm that throughput is measured with.
  bool shrinks = false;
  bool prints_digests = false;
  bool wants_all_rare = false; ///< Fails if a "sometimes" point was never hit.
  std::optional<std::string> trace_file;
  std::optional<std::string> drawing_file;
  std::optional<simulation::bounds> explored; ///< Instead of running seeds.
  bool clustered = false;                     ///< Whole clusters, not single groups.
  bool modelled = false; ///< Clusters whose groups are modelled; always so beyond 7 nodes.
  std::optional<std::uint32_t> nodes;
  std::optional<std::uint32_t> shards;
  std::optional<std::uint32_t> factor;
  bool help = false;
};

outcome<arguments> parse(int count, const char* const* words);

/// What --help prints.
std::string_view usage() noexcept;

/// The storm of a seed as the arguments want it.
simulation::storm storm_of(std::uint64_t seed, const arguments& given);

simulation::run_options options_of(const arguments& given);

/// The same of a small cluster.
fleet::weather weather_of(std::uint64_t seed, const arguments& given);
fleet::world_options world_options_of(const arguments& given);

} // namespace grape::simulate
