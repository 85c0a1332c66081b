#pragma once

#include "core/request/collection.hpp"
#include "core/request/write.hpp"

#include <cstdint>
#include <random>

namespace grape::testing {

/// Draws records of every shape from a seed, with a taste for the ends of ranges.
class random_records {
public:
  /// Texts are of any bytes, or of characters below `text_end`.
  explicit random_records(std::uint64_t seed, std::size_t text_end = 256)
    : engine_(seed)
    , text_end_(text_end) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  std::uint64_t u64();
  std::int64_t i64();
  double f64();
  std::string text();
  payload::value value(std::size_t depth = 3);
  payload::object object(std::size_t depth = 3);
  point_id id();
  std::vector<point_id> ids();
  named_vectors vectors();
  grape::point point();
  payload::filter filter(std::size_t depth = 2);
  write_operation operation();
  collection_schema schema();

private:
  payload::condition condition(std::size_t depth);
  std::vector<payload::condition> conditions(std::size_t depth);
  payload::field_test field_test();
  point_selector selector();
  hnsw_options hnsw();

  template <class T, class Make>
  std::vector<T> list(Make make) {
    std::vector<T> made;
    for (auto left = below(4); left > 0; --left)
      made.push_back(make());
    return made;
  }

  template <class T, class Make>
  std::optional<T> maybe(Make make) {
    if (below(2) == 0)
      return std::nullopt;
    return std::optional<T>(make());
  }

  std::mt19937_64 engine_;
  std::size_t text_end_;
};

} // namespace grape::testing
