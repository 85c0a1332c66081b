#include "tools/bench/index_scaling.hpp"

#include "tools/bench/curve.hpp"
#include "tools/bench/stopwatch.hpp"

#include <latch>
#include <thread>
#include <vector>

namespace grape::bench {

namespace {

constexpr int rounds = 9;

struct rates {
  double cpu = 0;  ///< Queries per second of processor time, on one thread.
  double wall = 0; ///< Queries per second, on all.
};

rates search_on(const index::segment& over, const data_set& data, std::uint32_t ef, std::size_t k,
                std::size_t threads) {
  const auto search = [&] {
    const stopwatch watch;
    for (std::size_t query = 0; query < data.queries.rows(); ++query) {
      budget unlimited;
      static_cast<void>(
          over.search({data.queries.row(query), data.queries.width}, k, ef, {}, unlimited));
    }
    return watch.cpu();
  };
  std::vector<double> seconds(threads);
  std::latch all_there(static_cast<std::ptrdiff_t>(threads));
  const stopwatch watch;
  {
    std::vector<std::jthread> running;
    for (auto& mine : seconds)
      running.emplace_back([&] {
        all_there.arrive_and_wait();
        mine = search();
      });
  }
  const auto queries = static_cast<double>(data.queries.rows());
  double cpu = 0;
  for (const auto mine : seconds)
    cpu += queries / mine / static_cast<double>(threads);
  return {cpu, queries * static_cast<double>(threads) / watch.wall()};
}

} // namespace

scaling measure_scaling(const index::segment& over, const data_set& data, std::uint32_t ef,
                        std::size_t k, std::size_t threads) {
  std::vector<double> by_cpu;
  std::vector<double> by_wall;
  for (int round = 0; round < rounds; ++round) {
    const auto one = search_on(over, data, ef, k, 1);
    const auto many = search_on(over, data, ef, k, threads);
    by_cpu.push_back(static_cast<double>(threads) * many.cpu / one.cpu);
    by_wall.push_back(many.wall / one.wall);
  }
  return {threads, ef, *median(by_cpu), *median(by_wall)};
}

} // namespace grape::bench
