#pragma once

#include "tests/simulation/cluster.hpp"

#include <cstdint>
#include <string>

namespace grape::simulation {

/// A run and how it ended.
struct verdict {
  run_result result;
  std::string law; ///< The broken one; empty if none was.
  std::string detail;

  bool passed() const noexcept { return law.empty(); }
};

/// Runs one seed. A broken law comes back as a value; a GRAPE_CHECK of the core aborts.
verdict run_seed(std::uint64_t seed, const storm& how, const run_options& options);

} // namespace grape::simulation
