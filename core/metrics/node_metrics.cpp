#include "core/metrics/node_metrics.hpp"

#include <algorithm>

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

void add_to(route_figures& figures, const given_answer& what) {
  using std::chrono::microseconds;
  const auto us = static_cast<std::uint64_t>(
    std::max<std::int64_t>(std::chrono::duration_cast<microseconds>(what.took).count(), 0));
  figures.min_us = figures.count == 0 ? us : std::min(figures.min_us, us);
  figures.max_us = std::max(figures.max_us, us);
  figures.total_us += us;
  figures.last_unix_ms = std::max(figures.last_unix_ms, what.unix_ms);
  ++figures.count;
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

bool node_metrics::has_own_count(const given_answer& what) {
  if (what.collection.empty())
    return false;
  if (collections_.contains(what.collection))
    return true;
  if (what.status >= 400 || collections_.size() == collections_max)
    return false;
  collections_.emplace(what.collection);
  return true;
}

void node_metrics::count(registry& in, const given_answer& what, std::string_view collection) {
  route of{what.method, what.endpoint, collection, what.status};
  auto known = routes_.find(of);
  if (known == routes_.end()) {
    labels named{{"method", std::string(what.method)},
                 {"endpoint", std::string(what.endpoint)},
                 {"status", std::to_string(what.status)}};
    if (!collection.empty())
      named.emplace("collection", collection);
    route_series added{
      in.counter_of("rest_responses_total", "total number of responses", named),
      in.histogram_of("rest_responses_duration_seconds", "response duration histogram",
                      duration_bounds(), named),
      route_figures{named["method"], named["endpoint"], std::string(collection), what.status}};
    known = routes_.emplace(std::move(of), std::move(added)).first;
  }
  auto& [answers, durations, figures] = known->second;
  answers.add();
  durations.observe(std::chrono::duration<double>(what.took).count());
  add_to(figures, what);
}

void node_metrics::answered(const given_answer& what) {
  const std::lock_guard lock{mutex_};
  count(answers_, what, {});
  if (has_own_count(what))
    count(answers_by_collection_, what, what.collection);
}

std::vector<route_figures> node_metrics::routes() const {
  const std::lock_guard lock{mutex_};
  std::vector<route_figures> all;
  all.reserve(routes_.size());
  for (const auto& [key, of] : routes_)
    all.push_back(of.figures);
  return all;
}

std::string node_metrics::text(const node_facts& now, bool per_collection) {
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
  s.replace_gauges("grape_collection_index_bytes",
                   "memory of a collection's indexes, mapped pages of files included",
                   by_collection(now, "collection", &collection_facts::memory_bytes));
  s.replace_gauges("grape_collection_index_mapped_bytes",
                   "of these, in pages of files that the system may take back",
                   by_collection(now, "collection", &collection_facts::mapped_bytes));
  s.replace_gauges("memory_resident_bytes", "Total number of bytes in physically resident pages",
                   one(now.resident_bytes));
  s.replace_gauges("grape_shard_replicas", "shard replicas on this node", one(now.shards));
  s.replace_gauges("grape_actor_restarts", "actors renewed since the start", one(now.restarts));
  s.replace_gauges("grape_uptime_seconds", "seconds since the start", one(now.uptime_s));
  s.replace_gauges("grape_ready", "1 if all local shards serve", one(now.ready ? 1 : 0));
  return s.text() + (per_collection ? answers_by_collection_ : answers_).text();
}

} // namespace grape::metrics
