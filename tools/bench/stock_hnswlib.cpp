// The yardstick: hnswlib as it comes, compiled for this very machine, in a process of its own (in
// one program the linker would mix inline functions of both instruction sets). Builds or loads an
// index, says "ready", and then answers one line per line:
//   "<ef>"  ->  "<recall> <cpu seconds> <wall seconds>"  for one pass over all queries.

#include "tools/bench/stopwatch.hpp"
#include "tools/bench/thread_executor.hpp"
#include "tools/bench/vector_files.hpp"

#include <CLI/CLI.hpp>
#include <hnswlib/hnswlib.h>

#include <filesystem>
#include <iostream>

using namespace grape;

namespace {

struct stock_options {
  std::string data;
  std::string cache;
  std::string metric = "cosine";
  std::size_t queries = 1'000;
  std::size_t m = 16;
  std::size_t ef_construct = 200;
  std::size_t k = 10;
};

stock_options parse(int argc, char** argv) {
  stock_options options;
  CLI::App app{"stock hnswlib, driven by grape-bench"};
  app.add_option("--data", options.data)->required();
  app.add_option("--cache", options.cache)->required();
  app.add_option("--metric", options.metric);
  app.add_option("--queries", options.queries);
  app.add_option("--m", options.m);
  app.add_option("--ef-construct", options.ef_construct);
  app.add_option("--k", options.k);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

using index = hnswlib::HierarchicalNSW<float>;

std::unique_ptr<index> prepare(hnswlib::SpaceInterface<float>& space, const stock_options& options,
                               const bench::matrix<float>& base) {
  if (std::filesystem::exists(options.cache)) {
    auto loaded = std::make_unique<index>(&space, options.cache);
    loaded->num_deleted_ = 0; // The loading constructor leaves it undefined.
    return loaded;
  }
  auto built = std::make_unique<index>(&space, base.rows(), options.m, options.ef_construct);
  bench::thread_executor threads;
  built->addPoint(base.row(0), 0);
  std::atomic<std::size_t> next = 1;
  threads.run(threads.width(), [&](std::size_t) {
    for (auto row = next++; row < base.rows(); row = next++)
      built->addPoint(base.row(row), row);
  });
  built->saveIndex(options.cache);
  return built;
}

void answer(index& over, const bench::data_set& data, std::size_t ef, std::size_t k) {
  over.setEf(ef);
  std::vector<std::uint32_t> found(data.queries.rows() * k);
  const bench::stopwatch watch;
  for (std::size_t query = 0; query < data.queries.rows(); ++query) {
    auto best = over.searchKnn(data.queries.row(query), k);
    for (auto at = query * k; !best.empty(); best.pop())
      found[at++] = static_cast<std::uint32_t>(best.top().second);
  }
  const auto cpu = watch.cpu();
  const auto wall = watch.wall();
  std::cout << bench::recall_of(data, found, k) << ' ' << cpu << ' ' << wall << std::endl;
}

} // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  const auto data = bench::read_data_set(options.data, options.queries, true);
  if (!data) {
    std::cerr << to_string(data.error()) << '\n';
    return 1;
  }
  std::unique_ptr<hnswlib::SpaceInterface<float>> space;
  if (options.metric == "euclid")
    space = std::make_unique<hnswlib::L2Space>(data->base.width);
  else
    space = std::make_unique<hnswlib::InnerProductSpace>(data->base.width);
  try {
    const auto over = prepare(*space, options, data->base);
    std::cout << "ready" << std::endl;
    std::size_t ef = 0;
    while (std::cin >> ef)
      answer(*over, *data, ef, options.k);
  } catch (const std::exception& error) {
    std::cerr << "hnswlib: " << error.what() << '\n';
    return 1;
  }
}
