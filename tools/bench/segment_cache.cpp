#include "tools/bench/segment_cache.hpp"

#include "core/index/segment_file.hpp"
#include "core/storage/file_system.hpp"
#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"

#include <filesystem>
#include <iostream>

namespace grape::bench {

std::string cached_index(const index_bench_options& options, const std::string& engine) {
  const std::filesystem::path data(options.data);
  const auto folder = options.cache.empty() ? data.parent_path().string() : options.cache;
  return (folder.empty() ? "." : folder) + "/" + data.filename().string() + "." + engine + ".m"
         + std::to_string(options.m) + ".efc" + std::to_string(options.ef_construct);
}

outcome<std::shared_ptr<const index::segment>>
build_segment(const index_bench_options& options, const data_set& data, const std::string& path) {
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
  auto made = index::segment::build(
      segment_id{1}, source,
      {.m = options.m, .ef_construct = options.ef_construct, .code = options.code}, threads, stop,
      nullptr);
  if (!made)
    return made;
  std::cerr << "built Grape's segment in " << watch.wall() << " s on " << threads.width()
            << " threads\n";
  auto written = (*made)->write(storage::posix_file_system(), path);
  if (!written.ok())
    return written;
  return made;
}

outcome<index::segment_content> cached_segment(const index_bench_options& options,
                                               const data_set& data) {
  const auto name = options.code ? "grape-" + std::string(to_string(*options.code)) : "grape";
  const auto path = cached_index(options, name);
  if (!std::filesystem::exists(path))
    if (auto made = build_segment(options, data, path); !made)
      return std::move(made).error();
  const stopwatch watch;
  auto content = index::read_segment(storage::posix_file_system(), path);
  if (content && content->rows() != data.base.rows())
    return status{errc::wrong_input, path + " was built from other data; remove it"};
  std::cerr << "loaded and verified Grape's segment in " << watch.wall() << " s\n";
  return content;
}

pass measure_segment(const index::segment& over, const data_set& data, std::uint32_t ef,
                     std::size_t k) {
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

} // namespace grape::bench
