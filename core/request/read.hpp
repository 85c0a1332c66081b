#pragma once

#include "core/payload/filter.hpp"
#include "core/request/options.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape {

/// A vector given in full, or as the id of a point whose vector is meant.
using vector_input = std::variant<vector_value, point_id>;

/// The points nearest to one vector.
struct nearest_query {
  vector_input target;
};

/// The points nearest to 2 avg(positive) - avg(negative), or to avg(positive).
struct recommend_query {
  std::vector<vector_input> positive; ///< Not empty.
  std::vector<vector_input> negative;
};

using query_kind = std::variant<nearest_query, recommend_query>;

/// How hard to search.
struct search_params {
  std::optional<std::uint32_t> hnsw_ef; ///< 1 or more; absent: chosen by the node.
  bool exact = false;                   ///< True: brute force over the stored vectors.
  bool indexed_only = false;            ///< True: skip what is not in a graph yet.

  friend bool operator==(const search_params&, const search_params&) = default;
};

/// Vectors of another collection stand for the ids of a query.
struct lookup_location {
  std::string collection;
  std::string vector; ///< Its vector name; "" = unnamed.
};

struct query_request {
  std::string collection;
  std::optional<query_kind> query; ///< Absent: the first points by id, score 1.
  std::string vector_name;         ///< `using`; "" = the unnamed vector.
  std::optional<payload::filter> filter;
  search_params params;
  std::optional<float> score_threshold;
  std::uint64_t limit = 10; ///< 1 or more.
  std::uint64_t offset = 0;
  payload_selector with_payload;
  vector_selector with_vectors;
  std::optional<lookup_location> lookup_from;
  read_options read;
};

/// Independent requests over one collection.
struct query_batch_request {
  std::string collection;
  std::vector<query_request> queries;
  read_options read;
};

struct scroll_request {
  std::string collection;
  std::optional<point_id> offset; ///< The first id wanted.
  std::uint64_t limit = 10;       ///< 1 or more.
  std::optional<payload::filter> filter;
  payload_selector with_payload{payload_selector::mode::all, {}};
  vector_selector with_vectors;
  read_options read;
};

struct count_request {
  std::string collection;
  std::optional<payload::filter> filter;
  bool exact = true;
  read_options read;
};

/// How often each value of an indexed field occurs among the points that match.
struct facet_request {
  std::string collection;
  std::string key;          ///< The path of an indexed field: keyword, integer, bool or uuid.
  std::uint64_t limit = 10; ///< 1 or more.
  std::optional<payload::filter> filter;
  read_options read;
};

struct retrieve_request {
  std::string collection;
  std::vector<point_id> ids;
  payload_selector with_payload{payload_selector::mode::all, {}};
  vector_selector with_vectors;
  read_options read;
};

/// A stored point as it comes back. Absent parts were not asked for.
struct record {
  point_id id;
  std::uint64_t version = 0; ///< Log index of the point's last change.
  std::optional<payload::object> payload;
  std::optional<named_vectors> vectors;

  friend bool operator==(const record&, const record&) = default;
};

struct scored_record {
  record point;
  float score = 0; ///< As the metric defines it, in float32.

  friend bool operator==(const scored_record&, const scored_record&) = default;
};

/// What one shard had to do with an answer.
struct shard_explanation {
  std::uint32_t shard = 0;
  std::uint32_t replica = 0;        ///< The node that answered; 0 = not known.
  std::vector<std::uint32_t> asked; ///< All nodes that were asked, in order.
  bool hedged = false;              ///< One was silent, and another was asked beside it.
  bool retried = false;             ///< Somebody refused, and another was asked instead.
  std::uint64_t took_us = 0;        ///< From the first question to the answer.
  std::uint64_t read_index = 0;     ///< The state that answered: the last log entry it had.
  std::uint64_t visited = 0;        ///< Distances computed.
  std::string plan;                 ///< How it searched.

  friend bool operator==(const shard_explanation&, const shard_explanation&) = default;
};

/// How an answer came about; filled when `explain` was asked.
struct explanation {
  std::vector<std::uint32_t> target_nodes;
  std::string routing_strategy;
  std::string load_balancing;
  std::vector<std::uint32_t> fallback_nodes;
  std::vector<std::uint64_t> read_indexes; ///< One per shard, in shard order.
  std::vector<std::string> plans;          ///< One per shard: how it searched.
  std::uint64_t visited = 0;               ///< Distances computed, all shards.
  std::uint64_t epoch = 0;
  std::vector<shard_explanation> shards; ///< In shard order.
};

struct query_reply {
  std::vector<scored_record> points; ///< Best first.
  std::optional<explanation> explain;
};

struct query_batch_reply {
  std::vector<query_reply> replies; ///< In the order asked.
};

struct scroll_reply {
  std::vector<record> points;    ///< Ascending by id.
  std::optional<point_id> next;  ///< First id of the next page.
};

struct count_reply {
  std::uint64_t count = 0;
};

/// A value, and in how many points it occurs.
struct facet_hit {
  std::variant<bool, std::int64_t, std::string> value;
  std::uint64_t count = 0;

  friend bool operator==(const facet_hit&, const facet_hit&) = default;
};

struct facet_reply {
  std::vector<facet_hit> hits; ///< The most frequent first; equally frequent ones by value.
};

struct retrieve_reply {
  std::vector<record> points; ///< In the order asked; absent ids left out, duplicates once.
};

} // namespace grape
