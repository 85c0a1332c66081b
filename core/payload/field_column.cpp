#include "core/payload/field_column.hpp"

#include <optional>

namespace grape::payload {

namespace {

/// The element in the column's type, if it has that type.
std::optional<std::uint32_t> typed(const value& element, keyword_dictionary* words,
                                   std::uint32_t) {
  const auto* text = element.as_string();
  return text == nullptr ? std::nullopt : std::optional{words->intern(*text)};
}

std::optional<std::int64_t> typed(const value& element, keyword_dictionary*, std::int64_t) {
  const auto* integer = element.as_int();
  return integer == nullptr ? std::nullopt : std::optional{*integer};
}

std::optional<double> typed(const value& element, keyword_dictionary*, double) {
  return element.is_number() ? std::optional{element.number()} : std::nullopt;
}

std::optional<std::uint8_t> typed(const value& element, keyword_dictionary*, std::uint8_t) {
  const auto* boolean = element.as_bool();
  return boolean == nullptr ? std::nullopt
                            : std::optional{static_cast<std::uint8_t>(*boolean ? 1 : 0)};
}

template <class T>
void add_element(slot_facts<T>& facts, const value& element, keyword_dictionary* words) {
  if (element.is_null())
    facts.null = true;
  else if (const auto in_type = typed(element, words, T{}))
    facts.values.push_back(*in_type);
  else
    facts.other = true;
}

template <class T>
slot_facts<T> gather(const object& payload, const path& field, keyword_dictionary* words) {
  slot_facts<T> facts;
  visit_values(payload, field, [&](const value& found) {
    const auto* elements = found.as_array();
    facts.filled |= elements != nullptr ? !elements->empty() : !found.is_null();
    if (elements == nullptr)
      add_element(facts, found, words);
    else
      for (const auto& element : *elements)
        add_element(facts, element, words);
    return true;
  });
  return facts;
}

} // namespace

field_column::field_column(field_type type) : type_(type) {
  switch (type) {
    case field_type::keyword:
      values_.emplace<column_store<std::uint32_t>>();
      words_ = std::make_shared<keyword_dictionary>();
      break;
    case field_type::integer: values_.emplace<column_store<std::int64_t>>(); break;
    case field_type::floating: values_.emplace<column_store<double>>(); break;
    case field_type::boolean: values_.emplace<column_store<std::uint8_t>>(); break;
  }
}

void field_column::set(slot where, const object& payload, const path& field) {
  std::visit(
    [&]<class T>(column_store<T>& values) {
      values.set(where.value, gather<T>(payload, field, words_.get()));
    },
    values_);
  if (words_)
    renew_words();
}

void field_column::clear(slot where) {
  std::visit(
    [&]<class T>(column_store<T>& values) {
      if (where.value / column_block<T>::slots < values.blocks())
        values.set(where.value, {});
    },
    values_);
}

void field_column::renew_words() {
  auto& values = std::get<column_store<std::uint32_t>>(values_);
  // Words stay when their last slot goes, for snapshots may still ask. A field that is rewritten
  // for ever would grow for ever; so when half of the words must be idle, the rest moves out.
  constexpr std::size_t idle_always_fine = 1'024;
  if (words_->size() <= idle_always_fine + 2 * values.values())
    return;
  auto words = std::make_shared<keyword_dictionary>();
  column_store<std::uint32_t> renewed;
  for (std::size_t at = 0; at < values.blocks() * column_block<std::uint32_t>::slots; ++at) {
    auto facts = values.facts(at);
    for (auto& code : facts.values)
      code = words->intern(words_->word(code));
    renewed.set(at, facts);
  }
  values = std::move(renewed);
  words_ = std::move(words);
}

verdict field_column::test(const field_test& wanted, std::size_t capacity) const {
  return std::visit(
    [&](const auto& values) { return judge_column(values, words_.get(), wanted, capacity); },
    values_);
}

std::size_t field_column::filled() const noexcept {
  return std::visit([](const auto& values) { return values.filled(); }, values_);
}

std::size_t field_column::bytes() const {
  return std::visit([](const auto& values) { return values.bytes(); }, values_)
         + (words_ ? words_->bytes() : 0);
}

} // namespace grape::payload
