#pragma once

#include "core/request/telemetry.hpp"
#include "net/http/json_writer.hpp"

#include <cstdint>

namespace grape::http {

/// How much of it is told, in Qdrant's levels.
struct telemetry_view {
  /// 0: without asking collections. 1: their sizes. 2: their settings. 3 and more: their shards.
  std::uint64_t details = 0;
  bool per_collection = false; ///< Answers by collection too.
  bool anonymous = false;      ///< Names of collections, nodes and clusters as checksums.
};

/// Qdrant's shape. What it tells and Grape does not count is null where the shape allows it; the
/// insides of its segments are left out.
void write_telemetry(json_writer& out, const telemetry& told, const telemetry_view& how);

} // namespace grape::http
