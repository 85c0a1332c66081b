#pragma once

#include "core/request/collection.hpp"
#include "net/http/json_writer.hpp"

/// Answers about collections and aliases as Qdrant prints them. Each writes one JSON value.
namespace grape::http {

void write_changed(json_writer& out, const changed& answer); ///< true or false
void write_fulfilled(json_writer& out, const changed&); ///< true, also if it was so before
void write_exists(json_writer& out, const changed& answer);  ///< `{"exists": ...}`
void write_collection_names(json_writer& out, const collection_names& all);
void write_collection(json_writer& out, const collection_description& about);
/// Parts of `write_collection`, for whoever shows collections elsewhere.
void write_collection_params(json_writer& out, const collection_options& options);
void write_collection_config(json_writer& out, const collection_options& options);
void write_optimizer_status(json_writer& out, const collection_description& about);
std::string_view health_text(collection_health health);
void write_aliases(json_writer& out, const alias_list& all);

} // namespace grape::http
