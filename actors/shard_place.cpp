#include "actors/shard_place.hpp"

namespace grape::actors {

std::shared_ptr<const shard_place> place_of(const house& home, const std::string& collection,
                                            const cluster::collection_entry& entry,
                                            shard_id shard) {
  auto place = std::make_shared<shard_place>();
  place->group = entry.groups.at(shard);
  place->shard = shard;
  place->name = collection + "/" + std::to_string(shard.value);
  const auto at = entry.home_of(shard);
  place->directory = home.path(shard_directory(at.collection, at.shard, replica_id{}));
  place->schema = entry.schema;
  const auto self = home.member.get();
  const auto known = home.known.get();
  if (!self || !known)
    return place;
  const auto& replicas = known->state.groups().at(place->group);
  place->member = group_place_of(replicas, self->self, place->name,
                                 entry.schema.options.replication.batch_size);
  place->directory = home.path(shard_directory(at.collection, at.shard, place->member->self));
  // Whatever every replica must know alike, the schema too, comes by the log.
  place->schema = {};
  place->schema.version = schema_version{};
  return place;
}

std::shared_ptr<const shard_place> renamed(const shard_place& from, const std::string& name) {
  auto place = std::make_shared<shard_place>(from);
  place->name = name;
  if (place->member) {
    auto member = std::make_shared<group_place>(*place->member);
    member->name = name;
    place->member = std::move(member);
  }
  return place;
}

} // namespace grape::actors
