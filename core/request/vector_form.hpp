#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/vector/point.hpp"

#include <cstddef>
#include <string_view>

namespace grape {

/// Components of one multivector, all rows together.
inline constexpr std::size_t multi_vector_components_max = std::size_t{1} << 20;

/// "Not existing vector name error: ...".
status unknown_vector(std::string_view name);

/// Can this be stored as the vector `name`: does the name exist, do kind and dimension fit, is
/// every component finite? A dense vector can be a multivector of one row. Errors: wrong_input,
/// with the texts that Qdrant's clients know.
status check_vector(const vector_value& value, std::string_view name,
                    const collection_options& options);

/// A dense vector becomes a multivector of one row; anything else stays.
void to_rows(vector_value& value);

/// Brings a vector that `check_vector` accepts into the form in which it is stored: rows for a
/// multivector, length 1 for Cosine (but for uint8; zero stays zero), components of the datatype.
void to_stored_form(vector_value& value, std::string_view name, const collection_options& options);

/// Brings stored components into the form in which they are compared, which differs only for Cosine
/// over uint8: those are normalised now. `components` are one row.
void to_compared_form(std::span<float> components, const vector_field& field) noexcept;

/// A query's vector in the form in which stored vectors are compared with it. Errors: those of
/// `check_vector`.
outcome<vector_value> query_form(vector_value value, std::string_view name,
                                 const collection_options& options);

} // namespace grape
