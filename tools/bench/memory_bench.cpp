#include "tools/bench/segment_benches.hpp"

#include "core/index/code_planner.hpp"
#include "core/index/sealed_segment.hpp"
#include "tools/bench/hardware.hpp"
#include "tools/bench/segment_cache.hpp"

#include <cstdio>
#include <iostream>
#include <numeric>

namespace grape::bench {

status run_memory_bench(const index_bench_options& options) {
  const auto data = read_data_set(options.data, 1, false);
  if (!data)
    return data.error();
  std::cout << hardware_line() << '\n'
            << data->base.rows() << " x " << data->base.width << ", " << to_string(options.kind)
            << ", m " << options.m << "; bytes per row. hot: links and codes, which every walk "
            << "reads; vectors may be mapped\n\n"
            << "code        links   codes     hot   vectors   names     all   segment   planned\n";
  for (const auto code : {coding::floats, coding::bfloat16, coding::int8, coding::int4,
                          coding::product, coding::bits}) {
    if (!supports(options.kind, code))
      continue;
    auto with = options;
    with.code = code;
    auto content = cached_segment(with, *data);
    if (!content)
      return content.error();
    index::segment_shape shape{content->rows(),   content->dimension, content->links.m, 0,
                               content->distance, content->code()};
    const auto& levels = content->links.levels;
    shape.upper_lists = std::accumulate(levels.begin(), levels.end(), std::uint64_t{0});
    const auto memory = index::memory_of(shape);
    shape.upper_lists = index::expected_upper_lists(shape.rows, shape.m);
    const auto planned = index::memory_of(shape);
    const index::sealed_segment segment(std::move(*content), {});
    const auto per_row = [&](std::uint64_t bytes) {
      return static_cast<double>(bytes) / static_cast<double>(shape.rows);
    };
    char line[160];
    std::snprintf(line, sizeof line, "%-9s %7.1f %7.1f %7.1f %9.1f %7.1f %7.1f %9.1f %9.1f\n",
                  std::string(to_string(segment.code())).c_str(), per_row(memory.links),
                  per_row(memory.codes), per_row(memory.links + memory.codes),
                  per_row(memory.vectors), per_row(memory.names), per_row(memory.total()),
                  per_row(segment.bytes()), per_row(planned.total()));
    std::cout << line;
  }
  return {};
}

} // namespace grape::bench
