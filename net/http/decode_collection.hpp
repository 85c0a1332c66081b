#pragma once

#include "core/outcome.hpp"
#include "core/request/collection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Bodies that make and change collections. The collection's name is left to the caller. Errors:
/// malformed, invalid (complete texts), bad_request, wrong_input.
namespace grape::http {

struct collection_defaults; ///< api.hpp

/// PUT collection.
outcome<collection_options> decode_create_collection(std::string& body,
                                                     const collection_defaults& defaults);

/// PATCH collection.
outcome<collection_changes> decode_update_collection(std::string& body);

/// POST collections/aliases.
outcome<change_aliases_request> decode_change_aliases(std::string& body);

/// PUT vectors/{name}: a vector that joins a collection as `name`.
outcome<vector_definition> decode_create_vector(std::string& body, std::string_view name);

/// PUT index: the field and its schema; the rest is left to the caller.
outcome<create_field_index_request> decode_create_field_index(std::string& body);

} // namespace grape::http
