#pragma once

#include "core/check.hpp"
#include "core/sole_owner.hpp"

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace grape {

/// A growing array with cheap snapshots: copying it shares all pages, and writing to a shared page
/// copies that page first. One writer; any number of threads may read copies handed to them.
/// Indices are dense, from 0. T is copyable and default-constructible.
template <class T, std::size_t PageSize = 1024>
class cow_array {
  static_assert(PageSize > 0 && (PageSize & (PageSize - 1)) == 0, "a power of two");

public:
  using page = std::array<T, PageSize>;

  static constexpr std::size_t page_size = PageSize;

  std::size_t size() const noexcept { return size_; }

  const T& operator[](std::size_t i) const noexcept {
    return (*pages_[i / PageSize])[i % PageSize];
  }

  /// The element at `i` for writing; later snapshots see the change, earlier ones do not.
  T& edit(std::size_t i) {
    GRAPE_CHECK(i < size_);
    return own(i / PageSize)[i % PageSize];
  }

  void push_back(T value) {
    if (size_ % PageSize == 0)
      pages_.push_back(std::make_shared<page>());
    ++size_;
    edit(size_ - 1) = std::move(value);
  }

  /// Grows with default values, or forgets what is at `count` and beyond.
  void resize(std::size_t count) {
    const auto before = size_;
    size_ = count;
    const auto pages = (count + PageSize - 1) / PageSize;
    while (pages_.size() < pages)
      pages_.push_back(std::make_shared<page>());
    pages_.resize(pages);
    if (count < before && count % PageSize != 0) {
      auto& last = own(pages - 1);
      for (auto i = count % PageSize; i < PageSize; ++i)
        last[i] = T{};
    }
  }

private:
  page& own(std::size_t index) {
    auto& shared = pages_[index];
    if (!is_sole_owner(shared))
      shared = std::make_shared<page>(*shared);
    return *shared;
  }

  std::vector<std::shared_ptr<page>> pages_;
  std::size_t size_ = 0;
};

} // namespace grape
