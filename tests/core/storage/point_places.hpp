#pragma once

#include "core/storage/faulty_files.hpp"
#include "core/storage/leveldb_store.hpp"
#include "core/storage/memory_store.hpp"
#include "core/storage/point_store.hpp"
#include "tests/support/thread_lane.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>

namespace grape::testing {

using namespace storage;

/// Where a point store lives while it is closed and opened again.
struct in_memory {
  std::shared_ptr<store> held = make_memory_store();

  std::shared_ptr<store> open() { return held; }
};

struct in_leveldb {
  faulty_files files{1};
  std::shared_ptr<thread_lane> lane = std::make_shared<thread_lane>();

  std::shared_ptr<store> open() {
    leveldb_options options;
    options.lane = lane;
    options.write_buffer_bytes = 64 << 10;
    auto opened = open_leveldb(files, "points", options);
    REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
    return *opened;
  }
};

inline std::unique_ptr<point_store> open_points(std::shared_ptr<store> from) {
  auto opened = point_store::open(std::move(from));
  REQUIRE_MESSAGE(opened.ok(), to_string(opened.error()));
  return std::move(*opened);
}

inline void set_schema(point_store& points, const collection_schema& schema, std::uint64_t index) {
  auto changes = points.begin();
  changes.put_schema(schema);
  REQUIRE(points.commit(std::move(changes), log_index{index}, durability::buffered).ok());
}

inline void put(point_store& points, const point& what, std::uint64_t index) {
  auto changes = points.begin();
  REQUIRE(changes.put(what, index).ok());
  REQUIRE(points.commit(std::move(changes), log_index{index}, durability::buffered).ok());
}

} // namespace grape::testing
