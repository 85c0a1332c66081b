#include "tools/bench/code_command.hpp"

#include "tools/bench/code_bench.hpp"
#include "tools/bench/common_options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_codes(CLI::App& to, status& done) {
  const auto options = std::make_shared<code_bench_options>();
  auto* command = to.add_subcommand("codes", "scan all rows by each code: speed, size, recall");
  command->add_option("data", options->data, "prefix of a data set; without: one is made");
  add_metric(*command, options->kind);
  add_isa(*command, options->with);
  command->add_option("--rows", options->rows)->check(CLI::Range(100, 100'000'000));
  command->add_option("--dimension", options->dimension)->check(CLI::Range(16, 65'536));
  command->add_option("--queries", options->queries)->check(CLI::Range(1, 100'000));
  command->add_option("--repetitions", options->repetitions)->check(CLI::Range(1, 100));
  command->add_option("--seed", options->seed);
  command->callback([options, &done] { done = run_code_bench(*options); });
}

} // namespace grape::bench
