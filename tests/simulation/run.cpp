#include "tests/simulation/run.hpp"

#include "tests/simulation/violation.hpp"

namespace grape::simulation {

verdict run_seed(std::uint64_t seed, const storm& how, const run_options& options) {
  verdict found;
  cluster group{seed, how, options};
  try {
    found.result = group.run();
  } catch (const violation& broken) {
    found.result = group.result();
    found.law = broken.law;
    found.detail = broken.what();
  }
  return found;
}

} // namespace grape::simulation
