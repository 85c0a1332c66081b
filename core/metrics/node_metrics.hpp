#pragma once

#include "core/metrics/registry.hpp"
#include "core/request/telemetry.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
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
  std::uint64_t memory_bytes = 0;    ///< Of its indexes, mapped pages of files included.
  std::uint64_t mapped_bytes = 0;    ///< These pages.
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

/// One HTTP answer that was given.
struct given_answer {
  std::string_view method;
  std::string_view endpoint;   ///< The route's template, never the path itself.
  std::string_view collection; ///< As the path names it; "" = the route has none.
  unsigned status = 0;
  std::chrono::nanoseconds took{};
  std::uint64_t unix_ms = 0; ///< When.
};

/// The series of one node: under Qdrant's names where Qdrant has them, so that its dashboards
/// show a Grape node too, and grape_* for the rest. Thread-safe.
class node_metrics {
public:
  /// `qdrant_version` is the version whose interface we speak, `own_version` ours.
  node_metrics(const std::string& qdrant_version, const std::string& own_version);

  /// Collections whose answers are counted apart. Later ones are counted with all only.
  static constexpr std::size_t collections_max = 1'000;

  /// Counts it, for all and for its collection. Names that never had an answer below 400 are not
  /// taken for collections: anybody could invent them.
  void answered(const given_answer& what);

  /// For series that belong to others; their names start with "grape_".
  registry& series() noexcept { return series_; }

  /// The text of /metrics with these facts in it. Calls at the same time answer each a mix of
  /// their facts and later ones, never of older ones.
  /// With `per_collection`, answers are shown by collection instead of all together.
  std::string text(const node_facts& now, bool per_collection = false);

  /// All routes that were answered, and for each the collections apart.
  std::vector<route_figures> routes() const;

private:
  struct route_series {
    counter answers;
    bucket_counter durations;
    route_figures figures;
  };

  /// Method, endpoint, collection ("" = all), status.
  using route = std::tuple<std::string, std::string, std::string, unsigned>;

  bool has_own_count(const given_answer& what);
  void count(registry& in, const given_answer& what, std::string_view collection);

  registry series_;
  registry answers_;               ///< Of all collections together.
  registry answers_by_collection_; ///< The same answers.
  mutable std::mutex mutex_;
  std::map<route, route_series> routes_;  ///< Saves looking the labels up for each answer.
  std::set<std::string, std::less<>> collections_; ///< Those counted apart.
};

} // namespace grape::metrics
