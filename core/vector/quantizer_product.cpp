#include "core/vector/quantizer_product.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/row_sample.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace grape {

namespace {

constexpr std::size_t centroids = quantizer_product::centroids;
constexpr std::size_t sample_rows_max = 8'192;
constexpr std::size_t sample_values_max = 8'192 * 4'096;
constexpr int training_rounds = 6;
constexpr std::uint16_t group_short = 4; // Below 512 dimensions there is little to save.
constexpr std::uint16_t group_long = 8;

using distances_to_all = std::array<float, centroids>;

std::size_t groups_in(std::size_t dimension, std::uint16_t group) noexcept {
  return (dimension + group - 1) / group;
}

/// The centroids of one group, component by component.
struct group_view {
  const float* of;
  std::size_t components; ///< Those that the vector has.

  template <class Term>
  void add_up(const float* part, distances_to_all& to, Term term) const noexcept {
    to.fill(0);
    for (std::size_t j = 0; j < components; ++j)
      for (std::size_t c = 0; c < centroids; ++c)
        to[c] += term(part[j], of[j * centroids + c]);
  }

  void squares(const float* part, distances_to_all& to) const noexcept {
    add_up(part, to, [](float x, float y) { return (x - y) * (x - y); });
  }

  std::size_t nearest(const float* part) const noexcept {
    distances_to_all to;
    squares(part, to);
    return static_cast<std::size_t>(std::min_element(to.begin(), to.end()) - to.begin());
  }
};

/// One round of k-means over a group of components; a centroid that nobody is near to is moved to
/// some row.
void train_round(const row_sample& sample, std::size_t first, std::size_t components,
                 std::size_t round, float* table) {
  const group_view group{table, components};
  std::vector<double> sums(components * centroids);
  std::vector<std::size_t> counts(centroids);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const auto nearest = group.nearest(sample[i] + first);
    ++counts[nearest];
    for (std::size_t j = 0; j < components; ++j)
      sums[j * centroids + nearest] += static_cast<double>(sample[i][first + j]);
  }
  for (std::size_t c = 0; c < centroids; ++c) {
    const auto* stray = sample[(c * 7'919 + round * 104'729) % sample.size()] + first;
    for (std::size_t j = 0; j < components; ++j)
      table[j * centroids + c] =
          counts[c] == 0
              ? stray[j]
              : static_cast<float>(sums[j * centroids + c] / static_cast<double>(counts[c]));
  }
}

} // namespace

quantizer_product::quantizer_product(metric kind, std::size_t dimension, std::uint16_t group,
                                     std::vector<float> table)
  : kind_(kind)
  , dimension_(dimension)
  , group_(group)
  , table_(std::move(table)) {
  GRAPE_CHECK(dimension > 0 && group > 0 && table_.size() == table_size_for(dimension, group));
}

std::shared_ptr<const quantizer_product> quantizer_product::learn(metric kind,
                                                                  std::size_t dimension,
                                                                  std::size_t rows,
                                                                  const row_source& row_at) {
  const row_sample sample(dimension, rows, row_at, sample_rows_max, sample_values_max);
  const auto group = group_for(dimension);
  std::vector<float> table(table_size_for(dimension, group));
  for (std::size_t first = 0; first < dimension; first += group) {
    auto* of = table.data() + first * centroids;
    const auto components = std::min<std::size_t>(group, dimension - first);
    for (std::size_t c = 0; c < centroids; ++c)
      for (std::size_t j = 0; j < components; ++j)
        of[j * centroids + c] = sample[c * sample.size() / centroids][first + j];
    for (int round = 0; round < training_rounds; ++round)
      train_round(sample, first, components, static_cast<std::size_t>(round), of);
  }
  // A component that is not finite must not spoil the table.
  std::replace_if(
      table.begin(), table.end(), [](float x) { return !std::isfinite(x); }, 0.0f);
  return std::make_shared<quantizer_product>(kind, dimension, group, std::move(table));
}

std::size_t quantizer_product::stride_for(std::size_t dimension, std::uint16_t group) noexcept {
  return (groups_in(dimension, group) + 7) / 8 * 8;
}

std::size_t quantizer_product::table_size_for(std::size_t dimension, std::uint16_t group) noexcept {
  return groups_in(dimension, group) * group * centroids;
}

std::uint16_t quantizer_product::group_for(std::size_t dimension) noexcept {
  return dimension < 512 ? group_short : group_long;
}

std::size_t quantizer_product::code_length() const noexcept {
  return groups_in(dimension_, group_);
}

void quantizer_product::encode_stored(const float* row, std::uint8_t* code) const {
  std::fill_n(code, stride(), std::uint8_t{0});
  for (std::size_t first = 0; first < dimension_; first += group_) {
    const group_view group{table_.data() + first * centroids,
                           std::min<std::size_t>(group_, dimension_ - first)};
    code[first / group_] = static_cast<std::uint8_t>(group.nearest(row + first));
  }
}

code_query quantizer_product::prepare(const float* query) const {
  code_query prepared;
  prepared.floats.reserve(code_length() * centroids);
  for (std::size_t first = 0; first < dimension_; first += group_) {
    const group_view group{table_.data() + first * centroids,
                           std::min<std::size_t>(group_, dimension_ - first)};
    distances_to_all to;
    switch (kind_) {
      case metric::cosine:
      case metric::dot:
        group.add_up(query + first, to, [](float x, float y) { return -x * y; });
        break;
      case metric::euclid: group.squares(query + first, to); break;
      case metric::manhattan:
        group.add_up(query + first, to, [](float x, float y) { return std::fabs(x - y); });
        break;
    }
    prepared.floats.insert(prepared.floats.end(), to.begin(), to.end());
  }
  return prepared;
}

float quantizer_product::distance(const code_query& query,
                                  const std::uint8_t* code) const noexcept {
  return kernels_of(best_isa()).sum_of_tables(code, query.floats.data(), code_length());
}

} // namespace grape
