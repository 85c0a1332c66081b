#pragma once

#include "tools/simulate/arguments.hpp"

namespace grape::simulate {

/// Whether the clusters are too large for a Raft peer in each replica.
bool is_modelled(const arguments& given);

/// Lets each seed's large cluster live and prints how it went. Returns the exit status.
int live_and_print(const arguments& given);

/// Runs each seed's small cluster and prints the sums. Returns the exit status.
int run_clusters(const arguments& given);

/// One seed, with what happens written to the trace file, a line each.
int watch_cluster(const arguments& given);

} // namespace grape::simulate
