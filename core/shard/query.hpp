#pragma once

#include "core/request/read.hpp"
#include "core/shard/ranking.hpp"
#include "core/vector/metric.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace grape::shard {

/// Hits in groups: as many as the best groups take.
struct shard_grouping {
  std::string by;         ///< A payload path.
  std::uint64_t size = 3; ///< Hits of each group.
  std::uint64_t groups = 10;
  std::vector<payload::value> only; ///< If not empty, these groups and no other.

  friend bool operator==(const shard_grouping&, const shard_grouping&) = default;
};

/// A query as a shard understands it: ids are resolved, nothing refers to other shards.
struct shard_query {
  ranking by;
  std::string vector_name; ///< For rankings by vectors.
  std::optional<payload::filter> filter;
  std::optional<std::vector<point_id>> among; ///< Ascending; only these candidates.
  std::vector<point_id> excluded; ///< Ascending. Ids that the query itself was made of.
  search_params params;
  std::optional<float> score_threshold; ///< Strict: only better scores come back.
  std::uint64_t k = 10;                 ///< How many hits the shard owes; offset included.
  payload_selector with_payload;
  vector_selector with_vectors;
  std::optional<shard_grouping> grouping; ///< Then `k` does not count.

  friend bool operator==(const shard_query&, const shard_query&) = default;
};

/// The best hits of one shard, best first; ties by id.
struct shard_hits {
  std::vector<scored_record> hits;
  std::vector<std::vector<payload::value>> groups; ///< Of each hit, if grouping was asked for.
  std::uint64_t visited = 0; ///< Distances computed.
  std::string plan;          ///< How it searched, in a few words.

  friend bool operator==(const shard_hits&, const shard_hits&) = default;
};

struct shard_scroll {
  std::optional<point_id> from; ///< Inclusive.
  std::uint64_t limit = 10;     ///< Records wanted; one more id tells where the next page begins.
  std::optional<payload::filter> filter;
  payload_selector with_payload;
  vector_selector with_vectors;

  friend bool operator==(const shard_scroll&, const shard_scroll&) = default;
};

/// Ascending by id.
struct shard_page {
  std::vector<record> records;
  std::optional<point_id> next; ///< The id after the last record, if there is one.

  friend bool operator==(const shard_page&, const shard_page&) = default;
};

/// How common some indices of a sparse vector are.
struct term_question {
  std::string vector_name;
  std::vector<std::uint32_t> indices;
  std::optional<payload::filter> corpus; ///< Absent: among all points.

  friend bool operator==(const term_question&, const term_question&) = default;
};

/// Answers one term_question.
struct term_counts {
  std::uint64_t vectors = 0;             ///< Points of the corpus that have the vector.
  std::vector<std::uint64_t> with_index; ///< Of those, with each index, as they were asked.

  friend bool operator==(const term_counts&, const term_counts&) = default;
};

/// Sizes that a shard replica reports about itself.
struct shard_figures {
  std::uint64_t points = 0;
  std::uint64_t vectors = 0;         ///< Dense vectors, all fields.
  std::uint64_t indexed_vectors = 0; ///< Of those, in a graph.
  std::uint64_t segments = 0;        ///< Tails included.
  std::uint64_t memory_bytes = 0;    ///< Vector indexes and point tables.
  std::uint64_t mapped_bytes = 0;    ///< Of these, mapped pages of segment files.
  std::uint64_t vector_bytes = 0;    ///< As stored: dense ones by their datatype.
  std::uint64_t payload_bytes = 0;   ///< What payloads occupy in the store's files, roughly.
  std::map<std::string, std::uint64_t> field_points; ///< Points that have a value, by index.

  friend bool operator==(const shard_figures&, const shard_figures&) = default;
};

} // namespace grape::shard
