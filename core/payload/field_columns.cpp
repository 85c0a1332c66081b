#include "core/payload/field_columns.hpp"

#include "core/check.hpp"

namespace grape::payload {

namespace {

/// Looks `field` up as it is spelled, then in its canonical spelling.
template <class Map>
auto find_field(Map& in, std::string_view field) {
  auto found = in.find(field);
  if (found == in.end())
    if (const auto parsed = path::parse(field))
      found = in.find(parsed->text());
  return found;
}

} // namespace

const field_column* column_view::find(std::string_view field) const {
  if (!columns_)
    return nullptr;
  const auto found = find_field(*columns_, field);
  return found == columns_->end() ? nullptr : &found->second;
}

field_meanings column_view::meanings() const {
  return [this](std::string_view field) {
    const auto* column = find(field);
    return column == nullptr ? field_meaning{} : column->meaning();
  };
}

status field_columns::add_field(const std::string& field, const field_schema& schema) {
  auto parsed = path::parse(field);
  if (!parsed)
    return std::move(parsed).error();
  if (schema.type == field_type::text)
    if (auto options = read_text_options(schema.params); !options)
      return std::move(options).error();
  fresh_.reset();
  fields_.insert_or_assign(parsed->text(), field_column{schema, *parsed});
  return {};
}

void field_columns::remove_field(std::string_view field) {
  const auto found = find_field(fields_, field);
  if (found == fields_.end())
    return;
  fresh_.reset();
  fields_.erase(found);
}

void field_columns::set(slot where, const object& payload) {
  fresh_.reset(); // Also frees its pages, which would otherwise be copied for nobody.
  for (auto& [field, column] : fields_)
    column.set(where, payload);
}

void field_columns::set_field(std::string_view field, slot where, const object& payload) {
  const auto found = find_field(fields_, field);
  GRAPE_CHECK(found != fields_.end());
  fresh_.reset();
  found->second.set(where, payload);
}

void field_columns::clear(slot where) {
  fresh_.reset();
  for (auto& [field, column] : fields_)
    column.clear(where);
}

column_view field_columns::snapshot() const {
  if (!fresh_) {
    fresh_.emplace();
    fresh_->columns_ = std::make_shared<column_view::columns>(fields_);
  }
  return *fresh_;
}

std::size_t field_columns::points(std::string_view field) const {
  const auto found = find_field(fields_, field);
  return found == fields_.end() ? 0 : found->second.filled();
}

std::size_t field_columns::bytes() const {
  std::size_t sum = 0;
  for (const auto& [field, column] : fields_)
    sum += column.bytes();
  return sum;
}

} // namespace grape::payload
