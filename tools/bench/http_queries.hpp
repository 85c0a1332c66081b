#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_node.hpp"
#include "tools/bench/word_sample.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace grape::bench {

/// How each query is asked.
struct query_style {
  std::size_t limit = 10;
  std::optional<std::uint32_t> ef; ///< Absent: the node chooses.
  bool exact = false;
};

/// The body of POST points/query.
std::string query_body(const dense_vector& target, const query_style& how);

/// The body of PUT points with the words `from` .. `to` - 1 and their payloads; ids are places.
std::string upsert_body(const word_sample& sample, std::size_t from, std::size_t to);

/// Vectors at random around the origin, for collections that are not the sample.
std::vector<dense_vector> random_queries(std::size_t count, std::size_t dimension,
                                         std::uint64_t seed);

/// Creates `collection` (which must not exist), fills it with the sample and waits until all of it
/// lies in one graph: as the search in this process has it.
status store_sample(http_node& node, const std::string& collection, const word_sample& sample);

/// A collection of one point in four dimensions, and the body of a query over it: almost nothing
/// but the way to a shard and back.
status store_one_point(http_node& node, const std::string& collection);
std::string one_point_query();

/// The share of the true ten nearest that the node finds, over the first `queries` queries.
outcome<double> recall_at_10(http_node& node, const std::string& collection,
                             const word_sample& sample, query_style how, std::size_t queries);

} // namespace grape::bench
