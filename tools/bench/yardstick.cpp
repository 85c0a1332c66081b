#include "tools/bench/yardstick.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

namespace grape::bench {

namespace {

void answer(yardstick& over, const data_set& data, std::size_t ef, std::size_t k) {
  std::vector<std::uint32_t> found(data.queries.rows() * k);
  const stopwatch watch;
  for (std::size_t query = 0; query < data.queries.rows(); ++query)
    over.search(data.queries.row(query), ef, k, &found[query * k]);
  const auto cpu = watch.cpu();
  const auto wall = watch.wall();
  std::cout << recall_of(data, found, k) << ' ' << cpu << ' ' << wall << std::endl;
}

} // namespace

int run_yardstick(int argc, char** argv, const std::string& name, const make_yardstick& make) {
  yardstick_options options;
  CLI::App app{name + ", driven by grape-bench"};
  app.add_option("--data", options.data)->required();
  app.add_option("--cache", options.cache)->required();
  app.add_option("--metric", options.metric)->check(CLI::IsMember({"cosine", "euclid"}));
  app.add_option("--queries", options.queries);
  app.add_option("--m", options.m);
  app.add_option("--ef-construct", options.ef_construct);
  app.add_option("--k", options.k);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  const auto data = read_data_set(options.data, options.queries, true);
  if (!data) {
    std::cerr << to_string(data.error()) << '\n';
    return 1;
  }
  try {
    const auto over = make(options, data->base);
    std::cout << "ready " << over->built().cpu << ' ' << over->built().wall << std::endl;
    std::size_t ef = 0;
    while (std::cin >> ef)
      answer(*over, *data, ef, options.k);
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
  return 0;
}

} // namespace grape::bench
