#pragma once

#include "grape/database.hpp"

#include <string>
#include <utility>
#include <vector>

namespace grape {

/// What the short forms of hosts and clients mean.

inline query_request query_of(search_request wanted) {
  query_request query;
  query.collection = std::move(wanted.collection);
  query.query = nearest_query{vector_value{std::move(wanted.vector)}};
  query.vector_name = std::move(wanted.vector_name);
  query.filter = std::move(wanted.filter);
  query.params.exact = wanted.exact;
  query.score_threshold = wanted.score_threshold;
  query.limit = wanted.limit;
  query.with_payload.wanted =
      wanted.with_payload ? payload_selector::mode::all : payload_selector::mode::none;
  query.read.level = wanted.level;
  query.read.keys = std::move(wanted.keys);
  query.read.timeout_ms = static_cast<std::uint32_t>(wanted.timeout.count());
  return query;
}

/// Whole points by id.
inline retrieve_request retrieval_of(const std::string& collection, std::vector<point_id> ids,
                                     const keys_of_shards& keys) {
  retrieve_request wanted;
  wanted.collection = collection;
  wanted.ids = std::move(ids);
  wanted.read.keys = keys;
  wanted.with_vectors.wanted = vector_selector::mode::all;
  return wanted;
}

inline write_request write_of(const std::string& collection, write_operation operation,
                              const write_options& how, const keys_of_shards& keys) {
  write_request request;
  request.collection = collection;
  request.operations.push_back(std::move(operation));
  request.options = how;
  request.keys.push_back(keys);
  return request;
}

inline write_operation upsert_of(std::vector<point> points) {
  upsert_points operation;
  operation.points = std::move(points);
  return operation;
}

} // namespace grape
