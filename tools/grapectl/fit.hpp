#pragma once

#include "tools/grapectl/commands.hpp"

#include <string>

namespace grape::ctl {

struct fit_options {
  std::string collection;
  std::string file; ///< A line for each query: {"prefetch":[…],"relevant":[ids]}.
  double l2 = 1;    ///< Penalty on large weights, above 0.
  bool rescore = false; ///< Each prefetch scores what all of them find: see `fusion_query`.
};

/// Asks the node each query's prefetches, fits weights to what is relevant, and prints on stdout
/// the `query` that fuses by them; on stderr how well they fit.
exit_code fit(const surroundings& around, const fit_options& wanted);

} // namespace grape::ctl
