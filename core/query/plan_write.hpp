#pragma once

#include "core/cluster/metadata.hpp"
#include "core/cluster/shard_scope.hpp"
#include "core/outcome.hpp"
#include "core/request/write.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape::query {

/// Ids that one shard keeps, each once, ascending.
using ids_by_group = std::map<group_id, std::vector<point_id>>;

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
  ids_by_group must_exist;              ///< Before anything is proposed.
};

/// Errors: those of `check_ack`, `validate` and `cluster::scope_of_write`.
outcome<planned_write> plan(write_request asked, const cluster::collection_entry& collection);

/// The operations by the shard that must apply them, in their order. `scopes`: by their place.
std::map<shard_id, std::vector<write_operation>>
dealt(std::vector<write_operation> operations, const std::vector<cluster::shard_scope>& scopes);

/// The ids that must exist before any of these operations is logged.
ids_by_group must_exist(const std::map<shard_id, std::vector<write_operation>>& by_shard,
                        const cluster::collection_entry& collection);

/// What each operation of a request changes, by its place. Errors: those of `scope_of_write`.
outcome<std::vector<cluster::shard_scope>>
scopes_of(const std::vector<write_operation>& operations,
          const std::vector<std::optional<shard_key_selector>>& keys,
          const cluster::collection_entry& collection);

/// A part that was refused as stale, validated and encoded again for the schema of now.
outcome<std::string> plan_again(std::string_view bytes, const collection_schema& schema);

} // namespace grape::query
