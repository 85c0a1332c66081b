#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace grape {

/// Keeps the `k` best of all items offered. Item has `distance` (smaller is better) and `where`
/// (breaks ties, smaller first), so the outcome does not depend on the order of offers. Not
/// thread-safe.
template <class Item>
class top_k {
public:
  explicit top_k(std::size_t k) : k_(k) {
  }

  /// An item farther than this cannot enter any more.
  float bound() const noexcept {
    return heap_.size() < k_ ? std::numeric_limits<float>::infinity()
                             : (k_ == 0 ? -std::numeric_limits<float>::infinity()
                                        : heap_.front().distance);
  }

  /// A distance that is not a number (sums of huge components) counts as infinite.
  void offer(Item item) {
    if (std::isnan(item.distance))
      item.distance = std::numeric_limits<float>::infinity();
    if (heap_.size() < k_) {
      heap_.push_back(item);
      std::push_heap(heap_.begin(), heap_.end(), nearer{});
    } else if (k_ > 0 && nearer{}(item, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), nearer{});
      heap_.back() = item;
      std::push_heap(heap_.begin(), heap_.end(), nearer{});
    }
  }

  std::size_t size() const noexcept { return heap_.size(); }

  /// How many it keeps at most.
  std::size_t capacity() const noexcept { return k_; }

  /// The items, best first; leaves this empty.
  std::vector<Item> take() {
    std::sort(heap_.begin(), heap_.end(), nearer{});
    return std::exchange(heap_, {});
  }

private:
  // A type, not a function: sorting inlines it.
  struct nearer {
    bool operator()(const Item& a, const Item& b) const noexcept {
      if (a.distance != b.distance)
        return a.distance < b.distance;
      return a.where < b.where;
    }
  };

  std::size_t k_;
  std::vector<Item> heap_; ///< The worst on top.
};

} // namespace grape
