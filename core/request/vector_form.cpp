#include "core/request/vector_form.hpp"

#include "core/vector/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace grape {

namespace {

status wrong_dimension(std::size_t expected, std::size_t got) {
  return {errc::wrong_input, "Vector dimension error: expected dim: " + std::to_string(expected)
                                 + ", got " + std::to_string(got)};
}

status cannot_convert(std::string_view kinds) {
  return {errc::wrong_input, "Conversion between " + std::string(kinds) + " vectors failed"};
}

status check_finite(const std::vector<float>& values, std::string_view name,
                    std::string_view part) {
  if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
    return {};
  return {errc::wrong_input, "vector `" + std::string(name) + "` has a " + std::string(part)
                                 + " that is not a finite number"};
}

/// One overload per kind of vector.
struct vector_check {
  std::string_view name;
  const collection_options& options;

  status operator()(const dense_vector& vector) const {
    const auto* field = dense_field();
    if (field == nullptr)
      return is_sparse() ? cannot_convert("sparse and regular") : unknown_vector(name);
    if (vector.size() != field->size)
      return wrong_dimension(field->size, vector.size());
    return check_finite(vector, name, "component");
  }

  status operator()(const multi_vector& vector) const {
    const auto* field = dense_field();
    if (field == nullptr)
      return is_sparse() ? cannot_convert("sparse and multi") : unknown_vector(name);
    if (!field->multi)
      return cannot_convert("multi and regular");
    if (vector.dimension != field->size)
      return wrong_dimension(field->size, vector.dimension);
    if (vector.values.size() > multi_vector_components_max)
      return {errc::wrong_input, "vector `" + std::string(name) + "` has "
                                     + std::to_string(vector.values.size())
                                     + " components, a multivector must have at most "
                                     + std::to_string(multi_vector_components_max)};
    return check_finite(vector.values, name, "component");
  }

  status operator()(const sparse_vector& vector) const {
    if (!is_sparse())
      return dense_field() ? cannot_convert("sparse and regular") : unknown_vector(name);
    return check_finite(vector.values, name, "value");
  }

private:
  const vector_field* dense_field() const {
    const auto found = options.vectors.find(std::string(name));
    return found == options.vectors.end() ? nullptr : &found->second;
  }

  bool is_sparse() const { return options.sparse_vectors.contains(std::string(name)); }
};

/// Whether these halves may be what was left of a vector of length 1: each is off by 2^-11 of
/// itself at most. Normalised and rounded once more they would drift.
bool was_rounded_to_halves(std::span<const float> components) {
  double squares = 0;
  for (const auto component : components)
    squares += static_cast<double>(component) * static_cast<double>(component);
  if (std::abs(squares - 1.0) > 1e-3)
    return false;
  std::vector<float> rounded(components.begin(), components.end());
  round_to(vector_datatype::float16, rounded);
  return std::equal(rounded.begin(), rounded.end(), components.begin());
}

void to_stored_form(std::span<float> components, const vector_field& field) {
  if (field.distance == metric::cosine && field.stored_as() == vector_datatype::float16
      && was_rounded_to_halves(components))
    return;
  // Of a vector of length 1 whole numbers would leave nothing.
  if (field.distance == metric::cosine && field.stored_as() != vector_datatype::uint8)
    normalise(components);
  round_to(field.stored_as(), components);
}

/// Every row of a dense vector or multivector.
template <class Change>
void for_each_row(vector_value& value, Change&& change) {
  if (auto* dense = std::get_if<dense_vector>(&value))
    return change(std::span<float>(*dense));
  if (auto* multi = std::get_if<multi_vector>(&value))
    for (std::size_t at = 0; at < multi->values.size(); at += multi->dimension)
      change(std::span<float>(multi->values.data() + at, multi->dimension));
}

} // namespace

status unknown_vector(std::string_view name) {
  return {errc::wrong_input, "Not existing vector name error: " + std::string(name)};
}

status check_vector(const vector_value& value, std::string_view name,
                    const collection_options& options) {
  return std::visit(vector_check{name, options}, value);
}

void to_rows(vector_value& value) {
  if (auto* dense = std::get_if<dense_vector>(&value)) {
    multi_vector rows{static_cast<std::uint32_t>(dense->size()), std::move(*dense)};
    value = std::move(rows);
  }
}

void to_stored_form(vector_value& value, std::string_view name, const collection_options& options) {
  const auto field = options.vectors.find(std::string(name));
  if (field == options.vectors.end())
    return;
  if (field->second.multi)
    to_rows(value);
  for_each_row(value, [&](std::span<float> each) { to_stored_form(each, field->second); });
}

void to_compared_form(std::span<float> components, const vector_field& field) noexcept {
  if (field.distance == metric::cosine && field.stored_as() == vector_datatype::uint8)
    normalise(components);
}

outcome<vector_value> query_form(vector_value value, std::string_view name,
                                 const collection_options& options) {
  if (auto fits = check_vector(value, name, options); !fits.ok())
    return fits;
  to_stored_form(value, name, options);
  const auto field = options.vectors.find(std::string(name));
  if (field != options.vectors.end())
    for_each_row(value, [&](std::span<float> each) { to_compared_form(each, field->second); });
  return value;
}

} // namespace grape
