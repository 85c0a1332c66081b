#include "core/payload/typed_column.hpp"

#include "core/payload/column_verdict.hpp"
#include "core/payload/datetime.hpp"

#include <algorithm>
#include <concepts>
#include <map>
#include <optional>
#include <span>

namespace grape::payload {

namespace {

/// The element in the column's type, if it has that type.
std::optional<std::uint32_t> typed(const value& element, keyword_dictionary* words, keyword_kind) {
  const auto* text = element.as_string();
  return text == nullptr ? std::nullopt : std::optional{words->intern(*text)};
}

std::optional<std::int64_t> typed(const value& element, keyword_dictionary*, integer_kind) {
  const auto* integer = element.as_int();
  return integer == nullptr ? std::nullopt : std::optional{*integer};
}

std::optional<double> typed(const value& element, keyword_dictionary*, float_kind) {
  return element.is_number() ? std::optional{element.number()} : std::nullopt;
}

std::optional<std::uint8_t> typed(const value& element, keyword_dictionary*, bool_kind) {
  const auto* boolean = element.as_bool();
  return boolean == nullptr ? std::nullopt
                            : std::optional{static_cast<std::uint8_t>(*boolean ? 1 : 0)};
}

std::optional<std::int64_t> typed(const value& element, keyword_dictionary*, datetime_kind) {
  const auto* text = element.as_string();
  return text == nullptr ? std::nullopt : parse_datetime(*text);
}

std::optional<uuid> typed(const value& element, keyword_dictionary*, uuid_kind) {
  const auto* text = element.as_string();
  const auto parsed = text == nullptr ? outcome<point_id>{status{errc::malformed, {}}}
                                      : point_id::parse_uuid(*text);
  return parsed ? std::optional{parsed->name()} : std::nullopt;
}

template <class Kind>
void add_element(slot_facts<typename Kind::stored>& facts, const value& element,
                 keyword_dictionary* words) {
  if (element.is_null())
    facts.null = true;
  else if (const auto in_type = typed(element, words, Kind{}))
    facts.values.push_back(*in_type);
  else
    facts.other = true;
}

template <class Kind>
slot_facts<typename Kind::stored> gather(const object& payload, const path& field,
                                         keyword_dictionary* words) {
  slot_facts<typename Kind::stored> facts;
  visit_values(payload, field, [&](const value& found) {
    const auto* elements = found.as_array();
    facts.filled |= elements != nullptr ? !elements->empty() : !found.is_null();
    if (elements == nullptr)
      add_element<Kind>(facts, found, words);
    else
      for (const auto& element : *elements)
        add_element<Kind>(facts, element, words);
    return true;
  });
  return facts;
}

/// Calls `visit(values)` with what each slot in `among` has, if it has something.
template <class T, class Visit>
void visit_slots(const column_store<T>& values, const slot_set& among, Visit visit) {
  constexpr auto slots = column_block<T>::slots;
  among.for_each([&](slot at) {
    if (at.value / slots >= values.blocks())
      return;
    const auto& block = values[at.value / slots];
    const auto offset = at.value % slots;
    if ((block.single[offset / 64] >> (offset % 64) & 1) != 0)
      return visit(std::span{&block.values[offset], 1});
    const auto run = std::lower_bound(block.runs.begin(), block.runs.end(), offset,
                                      [](const auto& r, std::size_t o) { return r.offset < o; });
    if (run != block.runs.end() && run->offset == offset)
      visit(std::span{block.pool}.subspan(run->begin, run->count));
  });
}

std::variant<bool, std::int64_t, std::string> shown(std::uint8_t value) {
  return value != 0;
}

std::variant<bool, std::int64_t, std::string> shown(std::int64_t value) {
  return value;
}

std::variant<bool, std::int64_t, std::string> shown(const uuid& value) {
  return point_id{value}.text();
}

} // namespace

template <class Kind>
typed_column<Kind>::typed_column(const path& field)
  : field_(field)
  , single_path_(field.leads_to_one()) {
  if constexpr (std::same_as<Kind, keyword_kind>)
    words_ = std::make_shared<keyword_dictionary>();
}

template <class Kind>
void typed_column<Kind>::set(slot where, const object& payload) {
  values_.set(where.value, gather<Kind>(payload, field_, words_.get()));
  renew_words();
}

template <class Kind>
void typed_column<Kind>::clear(slot where) {
  if (where.value / column_block<typename Kind::stored>::slots < values_.blocks())
    values_.set(where.value, {});
}

template <class Kind>
void typed_column<Kind>::renew_words() {
  if constexpr (std::same_as<Kind, keyword_kind>) {
    // Words stay when their last slot goes, for snapshots may still ask. A field that is rewritten
    // for ever would grow for ever; so when half of the words must be idle, the rest moves out.
    constexpr std::size_t idle_always_fine = 1'024;
    if (words_->size() <= idle_always_fine + 2 * values_.values())
      return;
    auto words = std::make_shared<keyword_dictionary>();
    column_store<std::uint32_t> renewed;
    for (std::size_t at = 0; at < values_.blocks() * column_block<std::uint32_t>::slots; ++at) {
      auto facts = values_.facts(at);
      for (auto& code : facts.values)
        code = words->intern(words_->word(code));
      renewed.set(at, facts);
    }
    values_ = std::move(renewed);
    words_ = std::move(words);
  }
}

template <class Kind>
verdict typed_column<Kind>::test(const field_test& wanted, std::size_t capacity) const {
  return judge_column(judged_column<Kind>{values_, words_.get(), single_path_}, wanted, capacity);
}

template <class Kind>
std::size_t typed_column<Kind>::bytes() const {
  return values_.bytes() + (words_ ? words_->bytes() : 0);
}

template <class Kind>
value_counts typed_column<Kind>::count_values(const slot_set& among) const {
  using T = typename Kind::stored;
  std::map<T, std::uint64_t> counts;
  std::vector<std::uint64_t> by_code(words_ ? words_->size() : 0);
  visit_slots(values_, among, [&](std::span<const T> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto seen = values.first(i);
      if (std::find(seen.begin(), seen.end(), values[i]) != seen.end())
        continue;
      if constexpr (std::same_as<Kind, keyword_kind>)
        ++by_code[values[i]];
      else
        ++counts[values[i]];
    }
  });
  value_counts found;
  if constexpr (std::same_as<Kind, keyword_kind>) {
    for (std::uint32_t code = 0; code < by_code.size(); ++code)
      if (by_code[code] != 0)
        found.emplace_back(words_->word(code), by_code[code]);
  } else if constexpr (!std::same_as<Kind, float_kind>) {
    for (const auto& [value, count] : counts)
      found.emplace_back(shown(value), count);
  }
  return found;
}

template <class Kind>
std::vector<order_value> typed_column<Kind>::numbers(slot where) const {
  std::vector<order_value> all;
  using stored = typename Kind::stored;
  if constexpr (std::is_same_v<stored, std::int64_t> || std::is_same_v<stored, double>)
    for (const auto value : values_.facts(where.value).values)
      all.emplace_back(value);
  return all;
}

template class typed_column<keyword_kind>;
template class typed_column<integer_kind>;
template class typed_column<float_kind>;
template class typed_column<bool_kind>;
template class typed_column<datetime_kind>;
template class typed_column<uuid_kind>;

} // namespace grape::payload
