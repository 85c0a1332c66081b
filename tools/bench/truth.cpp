#include "tools/bench/truth.hpp"

#include "core/vector/kernels.hpp"
#include "core/vector/top_k.hpp"

#include <algorithm>
#include <random>

namespace grape::bench {

namespace {

constexpr std::size_t queries_per_job = 32;
constexpr std::size_t rows_per_block = 256; // Together they stay in the nearest caches.

struct neighbour {
  float distance = 0;
  std::int32_t where = 0;
};

void find_some(const matrix<float>& base, const matrix<float>& queries,
               const distance_function& measure, std::size_t first, std::size_t last,
               matrix<std::int32_t>& to) {
  std::vector<top_k<neighbour>> best(last - first, top_k<neighbour>(to.width));
  std::vector<float> distances(rows_per_block);
  for (std::size_t row = 0; row < base.rows(); row += rows_per_block) {
    const auto count = std::min(rows_per_block, base.rows() - row);
    for (auto query = first; query < last; ++query) {
      auto& nearest = best[query - first];
      measure.contiguous(queries.row(query), base.row(row), std::span(distances).first(count));
      for (std::size_t i = 0; i < count; ++i)
        if (distances[i] <= nearest.bound())
          nearest.offer({distances[i], static_cast<std::int32_t>(row + i)});
    }
  }
  for (auto query = first; query < last; ++query) {
    const auto nearest = best[query - first].take();
    std::transform(nearest.begin(), nearest.end(), to.values.begin()
                     + static_cast<std::ptrdiff_t>(query * to.width),
                   [](const neighbour& one) { return one.where; });
  }
}

} // namespace

matrix<std::int32_t> exact_neighbours(const matrix<float>& base, const matrix<float>& queries,
                                      metric kind, std::size_t k, executor& with) {
  matrix<std::int32_t> found;
  found.width = std::min(k, base.rows());
  found.values.resize(queries.rows() * found.width);
  const distance_function measure(kind, base.width);
  const auto jobs = (queries.rows() + queries_per_job - 1) / queries_per_job;
  with.run(jobs, [&](std::size_t job) {
    const auto first = job * queries_per_job;
    find_some(base, queries, measure, first, std::min(first + queries_per_job, queries.rows()),
              found);
  });
  return found;
}

data_set synthetic(std::size_t rows, std::size_t queries, std::size_t dimension, metric kind,
                   std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> centres(100, std::vector<float>(dimension));
  for (auto& centre : centres)
    std::generate(centre.begin(), centre.end(), [&] { return normal(random); });
  const auto fill = [&](matrix<float>& to, std::size_t count) {
    to.width = dimension;
    for (std::size_t i = 0; i < count; ++i) {
      auto vector = centres[random() % centres.size()];
      for (auto& x : vector)
        x += 0.7f * normal(random);
      if (kind == metric::cosine)
        normalise(vector);
      to.values.insert(to.values.end(), vector.begin(), vector.end());
    }
  };
  data_set made;
  fill(made.base, rows);
  fill(made.queries, queries);
  return made;
}

} // namespace grape::bench
