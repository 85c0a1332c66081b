#include "tools/bench/raft_command.hpp"

#include "tools/bench/raft_bench.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_raft(CLI::App& to, status& done) {
  const auto options = std::make_shared<raft_bench_options>();
  auto* command = to.add_subcommand("raft", "peers in memory, the durable log, idle groups");
  command->add_option("--folder", options->folder, "where to write; a folder is made and removed");
  command->add_option("--seconds", options->seconds, "for each way")
    ->check(CLI::Range(0.1, 600.0));
  command->add_flag("--cluster", options->cluster,
                    "three real nodes instead: how long commits and elections take");
  command->add_option("--kills", options->kills, "of that cluster's leader")
      ->check(CLI::Range(0, 10'000));
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->callback([options, &done] { done = run_raft_bench(*options); });
}

} // namespace grape::bench
