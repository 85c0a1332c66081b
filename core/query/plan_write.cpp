#include "core/query/plan_write.hpp"

#include "core/cluster/split.hpp"
#include "core/request/durability.hpp"
#include "core/request/existence.hpp"
#include "core/request/validate.hpp"
#include "core/shard/command.hpp"

#include <utility>

namespace grape::query {

outcome<planned_write> plan(std::vector<write_operation> operations, const write_options& how,
                            const cluster::collection_entry& collection) {
  const auto& schema = collection.schema;
  if (auto fits = check_ack(how, schema.options); !fits.ok())
    return fits;
  if (auto fits = validate(operations, schema); !fits.ok())
    return fits;
  normalise(operations, schema);
  planned_write out;
  out.routed_by = collection.slots.version();
  out.validated_against = schema.version;
  out.must_exist = ids_that_must_exist(operations);
  auto parts = cluster::split(std::move(operations), collection.slots, collection.groups.size());
  for (auto& [shard, mine] : parts)
    out.parts.push_back(
      {collection.groups.at(shard.value),
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
