#include "tools/bench/index_scaling.hpp"

#include "tools/bench/curve.hpp"
#include "tools/bench/stopwatch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <latch>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace grape::bench {

namespace {

constexpr int rounds = 9;

/// A round of one thread takes this long at least: shorter ones end before the kernel has found
/// each thread a processor, and say more of it than of searches.
constexpr double round_seconds = 0.25;

struct rates {
  double cpu = 0;  ///< Queries per second of processor time, on one thread.
  double wall = 0; ///< Queries per second, on all.
};

struct times {
  double cpu = 0;
  std::chrono::steady_clock::time_point began;
  std::chrono::steady_clock::time_point ended;
};

/// Keeps the calling thread on the i-th of the processors that it may use, if there are so many.
void stay_on_processor(std::size_t i) {
#ifdef __linux__
  cpu_set_t usable;
  if (sched_getaffinity(0, sizeof usable, &usable) != 0)
    return;
  for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor)
    if (CPU_ISSET(processor, &usable) && i-- == 0) {
      cpu_set_t only;
      CPU_ZERO(&only);
      CPU_SET(processor, &only);
      static_cast<void>(sched_setaffinity(0, sizeof only, &only));
      return;
    }
#else
  static_cast<void>(i);
#endif
}

class searches {
public:
  searches(const index::segment& over, const data_set& data, std::uint32_t ef, std::size_t k)
    : over_(over)
    , data_(data)
    , ef_(ef)
    , k_(k) {
    const auto once = on(1).wall;
    passes_ = static_cast<std::size_t>(
      std::max(1.0, std::ceil(round_seconds * once / static_cast<double>(data.queries.rows()))));
  }

  /// All queries, several times over, on each of so many threads, of which the first has the
  /// processor `first`: from when all are there until the last is done.
  rates on(std::size_t threads, std::size_t first = 0) const {
    std::vector<times> taken(threads);
    std::latch all_there(static_cast<std::ptrdiff_t>(threads));
    {
      std::vector<std::jthread> running;
      for (std::size_t i = 0; i < threads; ++i)
        running.emplace_back([this, &all_there, &mine = taken[i], at = first + i] {
          stay_on_processor(at);
          all_there.arrive_and_wait();
          mine = search();
        });
    }
    const auto queries = static_cast<double>(passes_ * data_.queries.rows());
    rates made;
    auto began = taken[0].began;
    auto ended = taken[0].ended;
    for (const auto& one : taken) {
      made.cpu += queries / one.cpu / static_cast<double>(threads);
      began = std::min(began, one.began);
      ended = std::max(ended, one.ended);
    }
    made.wall = queries * static_cast<double>(threads)
                / std::chrono::duration<double>(ended - began).count();
    return made;
  }

private:
  times search() const {
    const auto began = std::chrono::steady_clock::now();
    const stopwatch watch;
    for (std::size_t pass = 0; pass < passes_; ++pass)
      for (std::size_t query = 0; query < data_.queries.rows(); ++query) {
        budget unlimited;
        static_cast<void>(
          over_.search({data_.queries.row(query), data_.queries.width}, k_, ef_, {}, unlimited));
      }
    return {watch.cpu(), began, std::chrono::steady_clock::now()};
  }

  const index::segment& over_;
  const data_set& data_;
  std::uint32_t ef_;
  std::size_t k_;
  std::size_t passes_ = 1;
};

/// One thread, on the processors of all of them in turn: not each is as fast.
rates alone_on_each(const searches& all, std::size_t processors) {
  rates mean;
  for (std::size_t i = 0; i < processors; ++i) {
    const auto here = all.on(1, i);
    mean.cpu += here.cpu / static_cast<double>(processors);
    mean.wall += here.wall / static_cast<double>(processors);
  }
  return mean;
}

} // namespace

scaling measure_scaling(const index::segment& over, const data_set& data, std::uint32_t ef,
                        std::size_t k, std::size_t threads) {
  const searches all(over, data, ef, k);
  std::vector<double> by_cpu;
  std::vector<double> by_wall;
  for (int round = 0; round < rounds; ++round) {
    const auto one = alone_on_each(all, threads);
    const auto many = all.on(threads);
    by_cpu.push_back(static_cast<double>(threads) * many.cpu / one.cpu);
    by_wall.push_back(many.wall / one.wall);
  }
  return {threads, ef, *median(by_cpu), *median(by_wall)};
}

} // namespace grape::bench
