#pragma once

#include "tools/bench/vector_files.hpp"

#include "core/executor.hpp"
#include "core/vector/metric.hpp"

namespace grape::bench {

/// The `k` exact nearest rows of every query, best first, by measuring all pairs.
matrix<std::int32_t> exact_neighbours(const matrix<float>& base, const matrix<float>& queries,
                                      metric kind, std::size_t k, executor& with);

/// Clustered random rows for trying things out; the same seed gives the same rows. `queries` of
/// them go into the data set's queries.
data_set synthetic(std::size_t rows, std::size_t queries, std::size_t dimension, metric kind,
                   std::uint64_t seed);

} // namespace grape::bench
