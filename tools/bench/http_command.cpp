#include "tools/bench/http_command.hpp"

#include "tools/bench/http_bench.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_http(CLI::App& to, status& done) {
  const auto options = std::make_shared<http_bench_options>();
  auto* command = to.add_subcommand("http", "load a running node over HTTP, in an open loop");
  command->add_option("--url", options->url, "the node; http://127.0.0.1:6333 if not given");
  command->add_option("--collection", options->collection,
                      "ask this one; if not given, the shipped words are stored, asked, compared "
                      "with a search in this process, and removed");
  command->add_option("--sample", options->sample, "folder of the shipped words");
  command->add_option("--rate", options->rate, "queries per second; else half of the capacity")
    ->check(CLI::Range(0.1, 1e6));
  command->add_option("--seconds", options->seconds)->check(CLI::Range(0.5, 3600.0));
  command->add_option("--connections", options->connections)->check(CLI::Range(1, 20'000));
  command->add_flag("--ramp", options->ramp, "look for the capacity, in a closed loop");
  command->add_option("--limit", options->how.limit)->check(CLI::Range(1, 10'000));
  command->add_option("--ef", options->how.ef)->check(CLI::Range(1, 10'000));
  command->add_flag("--exact", options->how.exact, "brute force");
  command->add_option("--pid", options->process, "the node's process, to read its processor time");
  command->add_option("--seed", options->seed);
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->callback([options, &done] { done = run_http_bench(*options); });
}

} // namespace grape::bench
