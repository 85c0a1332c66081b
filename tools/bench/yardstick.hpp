#pragma once

#include "tools/bench/stopwatch.hpp"
#include "tools/bench/vector_files.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace grape::bench {

/// What grape-bench tells a program that another engine is measured in.
struct yardstick_options {
  std::string data;
  std::string cache;             ///< Where the index is kept; built if it is not there.
  std::string metric = "cosine"; ///< Or "euclid".
  std::size_t queries = 1'000;
  std::size_t m = 16;
  std::size_t ef_construct = 200;
  std::size_t k = 10;
};

/// Measures a build.
struct build_watch {
  stopwatch wall;
  process_stopwatch cpu;
};

struct build_seconds {
  double cpu = 0; ///< Of all threads; 0 if the index was loaded.
  double wall = 0;

  static build_seconds since(const build_watch& watch) {
    return {watch.cpu.cpu(), watch.wall.wall()};
  }
};

/// Another engine with its index.
class yardstick {
public:
  virtual ~yardstick() = default;

  virtual build_seconds built() const = 0;

  /// Writes `k` row numbers.
  virtual void search(const float* query, std::size_t ef, std::size_t k, std::uint32_t* found) = 0;
};

using make_yardstick = std::function<std::unique_ptr<yardstick>(const yardstick_options& options,
                                                                const matrix<float>& base)>;

/// The whole of such a program: reads the options, says "ready <cpu seconds> <wall seconds>" of
/// building when the index is there, and then answers one line per line:
///   "<ef>"  ->  "<recall> <cpu seconds> <wall seconds>"  for one pass over all queries.
int run_yardstick(int argc, char** argv, const std::string& name, const make_yardstick& make);

} // namespace grape::bench
