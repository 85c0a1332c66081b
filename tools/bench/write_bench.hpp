#pragma once

#include "core/status.hpp"
#include "tools/bench/http_figures.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace grape::bench {

/// A database that takes durable writes over HTTP.
struct write_target {
  std::string url;            ///< Of the node that leads.
  std::vector<int> processes; ///< Whose processor time counts: all of its nodes on this machine.
};

/// What `grape-bench writes` is told.
struct write_bench_options {
  write_target grape;
  std::string collection; ///< Of one-dimensional vectors; exists.
  write_target etcd;      ///< Empty url: Grape is measured alone.
  std::vector<std::size_t> value_bytes{100, 4'096};
  std::vector<std::size_t> connections{1, 16, 64};
  double seconds = 3;     ///< Of each way, in each round.
  std::size_t rounds = 3; ///< In each, every way is measured once, the two in turn.
  double open_share = 0;  ///< Of what Grape took at most, in an open loop at the end; 0: not.
  std::string folder;     ///< Where the disk's own syncs are measured, before each round.
  std::uint64_t seed = 1;
  std::string json; ///< File to write; "-" for stdout; empty: none.
};

/// What one database reached in one way; a figure for each round.
struct write_figures {
  std::vector<load_figures> rounds;
  std::vector<double> cpu_us; ///< Of all its processes, per accepted write; empty if unknown.
};

/// One way of writing: so large values over so many connections.
struct write_way {
  std::size_t value_bytes = 0;
  std::size_t connections = 0;
  write_figures grape;
  write_figures etcd; ///< No rounds: not measured.
};

/// Grape's share of its greatest rate, offered whether or not it answers.
struct open_loop {
  std::size_t value_bytes = 0;
  std::size_t connections = 0;
  load_figures figures;
};

struct write_bench_result {
  std::vector<double> disk_syncs_per_s; ///< A figure for each round.
  std::vector<double> disk_sync_p99_ms;
  std::vector<double> machine_load; ///< Programs that wanted to run, over a minute.
  std::vector<write_way> ways;
  std::vector<open_loop> open; ///< One for each size of values, if asked for.
};

/// What was accepted in each round, per second.
std::vector<double> rates(const write_figures& of);

/// Loads both in a closed loop from one thread, one write a request, and prints what came of it.
/// Keys are drawn from 10,000; a value is a text of printable characters. Progress goes to stderr.
/// Errors: io_error; `internal` if a request was refused.
status run_write_bench(const write_bench_options& options);

/// Prints a table for a person (to stderr if stdout gets the JSON), and writes the JSON if asked.
status report(const write_bench_options& options, const write_bench_result& result);

} // namespace grape::bench
