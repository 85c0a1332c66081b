#include "tools/bench/storage_command.hpp"

#include "tools/bench/storage_bench.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_storage(CLI::App& to, status& done) {
  const auto options = std::make_shared<storage_bench_options>();
  auto* command = to.add_subcommand("storage", "write and read points through log and store");
  command->add_option("--folder", options->folder, "where to write; a folder is made and removed");
  command->add_option("--sample", options->sample, "folder of the shipped words");
  command->add_option("--seconds", options->seconds, "for each way of writing and reading")
    ->check(CLI::Range(0.1, 600.0));
  command->add_option("--cache-percent", options->cache_percent, "cache for reads, of the data")
    ->check(CLI::Range(1, 1'000));
  command->add_option("--seed", options->seed);
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->callback([options, &done] { done = run_storage_bench(*options); });
}

} // namespace grape::bench
