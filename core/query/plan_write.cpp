#include "core/query/plan_write.hpp"

#include "core/cluster/split.hpp"
#include "core/request/durability.hpp"
#include "core/request/existence.hpp"
#include "core/request/validate.hpp"
#include "core/shard/command.hpp"

#include <utility>

namespace grape::query {

outcome<std::vector<cluster::shard_scope>>
scopes_of(const std::vector<write_operation>& operations,
          const std::vector<std::optional<shard_key_selector>>& keys,
          const cluster::collection_entry& collection) {
  std::vector<cluster::shard_scope> scopes;
  scopes.reserve(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    auto scope = scope_of_write(collection, i < keys.size() ? keys[i] : std::nullopt);
    if (!scope)
      return std::move(scope).error();
    scopes.push_back(std::move(*scope));
  }
  return scopes;
}

std::map<shard_id, std::vector<write_operation>>
dealt(std::vector<write_operation> operations, const std::vector<cluster::shard_scope>& scopes) {
  std::vector<cluster::scoped_operation> scoped;
  scoped.reserve(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i)
    scoped.push_back({std::move(operations[i]), &scopes.at(i)});
  return cluster::split(std::move(scoped));
}

ids_by_group must_exist(const std::map<shard_id, std::vector<write_operation>>& by_shard,
                        const cluster::collection_entry& collection) {
  ids_by_group all;
  for (const auto& [shard, operations] : by_shard)
    if (auto ids = ids_that_must_exist(operations); !ids.empty())
      all.emplace(collection.groups.at(shard), std::move(ids));
  return all;
}

outcome<planned_write> plan(write_request asked, const cluster::collection_entry& collection) {
  const auto& schema = collection.schema;
  if (auto fits = check_ack(asked.options, schema.options); !fits.ok())
    return fits;
  if (auto fits = validate(asked.operations, schema); !fits.ok())
    return fits;
  const auto scopes = scopes_of(asked.operations, asked.keys, collection);
  if (!scopes)
    return scopes.error();
  normalise(asked.operations, schema);
  planned_write out;
  out.routed_by = collection.slots.version();
  out.validated_against = schema.version;
  auto by_shard = dealt(std::move(asked.operations), *scopes);
  out.must_exist = must_exist(by_shard, collection);
  for (auto& [shard, mine] : by_shard)
    out.parts.push_back({collection.groups.at(shard),
                         shard::encode(shard::write_points{schema.version, std::move(mine)})});
  return out;
}

outcome<std::string> plan_again(std::string_view bytes, const collection_schema& schema) {
  auto command = shard::decode(bytes);
  if (!command)
    return std::move(command).error();
  auto* write = std::get_if<shard::write_points>(&*command);
  if (write == nullptr)
    return status{errc::internal, "only batches of points are planned again"};
  if (auto fits = validate(write->operations, schema); !fits.ok())
    return fits;
  normalise(write->operations, schema);
  write->validated_against = schema.version;
  return shard::encode(*command);
}

} // namespace grape::query
