#include "tools/grapectl/commands.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <iostream>
#include <string>

namespace {

using namespace grape::ctl;

constexpr const char* exit_codes = "Exit codes: 0 done; 1 the node refused; 2 wrong usage; "
                                   "3 no node answered there in time; 4 the answer is not a node's";

struct command_line {
  surroundings around;
  std::string host = "http://127.0.0.1:6333";
  std::string output = "table";
  double patience_s = 10;
  std::string collection;
  std::string id;
  search_options wanted;
  std::function<exit_code()> chosen;
};

void add_shared_options(CLI::App& app, command_line& line) {
  app.footer(exit_codes);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--host", line.host, "A live node's HTTP address")
    ->envname("GRAPE_HOST")
    ->capture_default_str();
  app.add_option("-o,--output", line.output, "table, or json: the node's answer as it is")
    ->check(CLI::IsMember({"table", "json"}))
    ->capture_default_str();
  app.add_option("--api-key", line.around.api_key, "Sent as `api-key`")->envname("GRAPE_API_KEY");
  app.add_option("--timeout", line.patience_s, "Seconds to wait for an answer")
    ->check(CLI::Range(0.001, 3600.0))
    ->capture_default_str();
}

void add_commands(CLI::App& app, command_line& line) {
  app.add_subcommand("status", "The node: identity, sizes, what its start had to repair")
    ->callback([&line] { line.chosen = [&line] { return show_status(line.around); }; });
  app.add_subcommand("actors", "The live tree of actors: restarts, mailboxes, last errors")
    ->callback([&line] { line.chosen = [&line] { return show_actors(line.around); }; });
  app.add_subcommand("collections", "All collections with their sizes")
    ->callback([&line] { line.chosen = [&line] { return list_collections(line.around); }; });

  auto* describing = app.add_subcommand("describe", "One collection: vectors, indexes, shards");
  describing->add_option("collection", line.collection)->required();
  describing->callback(
    [&line] { line.chosen = [&line] { return describe(line.around, line.collection); }; });

  auto* getting = app.add_subcommand("get", "One point with its payload and vectors");
  getting->add_option("collection", line.collection)->required();
  getting->add_option("id", line.id, "A number or a UUID")->required();
  getting->callback([&line] {
    line.chosen = [&line] { return get_point(line.around, line.collection, line.id); };
  });

  auto* searching = app.add_subcommand("search", "The points nearest to a point or a vector");
  searching->add_option("collection", line.wanted.collection)->required();
  auto* from = searching->add_option_group("from")->require_option(1);
  from->add_option("--id", line.wanted.id, "The neighbours of this point");
  from->add_option("--vector", line.wanted.vector, "0.1,0.2,... or a JSON array");
  searching->add_option("--limit", line.wanted.limit, "How many")->capture_default_str();
  searching->add_option("--using", line.wanted.using_vector, "A named vector");
  searching->add_option("--filter", line.wanted.filter, "A filter as JSON");
  searching->callback(
    [&line] { line.chosen = [&line] { return search(line.around, line.wanted); }; });
}

} // namespace

int main(int count, char** words) {
  command_line line;
  CLI::App app{"Asks a Grape node over HTTP.", "grapectl"};
  add_shared_options(app, line);
  add_commands(app, line);
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
