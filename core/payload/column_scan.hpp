#pragma once

#include "core/payload/column_store.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/verdict.hpp"
#include "core/slot_set.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

/// Loops over the blocks of a column that leave a set of slots.
namespace grape::payload {

template <class T>
std::uint64_t single_hits(const T* of, std::uint64_t single, const auto& holds) {
  std::uint64_t hits = 0;
  for (std::size_t i = 0; i < 64; ++i)
    hits |= std::uint64_t{holds(of[i]) ? 1U : 0U} << i;
  return hits & single;
}

/// Forgets what lies beyond the capacity.
inline void trim(slot_set& set) {
  if (const auto used = set.capacity() % 64; used != 0)
    set.words().back() &= (std::uint64_t{1} << used) - 1;
}

/// Slots with at least one value that `holds`.
template <class T>
slot_set scan(const column_store<T>& values, std::size_t capacity, const auto& holds) {
  slot_set found{capacity};
  const auto words = found.words();
  for (std::size_t b = 0; b < values.blocks(); ++b) {
    const auto& block = values[b];
    const auto first = b * block.words;
    for (std::size_t w = 0; w < block.words && first + w < words.size(); ++w)
      if (block.single[w] != 0)
        words[first + w] = single_hits(&block.values[w * 64], block.single[w], holds);
    for (const auto& run : block.runs) {
      const auto at = first + run.offset / 64;
      if (at >= words.size())
        break;
      // Runs are short: looking at all of one is cheaper than guessing where to stop.
      std::uint64_t hit = 0;
      for (std::size_t i = run.begin; i < run.begin + std::size_t{run.count}; ++i)
        hit |= holds(block.pool[i]) ? 1U : 0U;
      words[at] |= hit << (run.offset % 64);
    }
  }
  trim(found);
  return found;
}

/// One kind of fact as a set; `wanted` false: the slots without it.
template <class T>
slot_set facts(const column_store<T>& values, std::size_t capacity,
               typename column_block<T>::bits column_block<T>::*kind, bool wanted = true) {
  slot_set found{capacity};
  const auto words = found.words();
  for (std::size_t w = 0; w < words.size(); ++w) {
    const auto b = w / column_block<T>::words;
    const auto known = b < values.blocks() ? (values[b].*kind)[w % column_block<T>::words] : 0;
    words[w] = wanted ? known : ~known;
  }
  trim(found);
  return found;
}

inline void add(slot_set& to, const slot_set& more) {
  const auto words = to.words();
  for (std::size_t w = 0; w < words.size(); ++w)
    words[w] |= more.words()[w];
}

/// The verdict on how many values stand in a slot, of a column whose path leads to at most one
/// value. Where elements are null or of other types, the column does not know their number.
template <class T>
verdict judge_counts(const column_store<T>& values, std::size_t capacity, const auto& fits) {
  verdict found{slot_set{capacity}, slot_set{capacity}};
  const auto yes = found.yes.words();
  const auto possible = found.possible.words();
  const auto none = fits(std::uint64_t{0}) ? ~std::uint64_t{0} : 0;
  const auto one = fits(std::uint64_t{1}) ? ~std::uint64_t{0} : 0;
  constexpr auto block_words = column_block<T>::words;
  for (std::size_t w = 0; w < yes.size(); ++w) {
    const auto b = w / block_words;
    const auto i = w % block_words;
    if (b >= values.blocks()) {
      yes[w] = possible[w] = none;
      continue;
    }
    const auto& block = values[b];
    const auto open = block.filled[i] & (block.other[i] | block.null[i]);
    yes[w] = (~block.filled[i] & none) | (block.single[i] & block.filled[i] & ~open & one);
    possible[w] = yes[w] | open;
  }
  for (std::size_t b = 0; b < values.blocks(); ++b)
    for (const auto& run : values[b].runs) {
      const auto at = b * block_words + run.offset / 64;
      const auto bit = std::uint64_t{1} << (run.offset % 64);
      if (at < yes.size() && (possible[at] & bit) == 0 && fits(std::uint64_t{run.count})) {
        yes[at] |= bit;
        possible[at] |= bit;
      }
    }
  trim(found.yes);
  trim(found.possible);
  return found;
}

/// The smallest and the largest value of a column that keep all bounds; none do if low > high.
template <class T>
struct interval {
  T low;
  T high;
};

inline interval<double> interval_of(const number_range& bounds, double) {
  constexpr auto most = std::numeric_limits<double>::infinity();
  interval<double> all{-most, most};
  if (bounds.gt)
    all.low = std::nextafter(*bounds.gt, most);
  if (bounds.gte)
    all.low = std::max(all.low, *bounds.gte);
  if (bounds.lt)
    all.high = std::nextafter(*bounds.lt, -most);
  if (bounds.lte)
    all.high = std::min(all.high, *bounds.lte);
  return all;
}

/// Integers are compared as the doubles nearest to them. Rounding keeps their order, so those
/// within bounds still lie side by side; a search finds where they begin and end.
inline interval<std::int64_t> interval_of(const number_range& bounds, std::int64_t) {
  const auto all = interval_of(bounds, 0.0);
  const auto first = [](const auto& holds) {
    // The sign bit flipped, integers ascend as unsigned numbers.
    constexpr auto sign = std::uint64_t{1} << 63;
    std::uint64_t low = 0;
    auto high = std::numeric_limits<std::uint64_t>::max();
    while (low < high) {
      const auto middle = low + (high - low) / 2;
      if (holds(static_cast<double>(static_cast<std::int64_t>(middle ^ sign))))
        high = middle;
      else
        low = middle + 1;
    }
    const auto found = static_cast<std::int64_t>(low ^ sign);
    return holds(static_cast<double>(found)) ? std::optional{found} : std::nullopt;
  };
  const auto low = first([&](double v) { return v >= all.low; });
  const auto beyond = first([&](double v) { return v > all.high; });
  if (!low || beyond == std::numeric_limits<std::int64_t>::min())
    return {1, 0};
  return {*low, beyond ? *beyond - 1 : std::numeric_limits<std::int64_t>::max()};
}

/// Membership in a list that was turned into values of the column.
template <class T>
class members {
public:
  explicit members(std::vector<T> values)
    : values_(std::move(values)) {
    std::sort(values_.begin(), values_.end());
    if constexpr (std::integral<T>) {
      constexpr std::uint64_t marks_max = 1 << 20; // A megabyte; stays in the cache.
      if (values_.empty() || distance(values_.back()) >= marks_max)
        return;
      marks_.resize(distance(values_.back()) + 1);
      for (const auto value : values_)
        marks_[distance(value)] = 1;
    }
  }

  bool operator()(T value) const {
    if constexpr (std::integral<T>)
      if (!marks_.empty())
        return distance(value) < marks_.size() && marks_[distance(value)] != 0;
    return std::binary_search(values_.begin(), values_.end(), value);
  }

private:
  /// From the smallest member; huge for what lies below it.
  std::uint64_t distance(T value) const {
    return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(values_.front());
  }

  std::vector<T> values_;
  std::vector<std::uint8_t> marks_; ///< By distance, when members lie close together.
};

} // namespace grape::payload
