#include "tools/bench/stock_process.hpp"

#include <sstream>

namespace grape::bench {

outcome<stock_process> start_stock(const index_bench_options& options, const std::string& path) {
  auto started = child_process::start(
      options.stock_program,
      {"--data", options.data, "--cache", path, "--metric",
       options.kind == metric::euclid ? "euclid" : "cosine", "--queries",
       std::to_string(options.queries), "--m", std::to_string(options.m), "--ef-construct",
       std::to_string(options.ef_construct), "--k", std::to_string(options.k)});
  if (!started)
    return std::move(started).error();
  stock_process stock{std::move(*started), 0, 0};
  const auto line = stock.child->receive();
  if (!line)
    return line.error();
  std::string ready;
  if (!(std::istringstream(*line) >> ready >> stock.build_cpu >> stock.build_wall)
      || ready != "ready")
    return status{errc::internal, "stock_hnswlib answered: " + *line};
  return stock;
}

outcome<pass> measure_stock(stock_process& stock, const data_set& data, std::uint32_t ef) {
  if (auto sent = stock.child->send(std::to_string(ef)); !sent.ok())
    return sent;
  const auto line = stock.child->receive();
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

} // namespace grape::bench
