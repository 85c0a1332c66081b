#include "tools/bench/raft_bench.hpp"

#include "core/storage/log_file.hpp"
#include "tools/bench/disk_syncs.hpp"
#include "tools/bench/raft_peers.hpp"
#include "tools/bench/stopwatch.hpp"

#include <unistd.h>

#include <filesystem>
#include <iostream>

namespace grape::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t proposals_per_round = 64;
constexpr std::size_t idle_groups = 1'000;
constexpr int idle_ticks = 200;

raft::payload payload_of(std::size_t bytes) {
  return std::make_shared<const std::string>(bytes, 'x');
}

core_figures measure_core(std::size_t entry_bytes, double seconds) {
  core_figures figures{entry_bytes, 0, 0};
  three_peers group(1, 0);
  group.elect();
  const auto data = payload_of(entry_bytes);
  const auto before = group.applied();
  const stopwatch clock;
  while (clock.wall() < seconds) {
    for (std::size_t i = 0; i < proposals_per_round; ++i)
      GRAPE_CHECK(std::holds_alternative<raft::appended>(group.leader().propose(data)));
    group.settle();
  }
  figures.cpu_s = clock.cpu();
  figures.entries = group.applied() - before;
  return figures;
}

outcome<log_figures> measure_log(const std::string& folder, std::size_t groups, double seconds) {
  auto log = storage::log_file::open(storage::posix_file_system(),
                                     folder + "/log-of-" + std::to_string(groups), {});
  if (!log)
    return log.error();
  log_figures figures{groups, 0, 0, 0};
  const auto data = payload_of(100);
  const stopwatch clock;
  for (; clock.wall() < seconds; ++figures.syncs) {
    const log_index next{figures.syncs + 1};
    std::vector<storage::group_write> batch;
    for (std::uint32_t group = 0; group < groups; ++group) {
      storage::group_write each{group_id{group}, {}, {}};
      each.what.state = {term{1}, replica_id{1}, log_index{figures.syncs}};
      each.what.entries = {{next, term{1}, raft::entry_kind::normal, data}};
      batch.push_back(std::move(each));
    }
    if (auto written = (*log)->write(batch); !written.ok())
      return written;
    figures.entries += groups;
  }
  figures.seconds = clock.wall();
  return figures;
}

idle_figures measure_idle(std::uint32_t hibernate_after_ticks) {
  std::vector<std::unique_ptr<three_peers>> groups;
  for (std::size_t i = 0; i < idle_groups; ++i) {
    groups.push_back(std::make_unique<three_peers>(i, hibernate_after_ticks));
    groups.back()->elect();
  }
  // Long enough for every group that may to fall asleep.
  for (int tick = 0; tick < 100; ++tick)
    for (auto& group : groups)
      group->tick();
  const auto sent = [&] {
    std::uint64_t sum = 0;
    for (const auto& group : groups)
      sum += group->messages();
    return sum;
  };
  const auto before = sent();
  const stopwatch clock;
  for (int tick = 0; tick < idle_ticks; ++tick)
    for (auto& group : groups)
      group->tick();
  return {hibernate_after_ticks > 0, idle_groups, idle_ticks, clock.cpu(), sent() - before};
}

status measure(const raft_bench_options& options, raft_bench_result& result) {
  for (const std::size_t bytes : {100u, 4'096u}) {
    std::cerr << "three peers: entries of " << bytes << " bytes\n";
    result.cores.push_back(measure_core(bytes, options.seconds));
  }
  std::cerr << "the disk\n";
  const auto syncs = measure_disk_syncs(result.folder, options.seconds);
  if (!syncs)
    return syncs.error();
  result.disk_syncs_per_s = static_cast<double>(syncs->size()) / options.seconds;
  for (const std::size_t groups : {1u, 16u, 256u}) {
    std::cerr << "the log: " << groups << " groups\n";
    const auto figures = measure_log(result.folder, groups, options.seconds);
    if (!figures)
      return figures.error();
    result.logs.push_back(*figures);
  }
  std::cerr << "idle groups\n";
  for (const std::uint32_t hibernate_after : {0u, 20u})
    result.idle.push_back(measure_idle(hibernate_after));
  return report(options, result);
}

status measure_nodes(const raft_bench_options& options, const std::string& folder) {
  const auto figures = measure_raft_cluster({folder + "/dev", options.seconds, options.kills});
  return figures ? report(options, *figures) : figures.error();
}

} // namespace

status run_raft_bench(const raft_bench_options& options) {
  const auto above = options.folder.empty() ? fs::temp_directory_path() : fs::path(options.folder);
  raft_bench_result result;
  result.folder = (above / ("grape-bench-raft-" + std::to_string(::getpid()))).string();
  std::error_code error;
  fs::create_directories(result.folder, error);
  if (error)
    return {errc::io_error, result.folder + ": " + error.message()};
  auto done = options.cluster ? measure_nodes(options, result.folder) : measure(options, result);
  fs::remove_all(result.folder, error);
  return done;
}

} // namespace grape::bench
