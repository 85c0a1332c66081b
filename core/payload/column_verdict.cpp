#include "core/payload/column_verdict.hpp"

#include "core/payload/column_scan.hpp"
#include "core/payload/datetime.hpp"
#include "core/payload/string_match.hpp"

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace grape::payload {

namespace {

template <class Kind, class... Kinds>
constexpr bool is_one_of = (std::same_as<Kind, Kinds> || ...);

/// A column of this kind holds every element equal to a literal of type L, and holds it exactly.
/// Elements of other types, of which it only knows that they are there, are then never equal to it.
template <class Kind, class L>
constexpr bool speaks = (std::same_as<Kind, keyword_kind> && std::same_as<L, std::string>)
                        || (std::same_as<Kind, integer_kind> && std::same_as<L, std::int64_t>)
                        || (std::same_as<Kind, bool_kind> && std::same_as<L, bool>);

/// A float column holds 5 and 5.0 alike: equality with 5 is possible, never sure.
template <class Kind, class L>
constexpr bool blurs = std::same_as<Kind, float_kind> && std::same_as<L, std::int64_t>;

/// The values of the column come from strings, without saying which string it was.
template <class Kind>
constexpr bool hides_strings = is_one_of<Kind, datetime_kind, uuid_kind>;

std::optional<uuid> uuid_of(const std::string& text) {
  const auto parsed = point_id::parse_uuid(text);
  return parsed ? std::optional{parsed->name()} : std::nullopt;
}

template <class Kind>
class tester {
public:
  using T = typename Kind::stored;

  tester(const judged_column<Kind>& column, std::size_t capacity)
    : values_(column.values)
    , words_(column.words)
    , single_path_(column.single_path)
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
    if constexpr (is_one_of<Kind, float_kind, integer_kind>) {
      auto yes = within_interval(interval_of(wanted, T{}));
      if constexpr (std::same_as<Kind, float_kind>)
        return sure(std::move(yes)); // No number is ever among the others.
      else
        return open_for_others(std::move(yes));
    } else {
      return open_for_others(slot_set{capacity_});
    }
  }

  verdict operator()(const time_range& wanted) const {
    if constexpr (std::same_as<Kind, datetime_kind>)
      return sure(scan(values_, capacity_, [&](T value) { return within(wanted, value); }));
    else
      return by_text([&](const std::string& word) {
        const auto moment = parse_datetime(word);
        return moment && within(wanted, *moment);
      });
  }

  verdict operator()(const match_text& wanted) const {
    return by_text([&](const std::string& word) { return has_text(word, wanted); });
  }

  verdict operator()(const match_prefix& wanted) const {
    return by_text([&](const std::string& word) { return word.starts_with(wanted.prefix); });
  }

  verdict operator()(const match_like& wanted) const {
    return by_text([&](const std::string& word) { return is_like(word, wanted.pattern); });
  }

  verdict operator()(const match_fuzzy& wanted) const {
    return by_text([&](const std::string& word) { return has_similar_words(word, wanted); });
  }

  // Places are objects, which no column of plain values holds.
  verdict operator()(const geo_box&) const { return open_for_others(slot_set{capacity_}); }
  verdict operator()(const geo_radius&) const { return open_for_others(slot_set{capacity_}); }
  verdict operator()(const geo_polygon&) const { return open_for_others(slot_set{capacity_}); }

  verdict operator()(const empty_test& wanted) const {
    return sure(facts(values_, capacity_, &column_block<T>::filled, !wanted.wanted));
  }

  verdict operator()(const null_test& wanted) const {
    return sure(facts(values_, capacity_, &column_block<T>::null, wanted.wanted));
  }

  verdict operator()(const values_count& wanted) const {
    if (!single_path_)
      return {slot_set{capacity_}, all()};
    return judge_counts(values_, capacity_, [&](std::uint64_t count) {
      return within(wanted, count);
    });
  }

private:
  static verdict sure(slot_set yes) {
    auto possible = yes;
    return {std::move(yes), std::move(possible)};
  }

  slot_set all() const {
    slot_set every{capacity_};
    std::fill(every.words().begin(), every.words().end(), ~std::uint64_t{0});
    trim(every);
    return every;
  }

  slot_set others() const { return facts(values_, capacity_, &column_block<T>::other); }

  verdict open_for_others(slot_set yes) const {
    auto possible = others();
    add(possible, yes);
    return {std::move(yes), std::move(possible)};
  }

  slot_set within_interval(interval<T> wanted) const {
    return scan(values_, capacity_, [low = wanted.low, high = wanted.high](T value) {
      // Not &&: a guess at the first comparison would be wrong half of the time.
      return (static_cast<unsigned>(value >= low) & static_cast<unsigned>(value <= high)) != 0;
    });
  }

  /// Where some string `holds`. Columns that keep no strings know only that there may be some.
  template <class Holds>
  verdict by_text(const Holds& holds) const {
    if constexpr (std::same_as<Kind, keyword_kind>) {
      std::vector<T> found;
      words_->visit([&](std::uint32_t code, const std::string& word) {
        if (holds(word))
          found.push_back(code);
      });
      if (found.empty())
        return sure(slot_set{capacity_});
      return sure(scan(values_, capacity_, members<T>{std::move(found)}));
    } else {
      return open_for_strings();
    }
  }

  verdict open_for_strings() const {
    auto possible = others();
    if constexpr (hides_strings<Kind>)
      add(possible, scan(values_, capacity_, [](const T&) { return true; }));
    return {slot_set{capacity_}, std::move(possible)};
  }

  /// The column's value for a literal; none if no slot holds it. Needs speaks or blurs.
  template <class L>
  std::optional<T> comparand(const L& literal) const {
    if constexpr (std::same_as<Kind, keyword_kind>)
      return words_->find(literal);
    else
      return static_cast<T>(literal);
  }

  template <class L>
  verdict equal(const L& literal) const {
    if constexpr (speaks<Kind, L> || blurs<Kind, L>) {
      const auto wanted = comparand(literal);
      auto hits = wanted ? scan(values_, capacity_, [w = *wanted](T value) { return value == w; })
                         : slot_set{capacity_};
      if constexpr (speaks<Kind, L>)
        return sure(std::move(hits));
      else
        return {slot_set{capacity_}, std::move(hits)};
    } else if constexpr (std::same_as<L, std::string> && std::same_as<Kind, uuid_kind>) {
      const auto wanted = uuid_of(literal);
      if (!wanted) // No UUID: it may be one of the other strings.
        return open_for_others(slot_set{capacity_});
      return sure(scan(values_, capacity_, [&](const T& value) { return value == *wanted; }));
    } else if constexpr (std::same_as<L, std::string>) {
      return open_for_strings();
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
    if constexpr (speaks<Kind, L>) {
      return sure(scan(values_, capacity_, members_of(literals)));
    } else if constexpr (blurs<Kind, L>) {
      return {slot_set{capacity_}, scan(values_, capacity_, members_of(literals))};
    } else if constexpr (std::same_as<L, std::string> && std::same_as<Kind, uuid_kind>) {
      const auto [named, rest] = uuids_of(literals);
      auto yes = scan(values_, capacity_, members<T>{named});
      return rest ? open_for_others(std::move(yes)) : sure(std::move(yes));
    } else if constexpr (std::same_as<L, std::string>) {
      return open_for_strings();
    } else {
      return open_for_others(slot_set{capacity_});
    }
  }

  /// The UUIDs among the literals, and whether there are others.
  static std::pair<std::vector<uuid>, bool> uuids_of(const std::vector<std::string>& literals) {
    std::pair<std::vector<uuid>, bool> found{{}, false};
    for (const auto& literal : literals)
      if (const auto named = uuid_of(literal))
        found.first.push_back(*named);
      else
        found.second = true;
    return found;
  }

  template <class L>
  verdict except(const std::vector<L>& literals) const {
    const auto always = [](const T&) { return true; };
    if constexpr (speaks<Kind, L> || blurs<Kind, L>) {
      auto yes = scan(values_, capacity_, [listed = members_of(literals)](T value) {
        return !listed(value);
      });
      add(yes, others());
      if constexpr (speaks<Kind, L>)
        return sure(std::move(yes));
      auto possible = yes;
      add(possible, scan(values_, capacity_, always));
      return {std::move(yes), std::move(possible)};
    } else if (literals.empty()) {
      auto yes = scan(values_, capacity_, always);
      add(yes, others());
      return sure(std::move(yes));
    } else if constexpr (std::same_as<L, std::string> && std::same_as<Kind, uuid_kind>) {
      auto listed = members<T>{uuids_of(literals).first};
      return open_for_others(scan(values_, capacity_, [&](const T& v) { return !listed(v); }));
    } else if constexpr (std::same_as<L, std::string> && hides_strings<Kind>) {
      return open_for_strings();
    } else {
      return open_for_others(scan(values_, capacity_, always));
    }
  }

  const column_store<T>& values_;
  const keyword_dictionary* words_;
  bool single_path_;
  std::size_t capacity_;
};

} // namespace

template <class Kind>
verdict judge_column(const judged_column<Kind>& column, const field_test& wanted,
                     std::size_t capacity) {
  return std::visit(tester<Kind>{column, capacity}, wanted);
}

template verdict judge_column(const judged_column<keyword_kind>&, const field_test&, std::size_t);
template verdict judge_column(const judged_column<integer_kind>&, const field_test&, std::size_t);
template verdict judge_column(const judged_column<float_kind>&, const field_test&, std::size_t);
template verdict judge_column(const judged_column<bool_kind>&, const field_test&, std::size_t);
template verdict judge_column(const judged_column<datetime_kind>&, const field_test&, std::size_t);
template verdict judge_column(const judged_column<uuid_kind>&, const field_test&, std::size_t);

} // namespace grape::payload
