#include "tools/bench/write_command.hpp"

#include "tools/bench/write_bench.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace grape::bench {

void add_writes(CLI::App& to, status& done) {
  const auto options = std::make_shared<write_bench_options>();
  auto* command = to.add_subcommand(
      "writes", "durable writes to running nodes, beside etcd's; tools/compare-etcd starts both");
  command->add_option("--grape", options->grape.url, "the node that leads")->required();
  command->add_option("--collection", options->collection, "of one-dimensional vectors")
      ->required();
  command->add_option("--etcd", options->etcd.url, "the member that leads; if not given, no etcd");
  command->add_option("--grape-pids", options->grape.processes, "to read their processor time")
      ->delimiter(',');
  command->add_option("--etcd-pids", options->etcd.processes)->delimiter(',');
  command->add_option("--bytes", options->value_bytes, "sizes of the values")
      ->delimiter(',')
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--connections", options->connections)
      ->delimiter(',')
      ->check(CLI::Range(1, 20'000));
  command->add_option("--seconds", options->seconds, "for each way, in each round")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_option("--rounds", options->rounds)->check(CLI::Range(1, 1'000));
  command
      ->add_option("--open-loop", options->open_share,
                   "then offer this share of Grape's greatest rate, answered or not")
      ->check(CLI::Range(0.01, 1.0));
  command->add_option("--folder", options->folder, "on the disk whose own syncs are measured")
      ->required();
  command->add_option("--seed", options->seed);
  command->add_option("--json", options->json, "write the result as JSON; - for stdout");
  command->callback([options, &done] { done = run_write_bench(*options); });
}

} // namespace grape::bench
