#include "net/http/json_writer.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"
#include "tools/bench/raft_bench.hpp"

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

} // namespace

status report(const raft_bench_options& options, const raft_bench_result& result) {
  print(options.json == "-" ? std::cerr : std::cout, result);
  return write_json_output(options.json, json_of(result));
}

} // namespace grape::bench
