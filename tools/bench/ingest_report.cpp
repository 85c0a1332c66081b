#include "tools/bench/ingest_report.hpp"

#include "net/http/json_writer.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/json_output.hpp"
#include "tools/bench/latency_plot.hpp"

#include <cstdio>
#include <iostream>

namespace grape::bench {

namespace {

template <class... Values>
void line(std::ostream& to, const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof text, format, values...);
  to << text << '\n';
}

void print_latency(std::ostream& to, const char* when, const latency_figures& of,
                   const latency_figures& idle) {
  const auto ratio = idle.p95_ms > 0 ? 1 / idle.p95_ms : 0;
  line(to,
       "  %-16s %8llu searches, p50 %7.3f  p95 %7.3f  p99 %7.3f  max %8.3f ms"
       "  = %.2f, %.2f, %.2f of idle p95",
       when, static_cast<unsigned long long>(of.count), of.p50_ms, of.p95_ms, of.p99_ms, of.max_ms,
       of.p50_ms * ratio, of.p95_ms * ratio, of.p99_ms * ratio);
}

void print(std::ostream& to, const ingest_options& options, const ingest_result& of) {
  to << hardware_line() << '\n';
  line(to, "%zu x %zu, %zu rows a request over %zu connections, %s, seed %llu", of.rows,
       of.dimension, options.batch, options.upload_connections,
       options.wait ? "wait=true" : "wait=false", static_cast<unsigned long long>(options.seed));
  line(to, "searches: capacity %.0f/s, offered %.0f/s in an open loop", of.capacity_per_s, of.rate);
  print_latency(to, "idle", of.idle, of.idle);
  print_latency(to, "while uploading", of.uploading, of.idle);
  print_latency(to, "then, indexing", of.indexing, of.idle);
  print_latency(to, "both", of.whole, of.idle);
  line(to, "  %llu refused, %llu unanswered", static_cast<unsigned long long>(of.refused),
       static_cast<unsigned long long>(of.unanswered));
  line(to, "upload: %.0f rows/s without searches, %.0f with them = %.2f; %llu requests sent again",
       of.alone_rows_per_s, of.loaded_rows_per_s, of.loaded_rows_per_s / of.alone_rows_per_s,
       static_cast<unsigned long long>(of.retries));
  line(to, "index lag at the last row: %llu rows, gone %.1f s later",
       static_cast<unsigned long long>(of.lag_rows), of.indexed_s - of.upload_s);
  line(to,
       "rows: %llu counted, %llu missing; of 200 searched for, exactly %.1f %%, by graph %.1f %%"
       " found",
       static_cast<unsigned long long>(of.counted), static_cast<unsigned long long>(of.missing),
       100 * of.found_exact, 100 * of.found);
}

void write(http::json_writer& out, const char* name, const latency_figures& of) {
  out.key(name).open_object().key("count").whole(of.count);
  out.key("p50_ms").number(of.p50_ms).key("p95_ms").number(of.p95_ms);
  out.key("p99_ms").number(of.p99_ms).key("max_ms").number(of.max_ms).close_object();
}

void write_course(http::json_writer& out, const ingest_result& of) {
  out.key("slices").open_array();
  for (const auto& slice : of.slices)
    out.open_object()
        .key("at_s")
        .number(slice.at_s)
        .key("count")
        .whole(slice.latency.count)
        .key("p50_ms")
        .number(slice.latency.p50_ms)
        .key("p95_ms")
        .number(slice.latency.p95_ms)
        .key("p99_ms")
        .number(slice.latency.p99_ms)
        .close_object();
  out.close_array().key("progress").open_array();
  for (const auto& one : of.progress)
    out.open_object()
        .key("at_s")
        .number(one.at_s)
        .key("points")
        .whole(one.points)
        .key("indexed")
        .whole(one.indexed)
        .close_object();
  out.close_array();
}

std::string json_of(const ingest_options& options, const ingest_result& of) {
  http::json_writer out;
  out.open_object().key("machine").text(hardware_line()).key("data").text(options.data);
  out.key("rows").whole(of.rows).key("dimension").whole(of.dimension);
  out.key("batch").whole(options.batch).key("wait").boolean(options.wait);
  out.key("upload_connections").whole(options.upload_connections).key("seed").whole(options.seed);
  out.key("capacity_per_s").number(of.capacity_per_s).key("rate").number(of.rate);
  write(out, "idle", of.idle);
  write(out, "uploading", of.uploading);
  write(out, "indexing", of.indexing);
  write(out, "both", of.whole);
  out.key("refused").whole(of.refused).key("unanswered").whole(of.unanswered);
  out.key("upload_alone_rows_per_s").number(of.alone_rows_per_s);
  out.key("upload_loaded_rows_per_s").number(of.loaded_rows_per_s);
  out.key("upload_s").number(of.upload_s).key("indexed_s").number(of.indexed_s);
  out.key("retries").whole(of.retries).key("lag_rows").whole(of.lag_rows);
  out.key("counted").whole(of.counted).key("missing").whole(of.missing);
  out.key("found_exact").number(of.found_exact).key("found").number(of.found);
  write_course(out, of);
  out.close_object();
  return std::move(out).take();
}

} // namespace

status report(const ingest_options& options, const ingest_result& result) {
  print(options.json == "-" ? std::cerr : std::cout, options, result);
  if (auto written = write_json_output(options.json, json_of(options, result)); !written.ok())
    return written;
  return write_json_output(options.svg, latency_plot(result));
}

} // namespace grape::bench
