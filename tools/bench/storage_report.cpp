#include "tools/bench/storage_report.hpp"

#include "net/http/json_writer.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"

#include <cstdio>
#include <iostream>

namespace grape::bench {

namespace {

/// The figures that the project's mission names (row 3 of its list). No machine was named.
constexpr double writes_goal = 13'240;
constexpr double reads_goal = 42'018;
constexpr double saved_goal = 70;
constexpr double hits_goal = 85;

template <class... Values>
void line(std::ostream& to, const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  to << text << '\n';
}

double saved_percent(std::uint64_t now, std::uint64_t before) {
  return 100.0 * (1.0 - static_cast<double>(now) / static_cast<double>(before));
}

double mb(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

void print(std::ostream& to, const storage_bench_options& options,
           const storage_bench_result& result) {
  const auto& sizes = result.sizes;
  to << hardware_line() << ", " << file_system_of(result.folder) << '\n';
  line(to, "%llu words, 100 dimensions, 5 payload fields, 3 of them indexed; seed %llu",
       static_cast<unsigned long long>(sizes.points),
       static_cast<unsigned long long>(options.seed));
  line(to, "\nwrites: log, then store, one thread     points/s   mission");
  for (const auto& way : result.writes)
    line(to, "  %-28s %-7s %10.0f %9.0f", way.name.c_str(), way.synced ? "synced" : "", way.per_s(),
         writes_goal);
  line(to, "\nreads by id                             points/s   mission   cache hits   mission");
  for (const auto& way : result.reads)
    line(to, "  %-23s %5.1f MB cache %9.0f %9.0f %10.1f %% %7.0f %%", way.name.c_str(),
         mb(way.cache_bytes), way.per_s(), reads_goal, 100 * way.cache_hits, hits_goal);
  line(to, "\nsize of the %llu points                  MB      saved   mission",
       static_cast<unsigned long long>(sizes.points));
  line(to, "  as JSON, from a client           %8.2f", mb(sizes.json_bytes));
  line(to, "  as records                       %8.2f   %5.1f %%", mb(sizes.packed_bytes),
       saved_percent(sizes.packed_bytes, sizes.json_bytes));
  line(to, "  in the store, with field indexes %8.2f   %5.1f %%   %5.0f %%", mb(sizes.store_bytes),
       saved_percent(sizes.store_bytes, sizes.json_bytes), saved_goal);
  line(to, "  payloads as records              %8.2f   %5.1f %% of their JSON",
       mb(sizes.payload_packed_bytes),
       saved_percent(sizes.payload_packed_bytes, sizes.payload_bytes));
  line(to, "  the same in LZ4 frames of 100    %8.2f   %5.1f %% of their JSON   %5.0f %%",
       mb(sizes.payload_lz4_bytes), saved_percent(sizes.payload_lz4_bytes, sizes.payload_bytes),
       saved_goal);
}

void write_ways(http::json_writer& out, const storage_bench_result& result) {
  out.key("writes").open_array();
  for (const auto& way : result.writes)
    out.open_object().key("name").text(way.name).key("synced").boolean(way.synced)
      .key("points_per_entry").whole(way.points_per_entry)
      .key("entries_per_sync").whole(way.entries_per_sync)
      .key("points_per_s").number(way.per_s()).close_object();
  out.close_array().key("reads").open_array();
  for (const auto& way : result.reads)
    out.open_object().key("name").text(way.name).key("cache_bytes").whole(way.cache_bytes)
      .key("points_per_s").number(way.per_s())
      .key("cache_hits").number(way.cache_hits).close_object();
  out.close_array();
}

std::string json_of(const storage_bench_options& options, const storage_bench_result& result) {
  const auto& sizes = result.sizes;
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line());
  out.key("file_system").text(file_system_of(result.folder)).key("seed").whole(options.seed);
  write_ways(out, result);
  out.key("points").whole(sizes.points);
  out.key("json_bytes").whole(sizes.json_bytes).key("payload_bytes").whole(sizes.payload_bytes);
  out.key("packed_bytes").whole(sizes.packed_bytes).key("store_bytes").whole(sizes.store_bytes);
  out.key("payload_packed_bytes").whole(sizes.payload_packed_bytes);
  out.key("payload_lz4_bytes").whole(sizes.payload_lz4_bytes);
  out.key("mission").open_object().key("writes_per_s").number(writes_goal);
  out.key("reads_per_s").number(reads_goal).key("saved_percent").number(saved_goal);
  out.key("cache_hits_percent").number(hits_goal).close_object().close_object();
  return std::move(out).take();
}

} // namespace

status report(const storage_bench_options& options, const storage_bench_result& result) {
  print(options.json == "-" ? std::cerr : std::cout, options, result);
  return write_json_output(options.json, json_of(options, result));
}

} // namespace grape::bench
