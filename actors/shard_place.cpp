#include "actors/shard_place.hpp"

namespace grape::actors {

std::shared_ptr<const shard_place> place_of(const house& home, const std::string& collection,
                                            const cluster::collection_entry& entry,
                                            shard_id shard) {
  auto place = std::make_shared<shard_place>();
  place->group = entry.groups.at(shard.value);
  place->collection = entry.id;
  place->shard = shard;
  place->name = collection + "/" + std::to_string(shard.value);
  place->directory = home.path(shard_directory(entry.id, shard, replica_id{}));
  place->schema = entry.schema;
  const auto self = home.member.get();
  const auto known = home.known.get();
  if (!self || !known)
    return place;
  const auto& replicas = known->state.groups().at(place->group);
  place->member = group_place_of(replicas, self->self, place->name,
                                 entry.schema.options.replication.batch_size);
  place->directory = home.path(shard_directory(entry.id, shard, place->member->self));
  // Whatever every replica must know alike, the schema too, comes by the log.
  place->schema = {};
  place->schema.version = schema_version{};
  return place;
}

} // namespace grape::actors
