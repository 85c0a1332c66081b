#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/request/read.hpp"
#include "core/request/write.hpp"

namespace grape {

/// Does every operation fit the schema (vector names, dimensions, kinds, finite components)?
/// The texts are those that Qdrant's clients know. Nothing is changed.
status validate(const std::vector<write_operation>& operations, const collection_schema& schema);

/// Brings vectors into the form in which they are stored (see vector_form.hpp), and lists of them
/// into the order of their names. Operations with a condition name each id once afterwards.
/// Needs operations that `validate` accepts.
void normalise(std::vector<write_operation>& operations, const collection_schema& schema);

/// May a new collection be called so: 1 to 255 characters, none of `<>:"/\\|?*`, NUL and 0x1F, and
/// neither "." nor ".."? Error: wrong_input.
status validate_collection_name(std::string_view name);

/// Do new or changed options make sense (bounds, names, dense and sparse names distinct)? What they
/// accept can be applied by every replica, whoever made them. Errors: wrong_input, bad_request (see
/// durability.hpp).
status validate(const collection_options& options);
status validate(const collection_changes& changes);

/// The same of one vector that joins a collection.
status validate_vector(const std::string& name, const vector_definition& what);

} // namespace grape
