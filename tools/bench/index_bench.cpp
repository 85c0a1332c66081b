#include "tools/bench/index_bench.hpp"

#include "core/index/sealed_segment.hpp"
#include "core/index/segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/file_system.hpp"
#include "core/vector/kernels.hpp"
#include "tools/bench/child_process.hpp"
#include "tools/bench/curve.hpp"
#include "tools/bench/index_report.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"
#include "tools/bench/vector_files.hpp"

#include <filesystem>
#include <iostream>
#include <sstream>

namespace grape::bench {

namespace {

using segment_pointer = std::shared_ptr<const index::segment>;

/// Where an index with these settings is kept between runs.
std::string cached(const index_bench_options& options, const std::string& engine) {
  const std::filesystem::path data(options.data);
  const auto folder = options.cache.empty() ? data.parent_path().string() : options.cache;
  return (folder.empty() ? "." : folder) + "/" + data.filename().string() + "." + engine + ".m"
         + std::to_string(options.m) + ".efc" + std::to_string(options.ef_construct);
}

outcome<segment_pointer> build(const index_bench_options& options, const data_set& data,
                               const std::string& path) {
  index::segment_source source;
  source.distance = options.kind;
  source.dimension = static_cast<std::uint32_t>(data.base.width);
  source.vector_at = [&](std::size_t i) { return data.base.row(i); };
  for (std::size_t i = 0; i < data.base.rows(); ++i)
    source.ids.push_back(point_id{i});
  source.vector_versions.resize(data.base.rows());
  thread_executor threads;
  const std::atomic<bool> stop = false;
  const stopwatch watch;
  auto made = index::segment::build(segment_id{1}, source,
                                    {.m = options.m,
                                     .ef_construct = options.ef_construct,
                                     .code = options.code},
                                    threads, stop, nullptr);
  if (!made)
    return made;
  std::cerr << "built Grape's segment in " << watch.wall() << " s on " << threads.width()
            << " threads\n";
  auto written = (*made)->write(storage::posix_file_system(), path);
  return written.ok() ? std::move(made) : outcome<segment_pointer>(std::move(written));
}

outcome<segment_pointer> prepare(const index_bench_options& options, const data_set& data) {
  const auto name = options.code ? "grape-" + std::string(to_string(*options.code)) : "grape";
  const auto path = cached(options, name);
  if (!std::filesystem::exists(path))
    if (auto made = build(options, data, path); !made)
      return made;
  const stopwatch watch;
  auto content = index::read_segment(storage::posix_file_system(), path);
  if (!content)
    return content.error();
  if (content->rows() != data.base.rows())
    return status{errc::wrong_input, path + " was built from other data; remove it"};
  std::cerr << "loaded and verified Grape's segment in " << watch.wall() << " s\n";
  return segment_pointer(
    std::make_shared<index::sealed_segment>(std::move(*content), std::vector<std::uint32_t>{},
                                            options.with));
}

pass measure(const index::segment& over, const data_set& data, std::uint32_t ef, std::size_t k) {
  std::vector<std::uint32_t> found(data.queries.rows() * k);
  const auto count = static_cast<double>(data.queries.rows());
  const stopwatch watch;
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    budget unlimited;
    const auto best =
      over.search({data.queries.row(query), data.queries.width}, k, ef, {}, unlimited);
    for (std::size_t i = 0; i < best.size(); ++i)
      found[query * k + i] = best[i].where.value;
  }
  pass made{ef, 0, count / watch.cpu(), count / watch.wall()};
  for (auto& one : found)
    one = static_cast<std::uint32_t>(over.id_of(row{one}).number());
  made.recall = recall_of(data, found, k);
  return made;
}

outcome<std::unique_ptr<child_process>> start_stock(const index_bench_options& options) {
  auto started = child_process::start(
    options.stock_program,
    {"--data", options.data, "--cache", cached(options, "hnswlib"), "--metric",
     options.kind == metric::euclid ? "euclid" : "cosine", "--queries",
     std::to_string(options.queries), "--m", std::to_string(options.m), "--ef-construct",
     std::to_string(options.ef_construct), "--k", std::to_string(options.k)});
  if (!started)
    return started;
  const auto line = (*started)->receive();
  if (!line)
    return line.error();
  return started;
}

outcome<pass> measure_stock(child_process& stock, const data_set& data, std::uint32_t ef) {
  if (auto sent = stock.send(std::to_string(ef)); !sent.ok())
    return sent;
  const auto line = stock.receive();
  if (!line)
    return line.error();
  pass made{.ef = ef};
  double cpu = 0;
  double wall = 0;
  if (!(std::istringstream(*line) >> made.recall >> cpu >> wall) || cpu <= 0 || wall <= 0)
    return status{errc::internal, "stock_hnswlib answered: " + *line};
  made.queries_per_second = static_cast<double>(data.queries.rows()) / cpu;
  made.wall_queries_per_second = static_cast<double>(data.queries.rows()) / wall;
  return made;
}

} // namespace

status run_index_bench(const index_bench_options& options) {
  if (options.kind != metric::cosine && options.kind != metric::euclid)
    return {errc::bad_request, "only cosine and euclid have a counterpart to be measured against"};
  const auto data = read_data_set(options.data, options.queries, true);
  if (!data)
    return data.error();
  if (data->truth.width < options.k)
    return {errc::wrong_input, "the truth holds fewer neighbours than are asked for"};
  const auto segment = prepare(options, *data);
  if (!segment)
    return segment.error();
  std::unique_ptr<child_process> stock;
  if (!options.stock_program.empty()) {
    auto started = start_stock(options);
    if (!started)
      return std::move(started).error();
    stock = std::move(*started);
  }
  index_report report(options, *data, **segment);
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    curve ours;
    curve theirs;
    for (const auto ef : options.efs) {
      ours.push_back(measure(**segment, *data, ef, options.k));
      if (stock == nullptr)
        continue;
      const auto passed = measure_stock(*stock, *data, ef);
      if (!passed)
        return passed.error();
      theirs.push_back(*passed);
    }
    report.add(std::move(ours), std::move(theirs));
    std::cerr << "repetition " << repetition + 1 << " of " << options.repetitions << " done\n";
  }
  return report.finish();
}

} // namespace grape::bench
