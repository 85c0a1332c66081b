#pragma once

#include "core/cow_array.hpp"
#include "core/ids.hpp"
#include "core/vector/point.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace grape::shard {

/// Point id -> slot, with cheap snapshots: a copy shares everything, and a change copies one small
/// bucket. One writer; any number of threads may read copies.
class id_table {
public:
  id_table();

  std::size_t size() const noexcept { return size_; }

  std::optional<slot> find(const point_id& id) const noexcept;

  /// Needs an id that is not there yet.
  void insert(const point_id& id, slot where);

  /// Fine if it is not there.
  void erase(const point_id& id);

private:
  using entry = std::pair<point_id, slot>;
  using bucket = std::vector<entry>; ///< Ascending by id.

  // Small pages keep a snapshot to a few hundred pointers and a change to one page of them.
  using buckets = cow_array<std::shared_ptr<const bucket>, 64>;

  std::size_t place_of(const point_id& id) const noexcept;
  void grow();

  buckets buckets_;
  std::size_t size_ = 0;
};

} // namespace grape::shard
