#pragma once

#include "core/index/segment.hpp"
#include "core/status.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/index_bench.hpp"
#include "tools/bench/index_scaling.hpp"
#include "tools/bench/vector_files.hpp"

#include <vector>

namespace grape::bench {

/// Collects the curves of a run and tells them as a table, as JSON and as a plot.
class index_report {
public:
  index_report(const index_bench_options& options, const data_set& data,
               const index::segment& over);

  /// One repetition; `stock` may be empty.
  void add(curve grape, curve stock);

  void add(const scaling& found) { scaling_ = found; }

  /// The ef at which Grape reaches this recall; the largest measured if it does not.
  std::uint32_t ef_at(double recall) const;

  /// Prints and writes what the options ask for.
  status finish() const;

private:
  struct at_equal_recall {
    double recall = 0;
    std::optional<double> grape; ///< Queries per second; medians over the repetitions.
    std::optional<double> grape_ef;
    std::optional<double> stock;
    std::optional<double> stock_ef;
    std::optional<double> ratio; ///< The median of ratios, not the ratio of medians.
  };

  at_equal_recall compare(double recall) const;
  void print_table(std::ostream& to) const;
  std::string json() const;

  const index_bench_options& options_;
  std::size_t rows_;
  std::size_t dimension_;
  std::size_t queries_;
  std::uint64_t bytes_;
  coding code_;
  std::optional<scaling> scaling_;
  std::vector<curve> grape_;
  std::vector<curve> stock_;
};

} // namespace grape::bench
