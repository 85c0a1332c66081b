#include "core/metrics/node_metrics.hpp"

namespace grape::metrics {

namespace {

using series = std::vector<std::pair<labels, double>>;

/// Qdrant's bounds, in seconds.
const std::vector<double>& duration_bounds() {
  static const std::vector<double> bounds{0.001, 0.005, 0.01, 0.02, 0.05, 0.1,
                                          0.5,   1.0,   5.0,  10.0, 50.0};
  return bounds;
}

series one(std::uint64_t value) {
  return {{labels{}, static_cast<double>(value)}};
}

/// One series for each collection.
series by_collection(const node_facts& now, const char* label,
                     std::uint64_t collection_facts::* fact) {
  series all;
  for (const auto& of : now.collections)
    all.push_back({labels{{label, of.name}}, static_cast<double>(of.*fact)});
  return all;
}

std::uint64_t sum(const node_facts& now, std::uint64_t collection_facts::* fact) {
  std::uint64_t total = 0;
  for (const auto& of : now.collections)
    total += of.*fact;
  return total;
}

} // namespace

node_metrics::node_metrics(const std::string& qdrant_version, const std::string& own_version) {
  series_
    .gauge_of("app_info", "information about qdrant server",
              {{"name", "qdrant"}, {"version", qdrant_version}})
    .set(1);
  series_.gauge_of("grape_build_info", "version of this Grape node", {{"version", own_version}})
    .set(1);
}

void node_metrics::answered(std::string_view method, std::string_view endpoint,
                            unsigned http_status, std::chrono::nanoseconds took) {
  const std::lock_guard lock{mutex_};
  route of{method, endpoint, http_status};
  auto known = routes_.find(of);
  if (known == routes_.end()) {
    const labels named{{"method", std::string(method)},
                       {"endpoint", std::string(endpoint)},
                       {"status", std::to_string(http_status)}};
    route_series added{
      series_.counter_of("rest_responses_total", "total number of responses", named),
      series_.histogram_of("rest_responses_duration_seconds", "response duration histogram",
                           duration_bounds(), named)};
    known = routes_.emplace(std::move(of), added).first;
  }
  known->second.answers.add();
  known->second.durations.observe(std::chrono::duration<double>(took).count());
}

std::string node_metrics::text(const node_facts& now) {
  const std::lock_guard lock{mutex_};
  auto& s = series_;
  s.replace_gauges("collections_total", "number of collections", one(now.collections.size()));
  s.replace_gauges("collections_vector_total", "total number of vectors in all collections",
                   one(sum(now, &collection_facts::vectors)));
  s.replace_gauges("collection_points", "approximate amount of points per collection",
                   by_collection(now, "id", &collection_facts::points));
  s.replace_gauges("grape_collection_vectors", "vectors per collection",
                   by_collection(now, "collection", &collection_facts::vectors));
  s.replace_gauges("grape_collection_indexed_vectors", "vectors in a graph per collection",
                   by_collection(now, "collection", &collection_facts::indexed_vectors));
  s.replace_gauges("memory_resident_bytes", "Total number of bytes in physically resident pages",
                   one(now.resident_bytes));
  s.replace_gauges("grape_shard_replicas", "shard replicas on this node", one(now.shards));
  s.replace_gauges("grape_actor_restarts", "actors renewed since the start", one(now.restarts));
  s.replace_gauges("grape_uptime_seconds", "seconds since the start", one(now.uptime_s));
  s.replace_gauges("grape_ready", "1 if all local shards serve", one(now.ready ? 1 : 0));
  return s.text();
}

} // namespace grape::metrics
