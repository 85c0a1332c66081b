#include "core/payload/field_column.hpp"

#include "core/check.hpp"

namespace grape::payload {

field_column::any_column field_column::make(const field_schema& schema, const path& field) {
  switch (schema.type) {
    case field_type::keyword: return typed_column<keyword_kind>{field};
    case field_type::integer: return typed_column<integer_kind>{field};
    case field_type::floating: return typed_column<float_kind>{field};
    case field_type::boolean: return typed_column<bool_kind>{field};
    case field_type::datetime: return typed_column<datetime_kind>{field};
    case field_type::uuid: return typed_column<uuid_kind>{field};
    case field_type::geo: return geo_column{field};
    case field_type::text: break;
  }
  auto options = read_text_options(schema.params);
  GRAPE_CHECK(options.ok());
  return text_column{std::move(*options), field};
}

field_column::field_column(const field_schema& schema, const path& field)
  : column_(make(schema, field))
  , type_(schema.type) {
}

void field_column::set(slot where, const object& payload) {
  std::visit([&](auto& column) { column.set(where, payload); }, column_);
}

void field_column::clear(slot where) {
  std::visit([&](auto& column) { column.clear(where); }, column_);
}

verdict field_column::test(const field_test& wanted, std::size_t capacity) const {
  return std::visit([&](const auto& column) { return column.test(wanted, capacity); }, column_);
}

field_meaning field_column::meaning() const noexcept {
  const auto* texts = std::get_if<text_column>(&column_);
  return {.uuids = type_ == field_type::uuid,
          .text = texts == nullptr ? nullptr : texts->analyzer()};
}

bool field_column::has_numbers() const noexcept {
  return type_ == field_type::integer || type_ == field_type::floating
         || type_ == field_type::datetime;
}

std::vector<order_value> field_column::numbers(slot where) const {
  return std::visit([where](const auto& column) { return column.numbers(where); }, column_);
}

std::size_t field_column::filled() const noexcept {
  return std::visit([](const auto& column) { return column.filled(); }, column_);
}

value_counts field_column::count_values(const slot_set& among) const {
  return std::visit([&](const auto& column) { return column.count_values(among); }, column_);
}

std::size_t field_column::bytes() const {
  return std::visit([](const auto& column) { return column.bytes(); }, column_);
}

} // namespace grape::payload
