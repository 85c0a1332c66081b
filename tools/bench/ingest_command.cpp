#include "tools/bench/ingest_command.hpp"

#include "tools/bench/ingest_bench.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_ingest(CLI::App& to, status& done) {
  const auto options = std::make_shared<ingest_options>();
  auto* command = to.add_subcommand(
      "ingest", "searches while rows are uploaded and indexed, on a node of its own");
  command->add_option("data", options->data,
                      "prefix of .base.fvecs and .query.fvecs; if not given, one is made");
  command->add_option("--rows", options->rows, "the first so many")
      ->check(CLI::Range(1'000, 100'000'000));
  command->add_option("--dimension", options->dimension, "of the data that is made")
      ->check(CLI::Range(1, 65'536));
  command->add_option("--batch", options->batch, "rows per request")->check(CLI::Range(1, 100'000));
  command->add_option("--upload-connections", options->upload_connections)
      ->check(CLI::Range(1, 64));
  command->add_flag("!--no-wait", options->wait, "rows are acknowledged once they are in the log");
  command->add_option("--share", options->share, "rate of the searches, of the idle capacity")
      ->check(CLI::Range(0.01, 1.0));
  command->add_option("--seconds", options->idle_seconds, "of searches without an upload")
      ->check(CLI::Range(1.0, 3600.0));
  command->add_option("--connections", options->connections, "of the searches")
      ->check(CLI::Range(1, 20'000));
  command->add_option("--folder", options->folder, "where the node's data is put meanwhile");
  command->add_option("--seed", options->seed);
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->add_option("--svg", options->svg, "write a plot of the latency over time");
  command->callback([options, &done] { done = run_ingest_bench(*options); });
}

} // namespace grape::bench
