// CATALOG in a cluster: what this node tells the others, and what it asks of shards elsewhere.

#include "actors/control/catalog_state.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::seconds announce_patience{15};
constexpr std::chrono::seconds confirm_patience{5};
constexpr std::uint64_t reach_ms = 30'000;
constexpr std::chrono::milliseconds reach_patience{reach_ms + 5'000};

/// What the others are to know of this node.
cluster::change_node announcement(const house& home, node_number self) {
  const auto& config = home.config;
  cluster::change_node command;
  command.number = self;
  command.peer_address = config.peer.advertise.empty()
                             ? config.peer.bind + ":" + std::to_string(config.peer.port)
                             : config.peer.advertise;
  command.http_address = config.http.bind + ":" + std::to_string(config.http.port);
  command.incarnation = home.incarnation;
  return command;
}

bool says(const cluster::node_entry& known, const cluster::change_node& wanted) {
  return known.peer_address == wanted.peer_address && known.http_address == wanted.http_address
         && known.incarnation >= wanted.incarnation;
}

} // namespace

void catalog_state::look_around_the_cluster() {
  announce();
  if (!looked_for_leftovers)
    remove_leftovers_when_sure();
}

void catalog_state::announce() {
  const auto self_number = home->member.get()->self;
  const auto& nodes = home->known.get()->state.nodes();
  const auto own = nodes.find(self_number);
  const auto wanted = announcement(*home, self_number);
  if (announcing || own == nodes.end() || says(own->second, wanted))
    return;
  announcing = true;
  self->request(home->board.get<meta_actor>(role::meta), announce_patience,
                change_metadata{std::make_shared<const cluster::metadata_command>(wanted)})
      .then([this](const metadata_changed&) { announcing = false; },
            [this](const caf::error&) { announcing = false; });
}

/// What was committed before a crash may not be known here yet: nothing is removed before this
/// node's picture is known to be as new as any.
void catalog_state::remove_leftovers_when_sure() {
  const auto group = home->board.get<raft_group_actor>(role::raft_group(cluster::metadata_group));
  if (!group)
    return;
  looked_for_leftovers = true;
  self->request(group, confirm_patience, confirm_read{})
      .then(
          [this](log_index through) {
            if (home->known.get()->epoch.value >= through.value)
              remove_leftovers();
            else
              looked_for_leftovers = false;
          },
          [this](const caf::error&) { looked_for_leftovers = false; });
}

void catalog_state::reach_groups(const std::vector<group_id>& groups,
                                 const std::function<void()>& then) {
  auto missing = std::make_shared<std::size_t>(groups.size());
  const auto one_less = [missing, then] {
    if (--*missing == 0)
      then();
  };
  for (const auto group : groups)
    self->request(home->board.get<router_actor>(role::router(0)), reach_patience,
                  wrap(reach_group{group, home->host.now_ms() + reach_ms}))
        .then([one_less](done) { one_less(); }, [one_less](const caf::error&) { one_less(); });
}

void catalog_state::push_to_leader(group_id group,
                                   const std::shared_ptr<const collection_schema>& schema,
                                   const std::function<void(const shard_receipt&)>& arrived,
                                   const std::function<void(const caf::error&)>& late) {
  self->request(home->board.get<router_actor>(role::router(0)), reach_patience,
                wrap(routed_schema{group, schema, home->host.now_ms() + reach_ms}))
      .then(arrived, late);
}

} // namespace grape::actors
