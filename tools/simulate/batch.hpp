#pragma once

#include "tests/simulation/fleet/world.hpp"
#include "tests/simulation/run.hpp"
#include "tools/simulate/arguments.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape::simulate {

struct failure {
  std::uint64_t seed = 0;
  std::string what;
};

/// Sums over all seeds of a batch.
struct batch_result {
  std::uint64_t runs = 0;
  std::uint64_t steps = 0;
  std::uint64_t faults = 0;
  std::uint64_t committed = 0;
  std::uint64_t answered = 0;
  std::uint64_t virtual_us = 0;
  std::uint64_t healed = 0;
  double wall_s = 0;
  simulation::sometimes counts;
  fleet::deeds done;          ///< Of clusters alone, and
  std::uint64_t messages = 0; ///< so is this.
  std::vector<failure> failures; ///< Ascending by seed.
};

/// Runs the seeds in worker processes. An abort or a hang ends one worker, is a failure of the seed
/// that it ran, and another worker goes on.
batch_result run_batch(const arguments& given);

/// One seed in a process of its own.
struct probe {
  bool failed = false;
  std::string what; ///< The law and its detail, or the signal.
  std::string law;
  std::uint64_t steps = 0;
  std::uint64_t faults = 0;
};
probe run_apart(std::uint64_t seed, const arguments& given, bool quiet);

} // namespace grape::simulate
