#pragma once

#include "core/metrics/registry.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace grape::metrics {

/// What one collection counts at the moment.
struct collection_facts {
  std::string name;
  std::uint64_t points = 0;
  std::uint64_t vectors = 0;
  std::uint64_t indexed_vectors = 0; ///< Vectors that live in a graph.
};

/// What a node knows of itself when /metrics is asked.
struct node_facts {
  std::vector<collection_facts> collections;
  std::uint64_t shards = 0;         ///< Shard replicas on this node.
  std::uint64_t restarts = 0;       ///< Actors renewed since the start.
  std::uint64_t resident_bytes = 0; ///< Memory of the whole process.
  std::uint64_t uptime_s = 0;
  bool ready = false;
};

/// The series of one node: under Qdrant's names where Qdrant has them, so that its dashboards
/// show a Grape node too, and grape_* for the rest. Thread-safe.
class node_metrics {
public:
  /// `qdrant_version` is the version whose interface we speak, `own_version` ours.
  node_metrics(const std::string& qdrant_version, const std::string& own_version);

  /// Counts one HTTP answer. `endpoint` is the route's template, never the path itself.
  void answered(std::string_view method, std::string_view endpoint, unsigned http_status,
                std::chrono::nanoseconds took);

  /// For series that belong to others; their names start with "grape_".
  registry& series() noexcept { return series_; }

  /// The text of /metrics with these facts in it. Calls at the same time answer each a mix of
  /// their facts and later ones, never of older ones.
  std::string text(const node_facts& now);

private:
  struct route_series {
    counter answers;
    bucket_counter durations;
  };

  using route = std::tuple<std::string, std::string, unsigned>;

  registry series_;
  std::mutex mutex_;
  std::map<route, route_series> routes_; ///< Saves looking the labels up for each answer.
};

} // namespace grape::metrics
