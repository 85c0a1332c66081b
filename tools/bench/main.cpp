#include "tools/bench/code_command.hpp"
#include "tools/bench/common_options.hpp"
#include "tools/bench/http_command.hpp"
#include "tools/bench/index_bench.hpp"
#include "tools/bench/ingest_command.hpp"
#include "tools/bench/parse_command.hpp"
#include "tools/bench/raft_command.hpp"
#include "tools/bench/segment_benches.hpp"
#include "tools/bench/sparse_command.hpp"
#include "tools/bench/storage_command.hpp"
#include "tools/bench/thread_executor.hpp"
#include "tools/bench/truth.hpp"
#include "tools/bench/vector_files.hpp"
#include "tools/bench/write_command.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

using namespace grape;

namespace {

struct truth_options {
  std::string data;
  metric kind = metric::cosine;
  std::size_t k = 100;
};

struct synthetic_options {
  std::string data;
  metric kind = metric::cosine;
  std::size_t rows = 10'000;
  std::size_t queries = 200;
  std::size_t dimension = 64;
  std::uint64_t seed = 1;
};

status make_truth(const truth_options& options) {
  const auto data = bench::read_data_set(options.data, static_cast<std::size_t>(-1), false);
  if (!data)
    return data.error();
  bench::thread_executor threads;
  return bench::write_ivecs(
    options.data + ".gt.ivecs",
    bench::exact_neighbours(data->base, data->queries, options.kind, options.k, threads));
}

status make_synthetic(const synthetic_options& options) {
  const auto made = bench::synthetic(options.rows, options.queries, options.dimension,
                                     options.kind, options.seed);
  if (auto written = bench::write_fvecs(options.data + ".base.fvecs", made.base); !written.ok())
    return written;
  return bench::write_fvecs(options.data + ".query.fvecs", made.queries);
}

/// The yardsticks lie beside this program.
std::string stock_program(const std::string& engine) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / ("stock_" + engine)).string();
}

CLI::App* add_index(CLI::App& to, bench::index_bench_options& options, bool& alone) {
  auto* command = to.add_subcommand("index", "one segment against stock hnswlib, one thread each");
  command->add_option("data", options.data, "prefix of .base.fvecs, .query.fvecs, .gt.ivecs")
    ->required();
  bench::add_metric(*command, options.kind);
  command->add_option("--against", options.stock, "hnswlib, or faiss if it was built")
    ->check(CLI::IsMember({"hnswlib", "faiss"}));
  command->add_option("--queries", options.queries, "use the first so many queries");
  command->add_option("--m", options.m, "links per row");
  command->add_option("--ef-construct", options.ef_construct, "candidates per insertion");
  command->add_option("--ef", options.efs, "the values of ef to measure, ascending")
    ->delimiter(',');
  command->add_option("--repetitions", options.repetitions)->check(CLI::Range(1, 100));
  command->add_option("--threads", options.threads, "also: how searches on so many threads scale")
    ->check(CLI::Range(1, 256));
  bench::add_isa(*command, options.with);
  bench::add_code(*command, options.code);
  command->add_option("--cache", options.cache, "folder for built indexes (beside the data)");
  command->add_option("--json", options.json, "write the result as JSON; - for stdout");
  command->add_option("--svg", options.svg, "write a plot of recall against queries/s");
  command->add_flag("--alone", alone, "measure Grape only");
  return command;
}

CLI::App* add_truth(CLI::App& to, truth_options& options) {
  auto* command = to.add_subcommand("truth", "compute PREFIX.gt.ivecs by brute force");
  command->add_option("data", options.data, "prefix of .base.fvecs and .query.fvecs")->required();
  bench::add_metric(*command, options.kind);
  command->add_option("--k", options.k, "neighbours per query")->check(CLI::Range(1, 10'000));
  return command;
}

CLI::App* add_synthetic(CLI::App& to, synthetic_options& options) {
  auto* command = to.add_subcommand("synthetic", "make a clustered random data set");
  command->add_option("data", options.data, "prefix of the files to write")->required();
  bench::add_metric(*command, options.kind);
  command->add_option("--rows", options.rows)->check(CLI::Range(1, 100'000'000));
  command->add_option("--queries", options.queries)->check(CLI::Range(1, 1'000'000));
  command->add_option("--dimension", options.dimension)->check(CLI::Range(1, 65'536));
  command->add_option("--seed", options.seed);
  return command;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"grape-bench: measures Grape. Exit code 0: done; 1: it failed; 2: wrong usage."};
  app.require_subcommand(1);
  bench::index_bench_options index;
  bool alone = false;
  truth_options truth;
  synthetic_options synthetic;
  const auto* index_command = add_index(app, index, alone);
  const auto* truth_command = add_truth(app, truth);
  const auto* synthetic_command = add_synthetic(app, synthetic);
  status done;
  bench::add_codes(app, done);
  bench::add_http(app, done);
  bench::add_storage(app, done);
  bench::add_ingest(app, done);
  bench::add_parse(app, done);
  bench::add_raft(app, done);
  bench::add_sparse(app, done);
  bench::add_segment_benches(app, stock_program("hnswlib"), done);
  bench::add_writes(app, done);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!alone)
    index.stock_program = stock_program(index.stock);
  if (index_command->parsed())
    done = bench::run_index_bench(index);
  else if (truth_command->parsed())
    done = make_truth(truth);
  else if (synthetic_command->parsed())
    done = make_synthetic(synthetic);
  if (done.ok())
    return 0;
  std::cerr << "grape-bench: " << to_string(done) << '\n';
  return 1;
}
