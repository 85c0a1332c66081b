#include "core/payload/column_verdict.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape::payload {

namespace {

using list = std::variant<std::vector<std::string>, std::vector<std::int64_t>>;

/// Keyword columns hold T = uint32, integers int64, floats double, bools uint8.
template <class T>
constexpr bool is_keyword = std::same_as<T, std::uint32_t>;

/// A column of T holds every element equal to a literal of type L, and holds it exactly. Elements
/// of other types, of which a column only knows that they are there, are then never equal to it.
template <class T, class L>
constexpr bool speaks = (is_keyword<T> && std::same_as<L, std::string>)
                        || (std::same_as<T, std::int64_t> && std::same_as<L, std::int64_t>)
                        || (std::same_as<T, std::uint8_t> && std::same_as<L, bool>);

/// A float column holds 5 and 5.0 alike: equality with 5 is possible, never sure.
template <class T, class L>
constexpr bool blurs = std::same_as<T, double> && std::same_as<L, std::int64_t>;

template <class T>
std::uint64_t single_hits(const T* of, std::uint64_t single, const auto& holds) {
  std::uint64_t hits = 0;
  for (std::size_t i = 0; i < 64; ++i)
    hits |= std::uint64_t{holds(of[i]) ? 1U : 0U} << i;
  return hits & single;
}

void trim(slot_set& set) {
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
               typename column_block<T>::bits column_block<T>::* kind, bool wanted = true) {
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

void add(slot_set& to, const slot_set& more) {
  const auto words = to.words();
  for (std::size_t w = 0; w < words.size(); ++w)
    words[w] |= more.words()[w];
}

/// The smallest and the largest value of a column that keep all bounds; none do if low > high.
template <class T>
struct interval {
  T low;
  T high;
};

interval<double> interval_of(const number_range& bounds, double) {
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
interval<std::int64_t> interval_of(const number_range& bounds, std::int64_t) {
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
  explicit members(std::vector<T> values) : values_(std::move(values)) {
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

template <class T>
class tester {
public:
  tester(const column_store<T>& values, const keyword_dictionary* words, std::size_t capacity)
    : values_(values)
    , words_(words)
    , capacity_(capacity) {
  }

  verdict operator()(const match_value& wanted) const {
    return std::visit([this]<class L>(const L& literal) { return equal(literal); }, wanted.value);
  }

  verdict operator()(const match_any& wanted) const {
    return std::visit([this](const auto& literals) { return any(literals); }, wanted.values);
  }

  verdict operator()(const match_except& wanted) const {
    return std::visit([this](const auto& literals) { return except(literals); }, wanted.values);
  }

  verdict operator()(const number_range& wanted) const {
    if constexpr (std::same_as<T, double> || std::same_as<T, std::int64_t>) {
      const auto [low, high] = interval_of(wanted, T{});
      auto yes = scan(values_, capacity_, [low = low, high = high](T value) {
        // Not &&: a guess at the first comparison would be wrong half of the time.
        return (static_cast<unsigned>(value >= low) & static_cast<unsigned>(value <= high)) != 0;
      });
      if constexpr (std::same_as<T, double>)
        return sure(std::move(yes)); // No number is ever among the others.
      else
        return open_for_others(std::move(yes));
    } else {
      return open_for_others(slot_set{capacity_});
    }
  }

  verdict operator()(const empty_test& wanted) const {
    return sure(facts(values_, capacity_, &column_block<T>::filled, !wanted.wanted));
  }

  verdict operator()(const null_test& wanted) const {
    return sure(facts(values_, capacity_, &column_block<T>::null, wanted.wanted));
  }

private:
  static verdict sure(slot_set yes) {
    auto possible = yes;
    return {std::move(yes), std::move(possible)};
  }

  slot_set others() const { return facts(values_, capacity_, &column_block<T>::other); }

  verdict open_for_others(slot_set yes) const {
    auto possible = others();
    add(possible, yes);
    return {std::move(yes), std::move(possible)};
  }

  /// The column's value for a literal; none if no slot holds it. Needs speaks or blurs.
  template <class L>
  std::optional<T> comparand(const L& literal) const {
    if constexpr (is_keyword<T>)
      return words_->find(literal);
    else
      return static_cast<T>(literal);
  }

  template <class L>
  verdict equal(const L& literal) const {
    if constexpr (speaks<T, L> || blurs<T, L>) {
      const auto wanted = comparand(literal);
      auto hits = wanted ? scan(values_, capacity_, [w = *wanted](T value) { return value == w; })
                         : slot_set{capacity_};
      if constexpr (speaks<T, L>)
        return sure(std::move(hits));
      else
        return {slot_set{capacity_}, std::move(hits)};
    } else {
      return open_for_others(slot_set{capacity_});
    }
  }

  template <class L>
  members<T> members_of(const std::vector<L>& literals) const {
    std::vector<T> values;
    for (const auto& literal : literals)
      if (const auto value = comparand(literal))
        values.push_back(*value);
    return members<T>{std::move(values)};
  }

  template <class L>
  verdict any(const std::vector<L>& literals) const {
    if (literals.empty())
      return sure(slot_set{capacity_});
    if constexpr (speaks<T, L>)
      return sure(scan(values_, capacity_, members_of(literals)));
    else if constexpr (blurs<T, L>)
      return {slot_set{capacity_}, scan(values_, capacity_, members_of(literals))};
    else
      return open_for_others(slot_set{capacity_});
  }

  template <class L>
  verdict except(const std::vector<L>& literals) const {
    const auto always = [](T) { return true; };
    if constexpr (speaks<T, L> || blurs<T, L>) {
      auto yes = scan(values_, capacity_, [listed = members_of(literals)](T value) {
        return !listed(value);
      });
      add(yes, others());
      if constexpr (speaks<T, L>)
        return sure(std::move(yes));
      auto possible = yes;
      add(possible, scan(values_, capacity_, always));
      return {std::move(yes), std::move(possible)};
    } else {
      auto yes = scan(values_, capacity_, always);
      if (!literals.empty())
        return open_for_others(std::move(yes));
      add(yes, others());
      return sure(std::move(yes));
    }
  }

  const column_store<T>& values_;
  const keyword_dictionary* words_;
  std::size_t capacity_;
};

} // namespace

verdict judge_column(const column_store<std::uint32_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity) {
  return std::visit(tester<std::uint32_t>{values, words, capacity}, wanted);
}

verdict judge_column(const column_store<std::int64_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity) {
  return std::visit(tester<std::int64_t>{values, words, capacity}, wanted);
}

verdict judge_column(const column_store<double>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity) {
  return std::visit(tester<double>{values, words, capacity}, wanted);
}

verdict judge_column(const column_store<std::uint8_t>& values, const keyword_dictionary* words,
                    const field_test& wanted, std::size_t capacity) {
  return std::visit(tester<std::uint8_t>{values, words, capacity}, wanted);
}

} // namespace grape::payload
