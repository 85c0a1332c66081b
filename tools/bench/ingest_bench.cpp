#include "tools/bench/ingest_bench.hpp"

#include "tools/bench/http_load.hpp"
#include "tools/bench/http_queries.hpp"
#include "tools/bench/ingest_check.hpp"
#include "tools/bench/ingest_report.hpp"
#include "tools/bench/ingest_upload.hpp"
#include "tools/bench/own_node.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/truth.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <thread>

namespace grape::bench {

namespace {

constexpr const char* collection = "ingest";
constexpr std::size_t queries_max = 1'000;
constexpr double index_within_s = 3'600;
constexpr double green_s = 5; // So long, and a tail that is left is too small for a graph.
constexpr double ramp_step_s = 1.5;
constexpr double idle_cores_max = 0.05; // Less than that is what a node uses that has no work.

/// One run against one node.
class ingest_bench {
public:
  ingest_bench(const ingest_options& options, data_set data, const own_node& of, http_node node)
    : options_(options)
    , data_(std::move(data))
    , own_(of)
    , node_(std::move(node))
    , plan_(plan_upload(of.where(), collection, data_.base, options.batch, options.wait)) {
    for (std::size_t i = 0; i < data_.queries.rows(); ++i) {
      const auto* row = data_.queries.row(i);
      searches_.push_back(render_request(
          of.where(), "POST", std::string("/collections/") + collection + "/points/query",
          query_body(dense_vector(row, row + data_.queries.width), {})));
    }
    result_.rows = data_.base.rows();
    result_.dimension = data_.base.width;
  }

  outcome<ingest_result> run() {
    for (const auto step : {&ingest_bench::upload_alone, &ingest_bench::search_alone,
                            &ingest_bench::do_both, &ingest_bench::check})
      if (auto done = (this->*step)(); !done.ok())
        return done;
    return std::move(result_);
  }

private:
  status create();
  status settle();
  status upload_alone();
  status search_alone();
  status find_capacity();
  status do_both();
  status check();
  status watch(const stopwatch& clock, const std::atomic<bool>& uploaded);
  void keep(const load_result& of);

  outcome<load_result> search(double rate, double seconds, std::size_t connections,
                              const std::atomic<bool>* enough = nullptr) {
    return run_load({own_.where(), searches_, rate, seconds, connections, options_.seed, enough});
  }

  const ingest_options& options_;
  data_set data_;
  const own_node& own_;
  http_node node_;
  upload_plan plan_;
  std::vector<std::string> searches_;
  ingest_result result_;
};

status ingest_bench::create() {
  const auto made = node_.ask("PUT", std::string("/collections/") + collection,
                              R"({"vectors": {"size": )" + std::to_string(data_.base.width)
                                  + R"(, "distance": "Cosine"}})");
  return made ? status{} : made.error();
}

/// The node has nothing left to do: it merges a while after the last row. A tail too small for a
/// graph may remain.
status ingest_bench::settle() {
  const stopwatch clock;
  for (auto before = own_.meter().cpu_s();;) {
    std::this_thread::sleep_for(std::chrono::seconds{3}); // The time it is measured over.
    const auto now = own_.meter().cpu_s();
    if (now - before < 3 * idle_cores_max)
      return {};
    if (clock.wall() > index_within_s)
      return {errc::timed_out, "not at rest within an hour"};
    before = now;
  }
}

status ingest_bench::upload_alone() {
  std::cerr << "uploading " << plan_.rows << " rows of " << data_.base.width << " d\n";
  if (auto made = create(); !made.ok())
    return made;
  const auto done = upload(own_.where(), plan_, options_.upload_connections);
  if (!done)
    return done.error();
  result_.alone_rows_per_s = done->rows_per_s(plan_);
  std::cerr << static_cast<long>(result_.alone_rows_per_s) << " rows/s; indexing\n";
  return settle();
}

/// More and more connections, until that brings no more.
status ingest_bench::find_capacity() {
  for (std::size_t connections = 1; connections <= 64; connections *= 2) {
    const auto done = search(0, ramp_step_s, connections);
    if (!done)
      return done.error();
    const auto now = figures_of(*done).accepted_per_s;
    if (now < 1.02 * result_.capacity_per_s && connections > 4)
      break;
    result_.capacity_per_s = std::max(result_.capacity_per_s, now);
  }
  result_.rate = options_.share * result_.capacity_per_s;
  return {};
}

status ingest_bench::search_alone() {
  if (auto found = find_capacity(); !found.ok())
    return found;
  std::cerr << "capacity " << static_cast<long>(result_.capacity_per_s)
            << " searches/s; searching at " << static_cast<long>(result_.rate) << "/s\n";
  const auto done = search(result_.rate, options_.idle_seconds, options_.connections);
  if (!done)
    return done.error();
  result_.idle = figures_of(*done).accepted;
  return {};
}

/// Notes how far the node is until all of it is in graphs.
status ingest_bench::watch(const stopwatch& clock, const std::atomic<bool>& uploaded) {
  auto asked = http_node::at(own_.where());
  if (!asked)
    return asked.error();
  for (;; std::this_thread::sleep_for(std::chrono::milliseconds{200})) {
    const bool all_there = uploaded;
    const auto now = asked->describe(collection);
    if (!now)
      return now.error();
    const auto at = clock.wall();
    result_.progress.push_back({at, now->points, now->indexed});
    if (all_there && result_.lag_rows == 0)
      result_.lag_rows = now->points - std::min(now->points, now->indexed);
    if (!all_there || now->status != "green") {
      result_.indexed_s = 0;
    } else {
      if (result_.indexed_s == 0)
        result_.indexed_s = at;
      if (now->indexed >= plan_.rows || at > result_.indexed_s + green_s)
        return {};
    }
    if (at > index_within_s)
      return {errc::timed_out, "not indexed within an hour"};
  }
}

/// Latencies by second, and by whether rows still came in.
void ingest_bench::keep(const load_result& of) {
  std::vector<float> uploading;
  std::vector<float> indexing;
  std::vector<float> whole;
  std::vector<std::vector<float>> by_second(static_cast<std::size_t>(of.seconds) + 1);
  for (const auto& sample : of.samples) {
    if (sample.due_s > result_.indexed_s)
      continue; // All was done; that was not yet known.
    if (sample.status != 200) {
      ++result_.refused;
      continue;
    }
    (sample.due_s < result_.upload_s ? uploading : indexing).push_back(sample.latency_s);
    whole.push_back(sample.latency_s);
    by_second[std::min(static_cast<std::size_t>(sample.due_s), by_second.size() - 1)].push_back(
        sample.latency_s);
  }
  result_.unanswered = of.unanswered;
  result_.uploading = latencies(std::move(uploading));
  result_.indexing = latencies(std::move(indexing));
  result_.whole = latencies(std::move(whole));
  for (std::size_t i = 0; i < by_second.size(); ++i)
    if (!by_second[i].empty())
      result_.slices.push_back({static_cast<double>(i) + 0.5, latencies(std::move(by_second[i]))});
}

status ingest_bench::do_both() {
  std::cerr << "both at once\n";
  auto fresh = http_node::at(own_.where()); // The node may have closed the idle one meanwhile.
  if (!fresh)
    return fresh.error();
  node_ = std::move(*fresh);
  if (const auto gone = node_.ask("DELETE", std::string("/collections/") + collection); !gone)
    return gone.error();
  if (auto made = create(); !made.ok())
    return made;
  std::atomic<bool> uploaded{false};
  std::atomic<bool> indexed{false};
  outcome<upload_result> sent = status{errc::internal, "not sent"};
  status watched;
  const stopwatch clock;
  std::thread uploader([&] {
    sent = upload(own_.where(), plan_, options_.upload_connections);
    uploaded = true;
  });
  std::thread watcher([&] {
    watched = watch(clock, uploaded);
    indexed = true;
  });
  const auto done = search(result_.rate, index_within_s, options_.connections, &indexed);
  uploader.join();
  watcher.join();
  for (const auto& verdict :
       {sent ? status{} : sent.error(), watched, done ? status{} : done.error()})
    if (!verdict.ok())
      return verdict;
  result_.upload_s = sent->seconds;
  result_.loaded_rows_per_s = sent->rows_per_s(plan_);
  result_.retries = sent->retries;
  keep(*done);
  return {};
}

status ingest_bench::check() {
  std::cerr << "looking for every row\n";
  auto fresh = http_node::at(own_.where()); // The node may have closed the idle one meanwhile.
  if (!fresh)
    return fresh.error();
  const auto seen = look_for_rows(*fresh, collection, data_.base, options_.seed);
  if (!seen)
    return seen.error();
  result_.counted = seen->counted;
  result_.missing = seen->missing;
  result_.found = seen->found;
  result_.found_exact = seen->found_exact;
  return {};
}

void shorten(matrix<float>& of, std::size_t rows) {
  of.values.resize(std::min(of.rows(), rows) * of.width);
}

outcome<data_set> data_of(const ingest_options& options) {
  auto data = options.data.empty() ? outcome<data_set>{synthetic(
                  options.rows, queries_max, options.dimension, metric::cosine, options.seed)}
                                   : read_data_set(options.data, queries_max, false);
  if (data)
    shorten(data->base, options.rows);
  return data;
}

} // namespace

status run_ingest_bench(const ingest_options& options) {
  auto data = data_of(options);
  if (!data)
    return std::move(data).error();
  const auto own = own_node::start(options.folder);
  if (!own)
    return own.error();
  auto node = http_node::at((*own)->where());
  if (!node)
    return std::move(node).error();
  const auto result = ingest_bench{options, std::move(*data), **own, std::move(*node)}.run();
  if (!result)
    return result.error();
  if (auto told = report(options, *result); !told.ok())
    return told;
  if (result->missing > 0 || result->counted != result->rows || result->found_exact < 1)
    return {errc::corrupted, "rows that were acknowledged are not there"};
  return {};
}

} // namespace grape::bench
