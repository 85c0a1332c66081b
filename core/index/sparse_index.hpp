#pragma once

#include "core/index/locator.hpp"
#include "core/index/sparse_view.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <memory>

namespace grape::index {

/// The writer's side of one sparse vector field of one shard replica: a short tail that is scanned,
/// and inverted lists. All of it is in memory and is made anew from the store at start. Lists are
/// merged like the digits of a counter, so that each vector is moved a logarithmic number of times.
/// Not thread-safe: one thread at a time; views may be used on any.
class sparse_index {
public:
  sparse_index();
  ~sparse_index();
  sparse_index(sparse_index&&) noexcept;
  sparse_index& operator=(sparse_index&&) noexcept;

  /// Gives the slot a vector, instead of its earlier one. It may be empty.
  void put(slot where, sparse_vector values);

  /// The slot has no vector any more; fine if it had none.
  void remove(slot where);

  bool contains(slot where) const noexcept;

  /// The state as of now; later changes do not show.
  sparse_view view() const;

  /// Memory held for lists and tables.
  std::uint64_t bytes() const;

  /// What the live vectors are as such: 8 bytes for each index with its value. Of inverted lists
  /// with dead rows, these are taken for average ones.
  std::uint64_t vector_bytes() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace grape::index
