#include "tools/bench/segment_benches.hpp"

#include "core/index/code_planner.hpp"
#include "core/index/sealed_segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/file_system.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/segment_cache.hpp"
#include "tools/bench/stopwatch.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <numeric>

namespace grape::bench {

namespace {

/// A line of /proc/self/status in MiB; 0 where there is none.
double own_mebibytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (double kib = 0; word == key + ":" && status >> kib)
      return kib / 1'024;
  return 0;
}

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / (1'024 * 1'024);
}

/// Queries and truth, but not the rows: these would fill the memory that is measured.
outcome<data_set> read_questions(const std::string& prefix, std::size_t queries_max) {
  auto queries = read_fvecs(prefix + ".query.fvecs", queries_max);
  if (!queries)
    return std::move(queries).error();
  auto truth = read_ivecs(prefix + ".gt.ivecs", queries_max);
  if (!truth)
    return std::move(truth).error();
  if (truth->rows() != queries->rows())
    return status{errc::wrong_input, prefix + ": queries and truth differ in number"};
  return data_set{{}, std::move(*queries), std::move(*truth)};
}

/// What the segment must keep in memory of its own: all but the vectors.
std::uint64_t hot_bytes(const index::segment_content& content) {
  index::segment_shape shape{content.rows(),   content.dimension, content.links.m, 0,
                             content.distance, content.code(),    content.form};
  const auto& levels = content.links.levels;
  shape.upper_lists = std::accumulate(levels.begin(), levels.end(), std::uint64_t{0});
  const auto memory = index::memory_of(shape);
  return memory.total() - memory.vectors;
}

} // namespace

status run_mapped_bench(const index_bench_options& options) {
  const auto data = read_questions(options.data, options.queries);
  if (!data)
    return data.error();
  const auto name = options.code ? "grape-" + std::string(to_string(*options.code)) : "grape";
  const auto path = cached_index(options, name);
  const auto before = own_mebibytes("RssAnon");
  const stopwatch loading;
  auto content = index::read_segment(storage::posix_file_system(), path);
  if (!content)
    return content.error();
  const auto loaded_s = loading.wall();
  const auto formula = mebibytes(hot_bytes(*content));
  const auto rows = content->rows();
  const index::sealed_segment segment(std::move(*content), {}, options.with);
  const auto own = own_mebibytes("RssAnon") - before;
  std::cout << hardware_line() << '\n'
            << rows << " x " << segment.dimension() << ", " << to_string(options.kind) << ", "
            << to_string(segment.code()) << ", loaded and verified in " << loaded_s << " s\n"
            << "hot memory: " << own << " MiB, " << formula << " by the formula, ratio "
            << own / formula << "; vectors in mapped pages: " << mebibytes(segment.mapped_bytes())
            << " MiB\n\n"
            << "   ef   recall   queries/s by cpu   by clock\n";
  for (const auto ef : options.efs) {
    const auto made = measure_segment(segment, *data, ef, options.k);
    char line[120];
    std::snprintf(line, sizeof line, "%5u   %.4f   %16.0f   %8.0f\n", ef, made.recall,
                  made.queries_per_second, made.wall_queries_per_second);
    std::cout << line;
  }
  std::cout << "\nat the end: RssAnon " << own_mebibytes("RssAnon") << " MiB, RssFile "
            << own_mebibytes("RssFile") << " MiB\n";
  return {};
}

} // namespace grape::bench
