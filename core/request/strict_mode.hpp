#pragma once

#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/write.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace grape {

/// What an enabled strict mode limits. Absent: not limited, or allowed.
struct strict_limits {
  std::optional<std::uint64_t> max_query_limit;
  std::optional<std::uint64_t> max_timeout_s;
  std::optional<std::uint64_t> search_max_hnsw_ef;
  std::optional<double> search_max_oversampling;
  std::optional<std::uint64_t> upsert_max_batchsize;
  std::optional<std::uint64_t> search_max_batchsize;
  std::optional<std::uint64_t> max_vector_bytes;
  std::optional<std::uint64_t> max_payload_bytes;
  std::optional<std::uint64_t> max_points;
  std::optional<std::uint64_t> reads_per_minute;
  std::optional<std::uint64_t> writes_per_minute;
  std::optional<std::uint64_t> filter_max_conditions;
  std::optional<std::uint64_t> condition_max_size;
  std::optional<std::uint64_t> max_payload_indexes;
  bool unindexed_reads = true;
  bool unindexed_updates = true;
  bool exact_searches = true;
  payload::object rows_per_multivector; ///< By vector name: {"max_vectors": n}.
  payload::object indices_per_sparse;   ///< By vector name: {"max_length": n}.

  /// Whether writes are refused by how much is stored already.
  bool bounds_size() const noexcept { return max_vector_bytes || max_payload_bytes || max_points; }
};

/// The limits that a collection's strict mode sets; nothing unless it is enabled.
std::optional<strict_limits> strict_limits_of(const collection_options& options);

/// How much a collection holds, as its shards report.
struct stored_sizes {
  std::uint64_t points = 0;
  std::uint64_t vector_bytes = 0;
  std::uint64_t payload_bytes = 0;
};

/// Whether strict mode lets a request through. Error: bad_request, in the words clients know; what
/// the request itself has wrong is not looked at. Rates and sizes are checked elsewhere.
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_batch_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_groups_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const matrix_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const facet_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const scroll_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const count_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const retrieve_request& asked);
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const std::vector<write_operation>& operations);

/// Whether there may be one more payload index.
status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const create_field_index_request& asked);

/// Whether operations that add something may be done to a collection that holds so much already.
status check_sizes(const strict_limits& limits, const stored_sizes& sizes,
                   const std::vector<write_operation>& operations);

} // namespace grape
