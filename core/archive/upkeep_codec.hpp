#pragma once

#include "core/archive/checkpoint.hpp"
#include "core/outcome.hpp"
#include "core/request/upkeep.hpp"

#include <string>
#include <string_view>

/// Verbs of the storage on their way between nodes: a version byte and a MessagePack record.
/// Decoders take any bytes; errors: corrupted, wrong_version.
namespace grape::archive {

std::string encode(const storage_request& of);
std::string encode(const node_upkeep& of);
outcome<storage_request> decode_storage_request(std::string_view bytes);
outcome<node_upkeep> decode_node_upkeep(std::string_view bytes);

} // namespace grape::archive
