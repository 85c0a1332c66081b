#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace grape::bench {

/// Rows of equal length, one after another.
template <class T>
struct matrix {
  std::size_t width = 0;
  std::vector<T> values;

  std::size_t rows() const noexcept { return width == 0 ? 0 : values.size() / width; }
  const T* row(std::size_t i) const noexcept { return values.data() + i * width; }
};

/// Reads .fvecs: per row its length (int32) and that many floats, little-endian. At most
/// `rows_max` rows. Errors: not_found, corrupted.
outcome<matrix<float>> read_fvecs(const std::string& path, std::size_t rows_max);

/// The same for .ivecs, with int32 instead of floats.
outcome<matrix<std::int32_t>> read_ivecs(const std::string& path, std::size_t rows_max);

status write_fvecs(const std::string& path, const matrix<float>& rows);
status write_ivecs(const std::string& path, const matrix<std::int32_t>& rows);

/// A data set: PREFIX.base.fvecs, PREFIX.query.fvecs, PREFIX.gt.ivecs (the exact nearest rows of
/// each query, best first).
struct data_set {
  matrix<float> base;
  matrix<float> queries;
  matrix<std::int32_t> truth;
};

/// Reads a data set and checks that its parts fit together. Keeps the first `queries_max`
/// queries. Without `with_truth`, the third file is neither needed nor read.
outcome<data_set> read_data_set(const std::string& prefix, std::size_t queries_max,
                                bool with_truth);

/// The share of each query's first `k` true neighbours that were found; `found` has k per query.
double recall_of(const data_set& data, std::span<const std::uint32_t> found, std::size_t k);

} // namespace grape::bench
