#pragma once

#include "tools/grapectl/commands.hpp"

#include <string>
#include <vector>

namespace grape::ctl {

/// Below `directory`, made if absent: ca.pem and ca-key.pem, a CA for one test cluster, and
/// <node>.pem and <node>-key.pem for each of `nodes`, valid from an hour ago for a year. A CA that
/// is there signs the new ones; no file is overwritten. Prints what to configure.
exit_code make_dev_certificates(const std::string& directory,
                                const std::vector<std::string>& nodes);

} // namespace grape::ctl
