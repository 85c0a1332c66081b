#pragma once

#include "tools/grapectl/tables.hpp"

#include <string>

namespace grape::ctl {

/// A row for each replica and, where the nodes have something to tell, for each node.
std::string print_report(const payload::value& result);

std::string print_checkpoints(const payload::value& result);

} // namespace grape::ctl
