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
  place->directory = home.path(shard_directory(entry.id, shard));
  place->schema = entry.schema;
  return place;
}

} // namespace grape::actors
