#pragma once

#include "core/shard/query.hpp"
#include "core/vector/metric.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// One query as a list of stages: what a request's tree of prefetches comes to once its ids are
/// resolved. A stage needs the hits of those before it only.
namespace grape::query {

/// Shards rank all points, or the candidates that came in; theirs are merged.
struct ask_stage {
  shard::shard_query wanted;
  bool ascending = false; ///< Smaller scores are better.
};

/// Several lists become one.
struct fuse_stage {
  fusion_query by;
  std::uint64_t limit = 10;
  std::optional<float> score_threshold; ///< At least.
  std::vector<bool> ascending;          ///< Of each list: smaller scores are better.
};

/// Maximal marginal relevance over one list that comes with its vectors.
struct diversify_stage {
  vector_value target;
  std::string vector_name;
  metric kind = metric::cosine;
  float lambda = 0.5f; ///< 1: only relevance.
  std::uint64_t limit = 10;
};

struct stage {
  std::vector<std::size_t> inputs; ///< Places of stages before this one, in the order given.
  std::variant<ask_stage, fuse_stage, diversify_stage> work;
  std::uint32_t depth = 0; ///< 0 = the query itself, 1 = its prefetches, ...
  std::string what;        ///< In a few words.
};

/// Stages in an order in which they can be done; the last one gives the answer.
struct query_plan {
  std::vector<stage> stages;
  std::uint64_t offset = 0;
  std::uint64_t limit = 10;
  payload_selector with_payload;
  vector_selector with_vectors;
};

} // namespace grape::query
