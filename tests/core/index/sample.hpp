#pragma once

#include "core/index/segment.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>
#include <random>
#include <vector>

namespace grape::tests {

/// Clustered vectors, as real embeddings are, and queries from the same clusters.
struct sample {
  metric distance = metric::cosine;
  std::uint32_t dimension = 0;
  std::vector<std::vector<float>> rows;
  std::vector<std::vector<float>> queries;

  sample(metric kind, std::uint32_t dimensions, std::size_t row_count, unsigned seed,
         std::size_t query_count = 50)
    : distance(kind)
    , dimension(dimensions) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> centres(40, std::vector<float>(dimension));
    for (auto& centre : centres)
      for (auto& x : centre)
        x = 0.3f + 0.6f * normal(random);
    const auto draw = [&] {
      auto vector = centres[random() % centres.size()];
      for (auto& x : vector)
        x += 0.5f * normal(random);
      if (distance == metric::cosine)
        normalise(vector);
      return vector;
    };
    std::generate_n(std::back_inserter(rows), row_count, draw);
    std::generate_n(std::back_inserter(queries), query_count, draw);
  }

  index::segment_source source() const {
    index::segment_source from;
    from.distance = distance;
    from.dimension = dimension;
    from.vector_at = [this](std::size_t i) { return rows[i].data(); };
    for (std::size_t i = 0; i < rows.size(); ++i) {
      from.ids.push_back(point_id{i});
      from.vector_versions.push_back(1'000 + i);
    }
    return from;
  }
};

/// Builds a segment that must succeed. Its ids are the positions in the sample.
inline std::shared_ptr<const index::segment> built(const sample& from,
                                                   const index::graph_options& options = {}) {
  inline_executor here;
  std::atomic<bool> stop = false;
  auto segment = index::segment::build(segment_id{7}, from.source(), options, here, stop, nullptr);
  GRAPE_CHECK(segment.ok());
  return *segment;
}

/// The exact answer by the plainest means: every row measured, sorted.
inline std::vector<index::scored_row> brute_force(const index::segment& over,
                                                  const std::vector<float>& query, std::size_t k,
                                                  const std::vector<bool>& passing) {
  const distance_function measure(over.distance(), over.dimension());
  std::vector<index::scored_row> all;
  for (std::uint32_t i = 0; i < over.rows(); ++i)
    if (passing[i])
      all.push_back({measure(query.data(), over.vector(row{i}).data()), row{i}});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.distance, a.where) < std::pair(b.distance, b.where);
  });
  all.resize(std::min(k, all.size()));
  return all;
}

/// How many of `right` are among `found`. Distances of other instruction sets differ a little,
/// so only rows are compared.
inline std::size_t hits(const std::vector<index::scored_row>& found,
                        const std::vector<index::scored_row>& right) {
  return static_cast<std::size_t>(
    std::count_if(right.begin(), right.end(), [&](const index::scored_row& one) {
      return std::any_of(found.begin(), found.end(), [&](const index::scored_row& other) {
        return other.where == one.where;
      });
    }));
}

/// The share of the exact ten neighbours of all queries that searches find. Fails the check if a
/// row is found that does not pass, or fewer rows than there are.
struct recall_count {
  std::size_t met = 0;
  std::size_t wanted = 0;
  bool obeyed = true;

  double share() const { return static_cast<double>(met) / static_cast<double>(wanted); }
};

inline recall_count recall(const index::segment& over, const sample& from, std::uint32_t ef,
                           const index::row_filter& filter, const std::vector<bool>& passing) {
  recall_count count;
  for (const auto& query : from.queries) {
    budget unlimited;
    const auto found = over.search(query, 10, ef, filter, unlimited);
    const auto right = brute_force(over, query, 10, passing);
    for (const auto& one : found)
      count.obeyed = count.obeyed && passing[one.where.value];
    count.obeyed = count.obeyed && found.size() == right.size();
    count.met += hits(found, right);
    count.wanted += right.size();
  }
  return count;
}

/// A row_filter with what it points to. Slots are the rows in reverse order.
struct owned_filter {
  std::vector<std::uint64_t> live;
  std::vector<std::uint32_t> slots;
  std::vector<std::uint64_t> allowed;
  std::vector<bool> passing;

  owned_filter(std::uint32_t rows, double live_share, double allowed_share, unsigned seed)
    : live((rows + 63) / 64)
    , slots(rows)
    , allowed((rows + 63) / 64)
    , passing(rows) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> draw;
    for (std::uint32_t i = 0; i < rows; ++i) {
      slots[i] = rows - 1 - i;
      const auto lives = draw(random) < live_share;
      const auto is_allowed = draw(random) < allowed_share;
      live[i / 64] |= std::uint64_t{lives} << (i % 64);
      allowed[slots[i] / 64] |= std::uint64_t{is_allowed} << (slots[i] % 64);
      passing[i] = lives && is_allowed;
    }
  }

  index::row_filter get() const { return {live.data(), slots.data(), allowed.data()}; }
};

} // namespace grape::tests
