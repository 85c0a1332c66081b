#pragma once

#include "core/payload/geo.hpp"
#include "core/vector/point.hpp"

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The filter language as data. Semantics: Qdrant's documentation, "Filtering".
namespace grape::payload {

/// Equals one of three JSON types; floats never match (5.0 is not 5).
struct match_value {
  std::variant<bool, std::int64_t, std::string> value;

  friend bool operator==(const match_value&, const match_value&) = default;
};

/// Equals any in the list. An empty list matches nothing.
struct match_any {
  std::variant<std::vector<std::string>, std::vector<std::int64_t>> values;

  friend bool operator==(const match_any&, const match_any&) = default;
};

/// Some value is not in the list. A missing field does not match; with an empty list any
/// non-null value does.
struct match_except {
  std::variant<std::vector<std::string>, std::vector<std::int64_t>> values;

  friend bool operator==(const match_except&, const match_except&) = default;
};

/// Bounds on a number, integer or float. Bounds that are absent do not bound.
struct number_range {
  std::optional<double> lt;
  std::optional<double> gt;
  std::optional<double> lte;
  std::optional<double> gte;

  friend bool operator==(const number_range&, const number_range&) = default;
};

/// Whether `number` keeps all bounds.
inline bool within(const number_range& bounds, double number) noexcept {
  return (!bounds.lt || number < *bounds.lt) && (!bounds.gt || number > *bounds.gt)
         && (!bounds.lte || number <= *bounds.lte) && (!bounds.gte || number >= *bounds.gte);
}

/// True: missing, null or []. False: anything else.
struct empty_test {
  bool wanted = true;

  friend bool operator==(const empty_test&, const empty_test&) = default;
};

/// True: present and null, or an array with a null in it. False: anything else, also missing.
struct null_test {
  bool wanted = true;

  friend bool operator==(const null_test&, const null_test&) = default;
};

/// What of a text must be found: every word, some word, or all words side by side.
enum class text_match : std::uint8_t { all = 0, any = 1, phrase = 2 };

/// Looks for words in a string. Where the field has a text index, its analysis makes words of both
/// sides; elsewhere the whole text (for `any`: one of its words between spaces) must be a part of
/// the string, letter by letter.
struct match_text {
  std::string text;
  text_match wanted = text_match::all;

  friend bool operator==(const match_text&, const match_text&) = default;
};

/// The string begins so, letter by letter.
struct match_prefix {
  std::string prefix;

  friend bool operator==(const match_prefix&, const match_prefix&) = default;
};

/// The whole string fits an SQL pattern: `%` is any characters, `_` one, `\` takes the next as is.
struct match_like {
  std::string pattern;

  friend bool operator==(const match_like&, const match_like&) = default;
};

/// Each word of the text has a word in the string that becomes equal to it by at most `edits`
/// insertions, deletions and replacements of a character. Words are as the text index of the field
/// makes them; without one, what stands between ASCII's spaces and punctuation.
struct match_fuzzy {
  static constexpr std::uint32_t edits_max = 3;

  std::string text;
  std::uint32_t edits = 1; ///< 0..edits_max.

  friend bool operator==(const match_fuzzy&, const match_fuzzy&) = default;
};

/// Bounds on a string that reads as a point in time (see `parse_datetime`), in microseconds since
/// 1970-01-01T00:00:00Z.
struct time_range {
  std::optional<std::int64_t> lt;
  std::optional<std::int64_t> gt;
  std::optional<std::int64_t> lte;
  std::optional<std::int64_t> gte;

  friend bool operator==(const time_range&, const time_range&) = default;
};

/// Bounds on how many values stand there: the length of an array, 1 for any other value, 0 for
/// null. A field that is missing has 0.
struct values_count {
  std::optional<std::uint64_t> lt;
  std::optional<std::uint64_t> gt;
  std::optional<std::uint64_t> lte;
  std::optional<std::uint64_t> gte;

  friend bool operator==(const values_count&, const values_count&) = default;
};

/// Whether `number` keeps all bounds.
template <class Bounds, class Number>
  requires std::integral<Number>
bool within(const Bounds& bounds, Number number) noexcept {
  return (!bounds.lt || number < *bounds.lt) && (!bounds.gt || number > *bounds.gt)
         && (!bounds.lte || number <= *bounds.lte) && (!bounds.gte || number >= *bounds.gte);
}

/// Numbers of alternatives travel and stand in the log: append, never renumber.
using field_test
  = std::variant<match_value, match_any, match_except, number_range, empty_test, null_test,
                 match_text, match_prefix, time_range, geo_box, geo_radius, geo_polygon,
                 values_count, match_like, match_fuzzy>;

/// Tests on the values at `key` (a payload path). Several tests in one condition are ORed.
struct field_condition {
  std::string key;
  std::vector<field_test> tests; ///< At least one.

  friend bool operator==(const field_condition&, const field_condition&) = default;
};

struct has_id {
  std::vector<point_id> ids;

  friend bool operator==(const has_id&, const has_id&) = default;
};

/// The point carries a vector of this name.
struct has_vector {
  std::string name;

  friend bool operator==(const has_vector&, const has_vector&) = default;
};

/// One of `total` parts into which a hash of their ids deals all points.
struct slice {
  std::uint64_t total = 1; ///< At least 1.
  std::uint64_t index = 0; ///< Below `total`.

  friend bool operator==(const slice&, const slice&) = default;
};

struct condition;

/// At least `min_count` of the conditions hold.
struct min_should {
  std::vector<condition> conditions;
  std::uint64_t min_count = 1;

  friend bool operator==(const min_should&, const min_should&);
};

/// All given clauses must hold; an empty clause is no clause.
struct filter {
  std::vector<condition> must;
  std::vector<condition> should;
  std::vector<condition> must_not;
  std::optional<min_should> at_least;

  friend bool operator==(const filter&, const filter&);
};

/// One element (an object) of the array at `key` satisfies the whole inner filter.
struct nested {
  std::string key;
  filter inner;

  friend bool operator==(const nested&, const nested&);
};

/// Numbers of alternatives travel and stand in the log: append, never renumber.
struct condition {
  std::variant<field_condition, has_id, has_vector, nested, filter, slice> test;

  friend bool operator==(const condition&, const condition&) = default;
};

inline bool operator==(const min_should& a, const min_should& b) {
  return a.min_count == b.min_count && a.conditions == b.conditions;
}

inline bool operator==(const filter& a, const filter& b) {
  return a.must == b.must && a.should == b.should && a.must_not == b.must_not
         && a.at_least == b.at_least;
}

inline bool operator==(const nested& a, const nested& b) {
  return a.key == b.key && a.inner == b.inner;
}

/// Number of leaf conditions, for limits and estimates.
std::size_t condition_count(const filter& of) noexcept;

/// The length of the longest list of values or ids in any condition; 0 without lists.
std::size_t largest_condition(const filter& of) noexcept;

} // namespace grape::payload
