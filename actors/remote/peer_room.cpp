#include "actors/remote/peer_room.hpp"

namespace grape::actors {

outcome<std::shared_ptr<peer_room>>
make_peer_room(const node_config& config, const cluster::node_identity& identity,
               std::uint64_t drawn,
               std::function<status(const cluster::node_identity&)> write_identity) {
  auto made = std::make_shared<peer_room>();
  made->identity = identity;
  made->drawn = drawn;
  made->write_identity = std::move(write_identity);
  std::uint32_t number = 0;
  for (const auto& each : founders_in_order(config.cluster)) {
    ++number;
    if (each.id == config.node.id)
      made->self = node_number{number};
  }
  if (identity.founding == cluster::founding_stage::formed && identity.number.value > number)
    made->self = identity.number; // It was admitted.
  if (identity.number != node_number{} && identity.number != made->self)
    return status{errc::bad_config,
                  "[cluster] founders makes this node number " + std::to_string(made->self.value)
                      + ", but its data directory says " + std::to_string(identity.number.value)
                      + ": the founders stay as they were when the cluster was formed"};
  return made;
}

cluster::founding_state founding_state_of(const node_config& config,
                                          const cluster::node_identity& who) {
  cluster::founding_state own{who.founding, who.cluster_id, config.cluster.name, {}};
  for (const auto& each : founders_in_order(config.cluster))
    own.founders.push_back(each.id + "=" + each.address);
  return own;
}

bool is_founder(const node_config& config, const peer_room& room) noexcept {
  return room.self.value <= config.cluster.founders.size();
}

} // namespace grape::actors
