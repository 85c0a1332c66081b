#include "tools/bench/segment_benches.hpp"

#include "tools/bench/hardware.hpp"
#include "tools/bench/segment_cache.hpp"
#include "tools/bench/stock_process.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"

#include <cstdio>
#include <filesystem>
#include <iostream>

namespace grape::bench {

namespace {

/// What one engine's build cost, and how good it is.
struct built {
  double cpu = 0;
  double wall = 0;
  curve found;
};

outcome<built> build_ours(const index_bench_options& options, const data_set& data,
                          const std::string& path) {
  const stopwatch watch;
  const process_stopwatch all;
  const auto segment = build_segment(options, data, path);
  if (!segment)
    return segment.error();
  built made{all.cpu(), watch.wall(), {}};
  for (const auto ef : options.efs)
    made.found.push_back(measure_segment(**segment, data, ef, options.k));
  return made;
}

outcome<built> build_stock(const index_bench_options& options, const data_set& data,
                           const std::string& path) {
  auto stock = start_stock(options, path);
  if (!stock)
    return std::move(stock).error();
  built made{stock->build_cpu, stock->build_wall, {}};
  for (const auto ef : options.efs) {
    auto passed = measure_stock(*stock, data, ef);
    if (!passed)
      return std::move(passed).error();
    made.found.push_back(*passed);
  }
  return made;
}

void print(const char* name, const built& one, double rows) {
  char line[160];
  std::snprintf(line, sizeof line, "%-14s %10.1f %10.1f %14.0f   ", name, one.cpu, one.wall,
                rows / one.cpu);
  std::cout << line;
  for (const auto& each : one.found) {
    std::snprintf(line, sizeof line, " %u: %.4f", each.ef, each.recall);
    std::cout << line;
  }
  std::cout << std::endl;
}

} // namespace

status run_build_bench(const index_bench_options& options) {
  const auto data = read_data_set(options.data, options.queries, true);
  if (!data)
    return data.error();
  const auto rows = static_cast<double>(data->base.rows());
  std::cout << hardware_line() << '\n'
            << data->base.rows() << " x " << data->base.width << ", " << to_string(options.kind)
            << ", m " << options.m << ", ef_construct " << options.ef_construct << ", "
            << thread_executor().width() << " threads each, in turn\n\n"
            << "engine            cpu s     wall s     rows/cpu s    ef: recall\n";
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    const auto path = cached_index(options, "building." + std::to_string(repetition));
    const auto ours = build_ours(options, *data, path);
    std::filesystem::remove(path);
    if (!ours)
      return ours.error();
    print("Grape", *ours, rows);
    const auto theirs = build_stock(options, *data, path);
    std::filesystem::remove(path);
    if (!theirs)
      return theirs.error();
    print("stock hnswlib", *theirs, rows);
    std::cout << "ratio " << theirs->cpu / ours->cpu << " by processor time" << std::endl;
  }
  return {};
}

} // namespace grape::bench
