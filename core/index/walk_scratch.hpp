#pragma once

#include "core/index/walk.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace grape::index {

/// The working memory of one walk. Not thread-safe.
class walk_scratch {
public:
  /// Memory for a walk over `graph` that keeps `ef` candidates and begins from `seeds` rows as
  /// well; it is enough for a descent.
  walk_memory fit(const graph_view& graph, std::size_t ef, std::size_t seeds);

  /// The keys that the last walk left in its pool.
  const std::int64_t* pool() const noexcept { return pool_.data(); }

private:
  std::vector<std::uint64_t> visited_;
  std::vector<std::int64_t> pool_;
  std::vector<std::int64_t> fresh_;
  std::vector<std::int64_t> sorted_;
  std::vector<std::uint32_t> found_;
  std::vector<float> distances_;
  std::vector<std::uint32_t> bridges_;
};

/// Lends scratches out and takes them back, so that a query seldom allocates. Thread-safe.
class walk_scratch_pool {
public:
  class lease {
  public:
    explicit lease(walk_scratch_pool& from) : from_(from), lent_(from.take()) {
    }
    ~lease() { from_.give_back(std::move(lent_)); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;

    walk_scratch* operator->() noexcept { return lent_.get(); }

  private:
    walk_scratch_pool& from_;
    std::unique_ptr<walk_scratch> lent_;
  };

private:
  std::unique_ptr<walk_scratch> take();
  void give_back(std::unique_ptr<walk_scratch> scratch) noexcept;

  std::mutex lock_;
  std::vector<std::unique_ptr<walk_scratch>> idle_;
};

} // namespace grape::index
