#include "tools/bench/segment_benches.hpp"

#include "core/index/code_planner.hpp"
#include "core/index/code_scan.hpp"
#include "core/index/sealed_segment.hpp"
#include "core/vector/top_k.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/segment_cache.hpp"
#include "tools/bench/stopwatch.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <random>

namespace grape::bench {

namespace {

constexpr double shares[] = {0.001, 0.01, 0.1, 0.3, 0.5};

/// Which rows may be found, as a segment's live bits.
struct bitmap {
  std::vector<std::uint64_t> words;

  index::row_filter filter() const noexcept { return {words.data(), nullptr, nullptr}; }
};

/// Passes that share of the rows: any, or those that came first in the data.
bitmap choose(const index::segment_content& content, double share, bool by_chance) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> draw;
  const auto first = share * content.rows();
  bitmap chosen{std::vector<std::uint64_t>((content.rows() + 63) / 64)};
  for (std::uint32_t row = 0; row < content.rows(); ++row) {
    const auto position = static_cast<double>(content.ids[row].number());
    if (by_chance ? draw(random) < share : position < first)
      chosen.words[row / 64] |= std::uint64_t{1} << (row % 64);
  }
  return chosen;
}

struct measured {
  double queries_per_second = 0; ///< By processor time; the median of the repetitions.
  double recall = 0;
};

using search_function = std::function<std::vector<index::scored_row>(std::span<const float>)>;

measured measure(const data_set& data, const std::vector<std::vector<index::scored_row>>& right,
                 int repetitions, const search_function& search) {
  std::vector<double> rates;
  std::size_t met = 0;
  std::size_t wanted = 0;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    std::vector<std::vector<index::scored_row>> found;
    const stopwatch watch;
    for (std::size_t query = 0; query < data.queries.rows(); ++query)
      found.push_back(search({data.queries.row(query), data.queries.width}));
    rates.push_back(static_cast<double>(data.queries.rows()) / watch.cpu());
    for (std::size_t query = 0; query < found.size(); ++query)
      for (const auto& one : right[query]) {
        ++wanted;
        met += std::any_of(found[query].begin(), found[query].end(),
                           [&](const auto& other) { return other.where == one.where; })
                   ? 1u
                   : 0u;
      }
  }
  return {*median(rates), static_cast<double>(met) / static_cast<double>(wanted)};
}

/// The scan that a search is held against: codes of the passing rows, the front measured exactly.
std::vector<index::scored_row> scan_codes(const index::segment_content& content,
                                          const index::row_filter& filter, isa with, std::size_t k,
                                          std::span<const float> query) {
  const distance_function exact(content.distance, content.dimension, with);
  budget unlimited;
  top_k<index::scored_row> best(k);
  const auto coded = content.quantizer->prepare(query.data());
  const auto wanted = index::rescored_for(content.code(), k);
  for (const auto where :
       index::nearest_by_code(content, with, coded, wanted, filter, unlimited))
    best.offer({exact(query.data(), static_cast<const float*>(content.stored(where))), row{where}});
  return best.take();
}

} // namespace

status run_filter_bench(const index_bench_options& options) {
  const auto data = read_data_set(options.data, options.queries, false);
  if (!data)
    return data.error();
  auto for_scans = cached_segment(options, *data);
  auto content = cached_segment(options, *data);
  if (!content || !for_scans)
    return content ? for_scans.error() : content.error();
  if (!content->quantizer)
    return {errc::wrong_input, "the segment has no codes to be scanned"};
  const index::sealed_segment segment(std::move(*content), {}, options.with);
  const auto ef = options.efs.front();
  std::cout << hardware_line() << '\n'
            << data->base.rows() << " x " << data->base.width << ", " << to_string(options.kind)
            << ", " << data->queries.rows() << " queries, k " << options.k << ", ef " << ef << ", "
            << to_string(segment.code()) << ", " << to_string(options.with)
            << ", one thread, queries per second of processor time, medians of "
            << options.repetitions << "\n\n"
            << "passes    by         search   recall   scan of codes   recall   ratio\n";
  for (const auto by_chance : {true, false})
    for (const auto share : shares) {
      const auto chosen = choose(*for_scans, share, by_chance);
      std::vector<std::vector<index::scored_row>> right;
      for (std::size_t query = 0; query < data->queries.rows(); ++query) {
        budget unlimited;
        right.push_back(segment.scan_all({data->queries.row(query), data->queries.width}, options.k,
                                         chosen.filter(), unlimited));
      }
      const auto searched = measure(*data, right, options.repetitions, [&](auto query) {
        budget unlimited;
        return segment.search(query, options.k, ef, chosen.filter(), unlimited);
      });
      const auto scanned = measure(*data, right, options.repetitions, [&](auto query) {
        return scan_codes(*for_scans, chosen.filter(), options.with, options.k, query);
      });
      char line[160];
      std::snprintf(line, sizeof line, "%5.1f %%   %-8s %8.0f %8.4f %15.0f %8.4f %7.2f\n",
                    share * 100, by_chance ? "chance" : "order", searched.queries_per_second,
                    searched.recall, scanned.queries_per_second, scanned.recall,
                    searched.queries_per_second / scanned.queries_per_second);
      std::cout << line;
    }
  return {};
}

} // namespace grape::bench
