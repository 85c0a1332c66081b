#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_node.hpp"
#include "tools/bench/vector_files.hpp"

#include <cstdint>
#include <string>

namespace grape::bench {

/// What is there of rows whose ids are their places.
struct rows_seen {
  std::uint64_t counted = 0; ///< By an exact count.
  std::uint64_t missing = 0; ///< Ids that a walk over all points did not meet.
  double found_exact = 0;    ///< Of sampled rows, those that an exact search for them meets.
  double found = 0;          ///< The same as clients search: in a graph.
};

/// Counts and walks over the collection and searches for 200 of the rows. Errors: as of http_node,
/// malformed.
outcome<rows_seen> look_for_rows(http_node& node, const std::string& collection,
                                 const matrix<float>& rows, std::uint64_t seed);

} // namespace grape::bench
