#include "tools/grapectl/command_line.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

int main(int count, char** words) {
  using namespace grape::ctl;
  command_line line;
  CLI::App app{"Asks a Grape node over HTTP.", "grapectl"};
  describe_command_line(app, line);
  try {
    app.parse(count, words);
  } catch (const CLI::ParseError& wrong) {
    return static_cast<int>(app.exit(wrong) == 0 ? exit_code::ok : exit_code::wrong_usage);
  }
  auto node = parse_address(line.host);
  if (!node) {
    std::cerr << "grapectl: --host " << node.error().detail << "\n";
    return static_cast<int>(exit_code::wrong_usage);
  }
  line.around.node = *node;
  line.around.as_json = line.output == "json";
  line.around.patience = std::chrono::milliseconds{static_cast<long>(line.patience_s * 1000)};
  return static_cast<int>(line.chosen());
}
