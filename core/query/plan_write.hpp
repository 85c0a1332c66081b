#pragma once

#include "core/cluster/metadata.hpp"
#include "core/outcome.hpp"
#include "core/request/write.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace grape::query {

/// What one shard is told to do: a shard::command as bytes.
struct planned_part {
  group_id group;
  std::string bytes;
};

/// A batch on its way: validated, normalised, split and encoded.
struct planned_write {
  epoch routed_by;
  schema_version validated_against;
  std::vector<planned_part> parts;      ///< By shard; empty if there is nothing to do.
  std::vector<point_id> must_exist;     ///< Before anything is proposed.
};

/// Errors: those of `check_ack` and `validate`.
outcome<planned_write> plan(std::vector<write_operation> operations, const write_options& how,
                            const cluster::collection_entry& collection);

/// A part that was refused as stale, validated and encoded again for the schema of now.
outcome<std::string> plan_again(std::string_view bytes, const collection_schema& schema);

} // namespace grape::query
