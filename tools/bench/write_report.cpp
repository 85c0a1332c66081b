#include "net/http/json_writer.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"
#include "tools/bench/write_bench.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace grape::bench {

namespace {

template <class... Values>
void line(std::ostream& to, const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  to << text << '\n';
}

double per_s(const load_figures& of) {
  return of.accepted_per_s;
}

double p50_ms(const load_figures& of) {
  return of.accepted.p50_ms;
}

double p99_ms(const load_figures& of) {
  return of.accepted.p99_ms;
}

using figure = double (*)(const load_figures&);

std::vector<double> each(const write_figures& of, figure which) {
  std::vector<double> all;
  for (const auto& round : of.rounds)
    all.push_back(which(round));
  return all;
}

/// Of Grape to etcd, round by round: both were measured within seconds of each other.
double ratio(const write_way& way, figure which) {
  std::vector<double> all;
  for (std::size_t i = 0; i < std::min(way.grape.rounds.size(), way.etcd.rounds.size()); ++i)
    all.push_back(which(way.grape.rounds[i]) / which(way.etcd.rounds[i]));
  return *median(std::move(all));
}

/// If that is near one, it was the generator that was measured.
double busiest_generator(const write_bench_result& result) {
  double cores = 0;
  for (const auto& way : result.ways)
    for (const auto* figures : {&way.grape, &way.etcd})
      for (const auto& round : figures->rounds)
        cores = std::max(cores, round.generator_cores);
  return cores;
}

void print_row(std::ostream& to, const write_way& way, const char* name,
               const write_figures& figures) {
  const auto all = rates(figures);
  line(to, "  %5zu %6zu  %-6s %9.0f %7.0f-%-7.0f %8.2f %8.2f %12.0f", way.value_bytes,
       way.connections, name, *median(all), *std::min_element(all.begin(), all.end()),
       *std::max_element(all.begin(), all.end()), *median(each(figures, p50_ms)),
       *median(each(figures, p99_ms)), median(figures.cpu_us).value_or(0));
}

void print_open_loop(std::ostream& to, const open_loop& one) {
  const auto& figures = one.figures;
  line(to,
       "  %5zu %6zu  grape, open loop: %.0f of %.0f writes/s, p50 %.2f ms, p99 %.2f ms, "
       "%llu unanswered",
       one.value_bytes, one.connections, figures.accepted_per_s, figures.offered_per_s,
       figures.accepted.p50_ms, figures.accepted.p99_ms,
       static_cast<unsigned long long>(figures.unanswered));
}

void print(std::ostream& to, const write_bench_options& options, const write_bench_result& result) {
  to << hardware_line() << ", " << file_system_of(options.folder) << '\n';
  const auto& loads = result.machine_load;
  line(to, "load of the machine before each round: %.1f to %.1f",
       *std::min_element(loads.begin(), loads.end()),
       *std::max_element(loads.begin(), loads.end()));
  line(to, "the disk alone, 4 KiB and fdatasync: %.0f syncs/s, p99 %.2f ms",
       *median(result.disk_syncs_per_s), *median(result.disk_sync_p99_ms));
  line(to, "medians of %zu rounds of %.1f s; CPU is of all nodes of it, per write", options.rounds,
       options.seconds);
  line(to, "this program used at most %.2f cores", busiest_generator(result));
  to << "\n  bytes  conns           writes/s      min-max      p50 ms   p99 ms   CPU us/write\n";
  for (const auto& way : result.ways) {
    print_row(to, way, "grape", way.grape);
    if (way.etcd.rounds.empty())
      continue;
    print_row(to, way, "etcd", way.etcd);
    line(to, "  %-21s %9.2f %15s %8.2f %8.2f %12.2f", "  grape to etcd", ratio(way, per_s), "",
         ratio(way, p50_ms), ratio(way, p99_ms),
         way.etcd.cpu_us.empty() || way.grape.cpu_us.empty()
             ? 0
             : *median(way.grape.cpu_us) / *median(way.etcd.cpu_us));
  }
  for (const auto& one : result.open)
    print_open_loop(to, one);
}

void write_list(http::json_writer& out, const char* name, const std::vector<double>& values) {
  out.key(name).open_array();
  for (const auto value : values)
    out.number(value);
  out.close_array();
}

void write_one(http::json_writer& out, const char* name, const write_figures& figures) {
  out.key(name).open_object();
  write_list(out, "writes_per_s", rates(figures));
  write_list(out, "p50_ms", each(figures, p50_ms));
  write_list(out, "p99_ms", each(figures, p99_ms));
  write_list(out, "cpu_us", figures.cpu_us);
  out.close_object();
}

std::string json_of(const write_bench_options& options, const write_bench_result& result) {
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line());
  out.key("file_system").text(file_system_of(options.folder));
  write_list(out, "disk_syncs_per_s", result.disk_syncs_per_s);
  write_list(out, "disk_sync_p99_ms", result.disk_sync_p99_ms);
  write_list(out, "machine_load", result.machine_load);
  out.key("ways").open_array();
  for (const auto& way : result.ways) {
    out.open_object().key("bytes").whole(way.value_bytes);
    out.key("connections").whole(way.connections);
    write_one(out, "grape", way.grape);
    if (!way.etcd.rounds.empty())
      write_one(out, "etcd", way.etcd);
    out.close_object();
  }
  out.close_array().key("open_loop").open_array();
  for (const auto& [value_bytes, connections, figures] : result.open) {
    out.open_object().key("bytes").whole(value_bytes).key("connections").whole(connections);
    out.key("offered_per_s").number(figures.offered_per_s);
    out.key("p50_ms").number(figures.accepted.p50_ms);
    out.key("p99_ms").number(figures.accepted.p99_ms).close_object();
  }
  out.close_array().close_object();
  return std::move(out).take();
}

} // namespace

std::vector<double> rates(const write_figures& of) {
  return each(of, per_s);
}

status report(const write_bench_options& options, const write_bench_result& result) {
  print(options.json == "-" ? std::cerr : std::cout, options, result);
  return write_json_output(options.json, json_of(options, result));
}

} // namespace grape::bench
