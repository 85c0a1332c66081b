#pragma once

#include "tools/grapectl/cluster_commands.hpp"
#include "tools/grapectl/commands.hpp"
#include "tools/grapectl/data_commands.hpp"
#include "tools/grapectl/dev.hpp"
#include "tools/grapectl/fit.hpp"

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace grape::ctl {

/// What was asked for, as far as it is read.
struct command_line {
  surroundings around;
  std::string host = "http://127.0.0.1:6333";
  std::string output = "table";
  double patience_s = 10;
  std::string collection;
  std::string id;
  search_options wanted;
  fit_options fitting;
  data_options data;
  std::string node;
  move_options move;
  dev_options dev;
  std::vector<std::string> certified;
  std::vector<std::string> lost;
  bool lost_majority = false;
  std::vector<std::string> apart;
  std::function<exit_code()> chosen;
};

/// All commands and options; `line` must outlive `app`.
void describe_command_line(CLI::App& app, command_line& line);

} // namespace grape::ctl
