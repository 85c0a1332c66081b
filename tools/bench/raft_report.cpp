#include "net/http/json_writer.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"
#include "tools/bench/raft_bench.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>

namespace grape::bench {

namespace {

constexpr double ticks_per_s = 10; ///< The default: one each 100 ms.

template <class... Values>
void line(std::ostream& to, const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  to << text << '\n';
}

void print(std::ostream& to, const raft_bench_result& result) {
  to << hardware_line() << ", " << file_system_of(result.folder) << '\n';
  to << "\nthree peers in memory, one thread        entries/s of its time        MB/s\n";
  for (const auto& way : result.cores)
    line(to, "  entries of %5zu bytes %30.0f %16.1f", way.entry_bytes, way.per_s(),
         way.per_s() * static_cast<double>(way.entry_bytes) / 1e6);
  line(to, "\ndurable log, entries of 100 bytes            entries/s     syncs/s");
  line(to, "  the disk alone, 4 KiB and fdatasync %28.0f", result.disk_syncs_per_s);
  for (const auto& way : result.logs)
    line(to, "  %4zu groups, one write each per sync %14.0f %11.0f", way.groups,
         static_cast<double>(way.entries) / way.seconds,
         static_cast<double>(way.syncs) / way.seconds);
  line(to, "\nidle, three replicas each, 10 ticks/s        %% of a core  messages/s");
  for (const auto& way : result.idle)
    line(to, "  %zu groups, %-22s %14.2f %11.0f", way.groups,
         way.hibernates ? "asleep" : "awake, heartbeats", 100 * way.cpu_s * ticks_per_s / way.ticks,
         static_cast<double>(way.messages) * ticks_per_s / way.ticks);
}

std::string json_of(const raft_bench_result& result) {
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line());
  out.key("file_system").text(file_system_of(result.folder));
  out.key("core").open_array();
  for (const auto& way : result.cores)
    out.open_object().key("entry_bytes").whole(way.entry_bytes)
      .key("entries_per_cpu_s").number(way.per_s()).close_object();
  out.close_array().key("disk_syncs_per_s").number(result.disk_syncs_per_s);
  out.key("log").open_array();
  for (const auto& way : result.logs)
    out.open_object().key("groups").whole(way.groups)
      .key("entries_per_s").number(static_cast<double>(way.entries) / way.seconds)
      .key("syncs_per_s").number(static_cast<double>(way.syncs) / way.seconds).close_object();
  out.close_array().key("idle").open_array();
  for (const auto& way : result.idle)
    out.open_object().key("groups").whole(way.groups).key("hibernates").boolean(way.hibernates)
      .key("core_percent").number(100 * way.cpu_s * ticks_per_s / way.ticks)
      .key("messages_per_s").number(static_cast<double>(way.messages) * ticks_per_s / way.ticks)
      .close_object();
  out.close_array().close_object();
  return std::move(out).take();
}

double milliseconds_at(std::vector<double> seconds, double share) {
  if (seconds.empty())
    return 0;
  std::sort(seconds.begin(), seconds.end());
  return 1e3
         * seconds[std::min(seconds.size() - 1,
                            static_cast<std::size_t>(static_cast<double>(seconds.size()) * share))];
}

void print_histogram(std::ostream& to, const char* title, const bucket_counts& counts) {
  line(to, "\n%s, %llu of them", title, static_cast<unsigned long long>(counts.count()));
  for (const auto& one : counts.buckets)
    if (one.count > 0)
      line(to, "  at most %8.1f ms %10llu %6.1f %%", 1e3 * one.at_most_s,
           static_cast<unsigned long long>(one.count),
           100.0 * static_cast<double>(one.count) / static_cast<double>(counts.count()));
}

void print(std::ostream& to, const raft_cluster_figures& of) {
  to << hardware_line() << '\n';
  line(to, "\nthree nodes, one shard of three replicas       p50 ms     p99 ms     rounds");
  for (const auto& [what, times] :
       {std::pair{"writes of one client", &of.write_s},
        std::pair{"leader killed, to a write answered", &of.failover_s}})
    line(to, "  %-38s %10.2f %10.2f %10zu", what, milliseconds_at(*times, 0.5),
         milliseconds_at(*times, 0.99), times->size());
  print_histogram(to, "proposal to commit, as the leader measured", of.commit);
  print_histogram(to, "without a leader, as the survivors measured", of.leaderless);
}

void write_histogram(http::json_writer& out, std::string_view name, const bucket_counts& counts) {
  out.key(name).open_array();
  for (const auto& one : counts.buckets) {
    out.open_object().key("at_most_s");
    if (std::isfinite(one.at_most_s))
      out.number(one.at_most_s);
    else
      out.text("+Inf");
    out.key("count").whole(one.count).close_object();
  }
  out.close_array();
}

std::string json_of(const raft_cluster_figures& of) {
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line());
  write_histogram(out, "commit", of.commit);
  write_histogram(out, "leaderless", of.leaderless);
  for (const auto& [what, times] : {std::pair{"write_s", &of.write_s},
                                    std::pair{"failover_s", &of.failover_s}}) {
    out.key(what).open_array();
    for (const auto took : *times)
      out.number(took);
    out.close_array();
  }
  out.close_object();
  return std::move(out).take();
}

} // namespace

status report(const raft_bench_options& options, const raft_cluster_figures& figures) {
  print(options.json == "-" ? std::cerr : std::cout, figures);
  return write_json_output(options.json, json_of(figures));
}

status report(const raft_bench_options& options, const raft_bench_result& result) {
  print(options.json == "-" ? std::cerr : std::cout, result);
  return write_json_output(options.json, json_of(result));
}

} // namespace grape::bench
