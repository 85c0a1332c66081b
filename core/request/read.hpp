#pragma once

#include "core/payload/filter.hpp"
#include "core/request/options.hpp"
#include "core/request/query.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape {

struct query_request : query_part {
  std::string collection;
  std::uint64_t offset = 0;
  payload_selector with_payload;
  vector_selector with_vectors;
  read_options read;
};

/// Independent requests over one collection.
struct query_batch_request {
  std::string collection;
  std::vector<query_request> queries;
  read_options read;
};

/// The point of another collection whose id is a group's.
struct group_lookup {
  std::string collection;
  payload_selector with_payload{payload_selector::mode::all, {}};
  vector_selector with_vectors;
};

/// The best groups of points that have a payload value in common, by their best hits.
struct query_groups_request {
  std::string collection;
  query_request query;    ///< Its limit counts groups, its offset is 0.
  std::string group_by;   ///< A payload path; strings and integers there make groups.
  std::uint64_t group_size = 3; ///< Hits of each group at most; 1 or more.
  std::optional<group_lookup> with_lookup;
  read_options read;
};

/// How near some points chosen by chance are to each other.
struct matrix_request {
  std::string collection;
  std::optional<payload::filter> filter;
  std::string vector_name;
  std::uint64_t sample = 10; ///< Points; 2 or more.
  std::uint64_t limit = 3;   ///< Neighbours of each; 1 or more.
  std::uint64_t seed = 0;    ///< As in sample_query.
  read_options read;
};

struct scroll_request {
  std::string collection;
  std::optional<point_id> offset; ///< The first id wanted.
  std::uint64_t limit = 10;       ///< 1 or more.
  std::optional<payload::filter> filter;
  payload_selector with_payload{payload_selector::mode::all, {}};
  vector_selector with_vectors;
  std::optional<order_by> order; ///< Then there is no offset and no next page.
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
  std::optional<order_value> order = {}; ///< What the point was ordered by.
  std::optional<shard_key> key = {}; ///< Where it is, in a collection that is sharded by keys.

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
  /// So many ms at most behind what was committed when it was asked; nothing: nobody knows.
  std::optional<std::uint64_t> staleness_ms = 0;
  std::uint64_t visited = 0;        ///< Distances computed.
  std::string plan;                 ///< How it searched.

  friend bool operator==(const shard_explanation&, const shard_explanation&) = default;
};

/// One part of a query with prefetches: what went in and came out.
struct stage_explanation {
  std::string what;          ///< E.g. "nearest among candidates".
  std::uint32_t depth = 0;   ///< 0 = the query itself, 1 = its prefetches, ...
  std::uint64_t inputs = 0;  ///< Different candidates that went in; 0 = all points.
  std::uint64_t outputs = 0; ///< Hits that came out.
  std::uint64_t visited = 0; ///< Distances computed, all shards.

  friend bool operator==(const stage_explanation&, const stage_explanation&) = default;
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
  std::vector<stage_explanation> stages; ///< Of a query with prefetches, in the order done.
  std::optional<std::uint64_t> staleness_ms = 0; ///< Of the stalest shard; nothing: nobody knows.
};

struct query_reply {
  std::vector<scored_record> points; ///< Best first.
  std::optional<explanation> explain;
};

struct query_batch_reply {
  std::vector<query_reply> replies; ///< In the order asked.
};

struct point_group {
  payload::value id; ///< A string or an integer.
  std::vector<scored_record> hits; ///< Best first; not empty.
  std::optional<record> lookup;
};

struct query_groups_reply {
  std::vector<point_group> groups; ///< By their best hits.
  bool with_lookup = false;        ///< Lookups were asked for.
  std::optional<explanation> explain;
};

struct matrix_reply {
  /// From one point to another; places in `ids`.
  struct link {
    std::size_t from = 0;
    std::size_t to = 0;
    float score = 0;
  };

  std::vector<point_id> ids; ///< Ascending.
  std::vector<link> links;   ///< By `from`, then best first.
};

struct scroll_reply {
  std::vector<record> points;    ///< Ascending by id, or as ordered.
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
