#pragma once

#include "tools/simulate/arguments.hpp"

namespace grape::simulate {

/// Whether the clusters are too large for a Raft peer in each replica.
bool is_modelled(const arguments& given);

/// Lets each seed's large cluster live and prints how it went. Returns the exit status.
int live_and_print(const arguments& given);

} // namespace grape::simulate
