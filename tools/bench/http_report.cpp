#include "tools/bench/http_report.hpp"

#include "net/http/json_writer.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"

#include <algorithm>
#include <cmath>
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

void print_load(std::ostream& to, const http_bench_result& result) {
  const auto& load = result.load;
  line(to, "\nopen loop, %.0f queries/s on average, %.1f s", result.rate, load.seconds);
  line(to, "  accepted   %10.0f queries/s", load.accepted_per_s);
  line(to, "  latency    p50 %.2f ms   p90 %.2f ms   p99 %.2f ms   p99.9 %.2f ms   max %.2f ms",
       load.accepted.p50_ms, load.accepted.p90_ms, load.accepted.p99_ms, load.accepted.p999_ms,
       load.accepted.max_ms);
  for (const auto& [status, count] : load.by_status)
    line(to, "  %-10s %10llu answers", status == 0 ? "broken" : std::to_string(status).c_str(),
         static_cast<unsigned long long>(count));
  if (load.unanswered > 0)
    line(to, "  unanswered %10llu", static_cast<unsigned long long>(load.unanswered));
  line(to, "  this program used %.2f cores", load.generator_cores);
}

void print_ramp(std::ostream& to, const http_bench_result& result) {
  if (result.ramp.empty())
    return;
  to << "\nclosed loop\n  connections   queries/s   p50 ms   p99 ms\n";
  for (const auto& step : result.ramp)
    line(to, "  %11zu %11.0f %8.2f %8.2f", step.connections, step.figures.accepted_per_s,
         step.figures.accepted.p50_ms, step.figures.accepted.p99_ms);
  line(to, "  capacity %.0f queries/s", result.capacity_per_s);
}

/// Those that matter, the busiest first.
void print_threads(std::ostream& to, const http_bench_result& result) {
  std::vector<std::pair<double, std::string>> busy;
  for (const auto& [name, us] : result.server_cpu_us_by_thread)
    if (us >= 0.5)
      busy.emplace_back(us, name);
  std::sort(busy.rbegin(), busy.rend());
  if (busy.empty())
    return;
  to << "server CPU per query by thread:";
  for (const auto& [us, name] : busy)
    to << "  " << name << ' ' << std::lround(us) << " us";
  to << '\n';
}

void print_costs(std::ostream& to, const http_bench_result& result) {
  if (!result.server_cpu_us) {
    to << "\nthe node's process is not to be seen from here (--pid): no processor times\n";
    return;
  }
  line(to, "\nthe node uses %.3f cores when nobody asks, %.0f MiB resident after the load",
       result.idle_cores.value_or(0),
       static_cast<double>(result.resident_bytes.value_or(0)) / (1024.0 * 1024.0));
  print_threads(to, result);
  if (!result.breakdown) {
    line(to, "server CPU per query %.1f us", *result.server_cpu_us);
    return;
  }
  const auto& parts = *result.breakdown;
  const auto& bare = parts.bare;
  const auto way = *result.server_cpu_us - bare.search_us;
  const auto rest = way - parts.null_us - bare.json_in_us - bare.json_out_us;
  line(to, "server CPU per query %.1f us = bare search %.1f us + the way %.1f us",
       *result.server_cpu_us, bare.search_us, way);
  line(to, "  the way, by parts measured apart:");
  line(to, "    %6.1f us  HTTP: GET /livez over the same connections at the same rate",
       parts.http_us);
  line(to, "    %6.1f us  the node: plan, search thread, merge; a query over one point, less HTTP",
       parts.null_us - parts.http_us);
  line(to, "    %6.1f us  JSON in: decoding the body", bare.json_in_us);
  line(to, "    %6.1f us  JSON out: encoding the answer", bare.json_out_us);
  line(to, "    %6.1f us  the rest: larger messages, colder caches; less what was counted twice",
       rest);
  line(to, "recall@10 of these queries: %.3f", parts.recall);
}

void write_latencies(http::json_writer& out, const latency_figures& of) {
  out.key("p50_ms").number(of.p50_ms).key("p90_ms").number(of.p90_ms);
  out.key("p99_ms").number(of.p99_ms).key("p999_ms").number(of.p999_ms);
  out.key("max_ms").number(of.max_ms);
}

void write_load(http::json_writer& out, const load_figures& load) {
  out.open_object().key("seconds").number(load.seconds);
  out.key("offered_per_s").number(load.offered_per_s);
  out.key("accepted_per_s").number(load.accepted_per_s);
  write_latencies(out, load.accepted);
  out.key("by_status").open_object();
  for (const auto& [status, count] : load.by_status)
    out.key(std::to_string(status)).whole(count);
  out.close_object();
  out.key("without_retry_after").whole(load.without_retry_after);
  out.key("unanswered").whole(load.unanswered);
  out.key("generator_cores").number(load.generator_cores);
  out.key("slices").open_array();
  for (const auto& slice : load.slices)
    out.open_object().key("accepted").whole(slice.accepted).key("refused").whole(slice.refused)
      .key("p99_ms").number(slice.p99_ms).close_object();
  out.close_array().close_object();
}

void write_costs(http::json_writer& out, const http_bench_result& result) {
  if (!result.server_cpu_us)
    return;
  out.key("server_cpu_us").number(*result.server_cpu_us);
  out.key("idle_cores").number(result.idle_cores.value_or(0));
  out.key("resident_bytes").whole(result.resident_bytes.value_or(0));
  out.key("server_cpu_us_by_thread").open_object();
  for (const auto& [name, us] : result.server_cpu_us_by_thread)
    out.key(name).number(us);
  out.close_object();
  if (!result.breakdown)
    return;
  const auto& parts = *result.breakdown;
  out.key("bare_search_us").number(parts.bare.search_us);
  out.key("way_us").number(*result.server_cpu_us - parts.bare.search_us);
  out.key("http_us").number(parts.http_us);
  out.key("one_point_us").number(parts.null_us);
  out.key("json_in_us").number(parts.bare.json_in_us);
  out.key("json_out_us").number(parts.bare.json_out_us);
  out.key("recall_at_10").number(parts.recall);
}

std::string json_of(const http_bench_options& options, const http_bench_result& result) {
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line());
  out.key("url").text(options.url).key("collection").text(options.collection);
  out.key("points").whole(result.points).key("segments").whole(result.segments);
  out.key("limit").whole(options.how.limit).key("ef").whole(options.how.ef.value_or(0));
  out.key("exact").boolean(options.how.exact);
  out.key("connections").whole(options.connections).key("seed").whole(options.seed);
  out.key("capacity_per_s").number(result.capacity_per_s).key("rate").number(result.rate);
  out.key("ramp").open_array();
  for (const auto& step : result.ramp)
    out.open_object().key("connections").whole(step.connections)
      .key("accepted_per_s").number(step.figures.accepted_per_s)
      .key("p99_ms").number(step.figures.accepted.p99_ms).close_object();
  out.close_array().key("load");
  write_load(out, result.load);
  write_costs(out, result);
  out.close_object();
  return std::move(out).take();
}

} // namespace

status report(const http_bench_options& options, const http_bench_result& result) {
  auto& to = options.json == "-" ? std::cerr : std::cout;
  to << hardware_line() << '\n';
  line(to, "%llu points, %llu segments, limit %zu, %s, seed %llu",
       static_cast<unsigned long long>(result.points),
       static_cast<unsigned long long>(result.segments), options.how.limit,
       options.how.exact ? "exact"
       : options.how.ef  ? ("ef " + std::to_string(*options.how.ef)).c_str()
                         : "ef chosen by the node",
       static_cast<unsigned long long>(options.seed));
  print_ramp(to, result);
  print_load(to, result);
  print_costs(to, result);
  return write_json_output(options.json, json_of(options, result));
}

} // namespace grape::bench
