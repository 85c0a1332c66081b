#pragma once

#include "core/outcome.hpp"
#include "tools/bench/http_queries.hpp"
#include "tools/bench/word_sample.hpp"

#include <span>
#include <string>
#include <vector>

namespace grape::bench {

/// What parts of a query cost when nothing else is done: processor time of one thread in this
/// process, microseconds per query.
struct bare_costs {
  double search_us = 0;   ///< index::vector_view::search over the whole sample in one graph.
  double json_in_us = 0;  ///< Decoding the query's body.
  double json_out_us = 0; ///< Encoding the answer.
};

/// Builds the index of the sample as a node does (normalised for Cosine, one sealed segment) and
/// asks it the sample's queries in turn for about `seconds` per part.
outcome<bare_costs> measure_bare(const word_sample& sample, const query_style& how,
                                 double seconds);

} // namespace grape::bench
