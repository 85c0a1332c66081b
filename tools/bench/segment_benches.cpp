#include "tools/bench/segment_benches.hpp"

#include "tools/bench/common_options.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

namespace {

using run_function = status (*)(const index_bench_options&);

CLI::App* add(CLI::App& to, const char* name, const char* text, run_function run,
              const std::shared_ptr<index_bench_options>& options, status& done) {
  auto* command = to.add_subcommand(name, text);
  command->add_option("data", options->data, "prefix of a data set")->required();
  add_metric(*command, options->kind);
  command->add_option("--m", options->m, "links per row");
  command->add_option("--ef-construct", options->ef_construct, "candidates per insertion");
  command->add_option("--cache", options->cache, "folder for built indexes (beside the data)");
  command->callback([options, run, &done] { done = run(*options); });
  return command;
}

void add_searches(CLI::App& to, index_bench_options& options) {
  to.add_option("--queries", options.queries, "use the first so many queries");
  to.add_option("--ef", options.efs, "candidates that a walk keeps")->delimiter(',');
  to.add_option("--repetitions", options.repetitions)->check(CLI::Range(1, 100));
  add_code(to, options.code);
  add_isa(to, options.with);
}

} // namespace

void add_segment_benches(CLI::App& to, const std::string& stock_program, status& done) {
  add(to, "memory", "what a segment takes per row, code by code", run_memory_bench,
      std::make_shared<index_bench_options>(), done);
  const auto mapped = std::make_shared<index_bench_options>();
  mapped->efs = {64, 128, 256, 512};
  add_searches(*add(to, "mapped", "search a built segment whose vectors stay in its file",
                    run_mapped_bench, mapped, done),
               *mapped);
  const auto filter = std::make_shared<index_bench_options>();
  filter->queries = 300;
  filter->efs = {128};
  add_searches(*add(to, "filter", "searches with filters against a scan over codes",
                    run_filter_bench, filter, done),
               *filter);
  const auto build = std::make_shared<index_bench_options>();
  build->stock_program = stock_program;
  build->repetitions = 1;
  build->efs = {40, 80, 160, 320};
  add_searches(*add(to, "build", "build in turn with stock hnswlib", run_build_bench, build, done),
               *build);
}

} // namespace grape::bench
