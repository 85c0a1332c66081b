#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/write.hpp"

namespace grape {

/// Does every operation fit the schema (vector names, dimensions, kinds, finite components)?
/// The texts are those that Qdrant's clients know. Nothing is changed.
status validate(const std::vector<write_operation>& operations, const collection_schema& schema);

/// Brings vectors into the form in which they are stored: Cosine vectors get length 1 (zero stays
/// zero), lists get sorted by name. Needs operations that `validate` accepts.
void normalise(std::vector<write_operation>& operations, const collection_schema& schema);

/// A query's dense target for the field `name`: kind and dimension. Errors: wrong_input.
outcome<const vector_field*> field_for_query(const collection_schema& schema,
                                             std::string_view name);

/// May a new collection be called so: 1 to 255 characters, none of `<>:"/\\|?*`, NUL and 0x1F, and
/// neither "." nor ".."? Error: wrong_input.
status validate_collection_name(std::string_view name);

/// Do new or changed options make sense (bounds, names, dense and sparse names distinct)? What they
/// accept can be applied by every replica, whoever made them. Error: wrong_input.
status validate(const collection_options& options);
status validate(const collection_changes& changes);

} // namespace grape
