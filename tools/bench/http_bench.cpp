#include "tools/bench/http_bench.hpp"

#include "tools/bench/http_process.hpp"
#include "tools/bench/http_report.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <thread>

namespace grape::bench {

namespace {

constexpr const char* sample_name = "grape-bench-words";
constexpr const char* one_point_name = "grape-bench-one-point";
constexpr double ramp_step_s = 1.5;
constexpr double part_s = 2; // For each part of the breakdown.

using cpu_by_thread = std::map<std::string, double>;

/// One run of the benchmark against one node.
class http_bench {
public:
  http_bench(const http_bench_options& options, http_address where, http_node node,
             word_sample sample)
    : options_(options)
    , where_(std::move(where))
    , node_(std::move(node))
    , sample_(std::move(sample))
    , own_(options.collection.empty())
    , collection_(own_ ? sample_name : options.collection) {
  }

  status run();

private:
  status prepare();
  status measure();
  status find_process();
  status find_capacity();
  status load_at_rate();
  status break_down();
  void clean_up();

  outcome<load_result> load(std::span<const std::string> requests, double rate, double seconds,
                            std::size_t connections) {
    return run_load({where_, requests, rate, seconds, connections, options_.seed});
  }

  /// The node's processor time per answer, in microseconds.
  outcome<double> cost_us(const std::string& request, double rate);

  std::string query_request(const std::string& collection, std::string_view body) const {
    return render_request(where_, "POST", "/collections/" + collection + "/points/query", body);
  }

  const http_bench_options& options_;
  http_address where_;
  http_node node_;
  word_sample sample_;
  bool own_;
  std::string collection_;
  std::vector<std::string> requests_;
  std::optional<process_meter> meter_;
  http_bench_result result_;
};

status http_bench::find_process() {
  if (options_.process == 0) {
    meter_ = process_meter::listening_on(where_.port);
    return {};
  }
  const auto found = process_meter::of(options_.process);
  if (!found)
    return found.error();
  meter_ = *found;
  return {};
}

status http_bench::prepare() {
  if (auto found = find_process(); !found.ok())
    return found;
  if (own_) {
    std::cerr << "storing " << sample_.words.size() << " words\n";
    clean_up(); // Of a run that was cut off.
    if (auto stored = store_sample(node_, collection_, sample_); !stored.ok())
      return stored;
  }
  const auto about = node_.describe(collection_);
  if (!about)
    return about.error();
  result_.points = about->points;
  result_.segments = about->segments;
  const auto is_sample
    = about->dimension == word_sample::dimension && !sample_.queries.empty();
  for (const auto& query :
       is_sample ? sample_.queries : random_queries(500, about->dimension, options_.seed))
    requests_.push_back(query_request(collection_, query_body(query, options_.how)));
  return {};
}

/// More and more connections, until that brings no more.
status http_bench::find_capacity() {
  for (std::size_t connections = 1; connections <= 256; connections *= 2) {
    auto done = load(requests_, 0, ramp_step_s, connections);
    if (!done)
      return std::move(done).error();
    result_.ramp.push_back({connections, figures_of(*done)});
    const auto now = result_.ramp.back().figures.accepted_per_s;
    std::cerr << connections << " connections: " << static_cast<long>(now) << " queries/s\n";
    if (now < 1.02 * result_.capacity_per_s && connections > 8)
      break;
    result_.capacity_per_s = std::max(result_.capacity_per_s, now);
  }
  return {};
}

status http_bench::load_at_rate() {
  if (meter_) {
    const auto before = meter_->cpu_s();
    std::this_thread::sleep_for(std::chrono::seconds{1});
    result_.idle_cores = meter_->cpu_s() - before;
  }
  result_.rate = options_.rate > 0 ? options_.rate : result_.capacity_per_s / 2;
  std::cerr << static_cast<long>(result_.rate) << " queries/s for " << options_.seconds << " s\n";
  const auto before = meter_ ? meter_->cpu_s() : 0;
  const auto threads_before = meter_ ? meter_->cpu_s_by_thread() : cpu_by_thread{};
  const auto done = load(requests_, result_.rate, options_.seconds, options_.connections);
  const auto spent = meter_ ? meter_->cpu_s() - before : 0;
  if (!done)
    return done.error();
  result_.load = figures_of(*done);
  if (!meter_ || done->samples.empty())
    return {};
  const auto us_per_answer = 1e6 / static_cast<double>(done->samples.size());
  result_.server_cpu_us = spent * us_per_answer;
  for (const auto& [name, seconds] : meter_->cpu_s_by_thread()) {
    const auto earlier = threads_before.find(name);
    result_.server_cpu_us_by_thread[name]
      = (seconds - (earlier == threads_before.end() ? 0 : earlier->second)) * us_per_answer;
  }
  result_.resident_bytes = meter_->resident_bytes();
  return {};
}

outcome<double> http_bench::cost_us(const std::string& request, double rate) {
  const auto before = meter_->cpu_s();
  const auto done = load({&request, 1}, rate, part_s, options_.connections);
  if (!done)
    return done.error();
  const auto spent = meter_->cpu_s() - before;
  const auto refused = std::any_of(done->samples.begin(), done->samples.end(),
                                   [](const auto& sample) { return sample.status != 200; });
  if (refused || done->samples.empty())
    return status{errc::internal, "not every answer was 200: " + request.substr(0, 80)};
  return 1e6 * spent / static_cast<double>(done->samples.size());
}

/// All parts at the rate of the load itself: what waking up costs depends on it.
status http_bench::break_down() {
  std::cerr << "measuring the parts\n";
  cost_breakdown made;
  if (auto stored = store_one_point(node_, one_point_name); !stored.ok())
    return stored;
  const auto transport = cost_us(render_request(where_, "GET", "/livez", {}), result_.rate);
  if (!transport)
    return transport.error();
  made.http_us = *transport;
  const auto null = cost_us(query_request(one_point_name, one_point_query()), result_.rate);
  if (!null)
    return null.error();
  made.null_us = *null;
  const auto recall = recall_at_10(node_, collection_, sample_, options_.how, 500);
  if (!recall)
    return recall.error();
  made.recall = *recall;
  const auto bare = measure_bare(sample_, options_.how, part_s);
  if (!bare)
    return bare.error();
  made.bare = *bare;
  result_.breakdown = made;
  return {};
}

/// What is not there need not be removed.
void http_bench::clean_up() {
  for (const auto* name : {sample_name, one_point_name})
    if (const auto removed = node_.ask("DELETE", std::string("/collections/") + name); !removed)
      std::cerr << "not removed: " << removed.error().detail << '\n';
}

status http_bench::measure() {
  if (auto prepared = prepare(); !prepared.ok())
    return prepared;
  if (options_.ramp || options_.rate <= 0)
    if (auto found = find_capacity(); !found.ok())
      return found;
  if (auto loaded = load_at_rate(); !loaded.ok())
    return loaded;
  return own_ && meter_ ? break_down() : status{};
}

status http_bench::run() {
  const auto measured = measure();
  if (own_)
    clean_up();
  return measured.ok() ? report(options_, result_) : measured;
}

} // namespace

status run_http_bench(const http_bench_options& options) {
  auto where = read_url(options.url);
  if (!where)
    return std::move(where).error();
  auto node = http_node::at(*where);
  if (!node)
    return std::move(node).error();
  auto sample = read_word_sample(
    options.sample.empty() ? default_sample_folder() : options.sample);
  if (!sample && options.collection.empty())
    return std::move(sample).error();
  return http_bench{options, *where, std::move(*node), sample ? std::move(*sample) : word_sample{}}
    .run();
}

} // namespace grape::bench
