#include "tools/bench/index_bench.hpp"

#include "core/index/sealed_segment.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/index_report.hpp"
#include "tools/bench/index_scaling.hpp"
#include "tools/bench/segment_cache.hpp"
#include "tools/bench/stock_process.hpp"
#include "tools/bench/vector_files.hpp"

#include <iostream>

namespace grape::bench {

status run_index_bench(const index_bench_options& options) {
  if (options.kind != metric::cosine && options.kind != metric::euclid)
    return {errc::bad_request, "only cosine and euclid have a counterpart to be measured against"};
  const auto data = read_data_set(options.data, options.queries, true);
  if (!data)
    return data.error();
  if (data->truth.width < options.k)
    return {errc::wrong_input, "the truth holds fewer neighbours than are asked for"};
  auto content = cached_segment(options, *data);
  if (!content)
    return content.error();
  const index::sealed_segment segment(std::move(*content), {}, options.with);
  stock_process stock;
  if (!options.stock_program.empty()) {
    auto started = start_stock(options, cached_index(options, options.stock));
    if (!started)
      return std::move(started).error();
    stock = std::move(*started);
  }
  index_report report(options, *data, segment);
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    curve ours;
    curve theirs;
    for (const auto ef : options.efs) {
      ours.push_back(measure_segment(segment, *data, ef, options.k));
      if (stock.child == nullptr)
        continue;
      const auto passed = measure_stock(stock, *data, ef);
      if (!passed)
        return passed.error();
      theirs.push_back(*passed);
    }
    report.add(std::move(ours), std::move(theirs));
    std::cerr << "repetition " << repetition + 1 << " of " << options.repetitions << " done\n";
  }
  if (options.threads > 1)
    report.add(measure_scaling(segment, *data, report.ef_at(0.95), options.k, options.threads));
  return report.finish();
}

} // namespace grape::bench
