#include "actors/group_place.hpp"

#include "core/check.hpp"

namespace grape::actors {

std::shared_ptr<const group_place> group_place_of(const cluster::shard_replicas& replicas,
                                                  node_number self, std::string name,
                                                  std::uint32_t batch_size) {
  const auto* own = replicas.on(self);
  GRAPE_CHECK(own != nullptr);
  auto place = std::make_shared<group_place>();
  place->group = replicas.group;
  place->self = own->id;
  place->name = std::move(name);
  place->batch_size = batch_size;
  place->is_witness = own->role == cluster::replica_role::witness;
  place->first_members = cluster::first_members(replicas, own->id);
  return place;
}

} // namespace grape::actors
