// CATALOG in a cluster: what this node tells the others, and what it asks of shards elsewhere.

#include "actors/control/catalog_state.hpp"
#include "actors/remote/peer_room.hpp"
#include "actors/replica_folder.hpp"
#include "actors/supervision/families.hpp"
#include "core/cluster/hosting.hpp"
#include "core/cluster/metadata_exchange.hpp"
#include "core/cluster/peer_links.hpp"
#include "core/cluster/replica_hosting.hpp"

#include <set>

namespace grape::actors {

namespace {

constexpr std::chrono::seconds announce_patience{15};
constexpr std::chrono::seconds confirm_patience{5};
constexpr std::chrono::seconds known_patience{1};
constexpr std::chrono::seconds link_patience{10};
constexpr std::uint64_t reach_ms = 30'000;
constexpr std::chrono::milliseconds reach_patience{reach_ms + 5'000};

/// What the others are to know of this node.
cluster::change_node announcement(const house& home, node_number self) {
  const auto& config = home.config;
  cluster::change_node command;
  command.number = self;
  command.peer_address = advertised_address(config);
  command.http_address = advertised_http_address(config);
  command.incarnation = home.incarnation;
  command.replicas_max = home.host.replicas_max;
  return command;
}

bool says(const cluster::node_entry& known, const cluster::change_node& wanted) {
  return known.peer_address == wanted.peer_address && known.http_address == wanted.http_address
         && known.incarnation >= wanted.incarnation && known.replicas_max == wanted.replicas_max;
}

} // namespace

void catalog_state::look_around_the_cluster() {
  announce();
  if (!sure)
    make_sure();
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

/// One PEER_LINK for each node that the control plane knows. The floor begins with the founders,
/// also when it is renewed.
void catalog_state::link_up() {
  const auto floor = home->board.get<supervisor_actor>(role::peers);
  if (!home->remote || !floor)
    return;
  const auto known = home->known.get();
  std::set<node_number> standing;
  home->board.for_each("link/", [&standing](const std::string& role, const auto&) {
    standing.insert(node_number{static_cast<std::uint32_t>(std::stoul(role.substr(5)))});
  });
  const auto plan = cluster::plan_peer_links(known->state, home->member.get()->self, standing);
  for (const auto& [number, address] : plan.begin)
    if (linking.insert(number).second)
      self->request(floor, link_patience, wrap(link_child(home, number, address)))
          .then([this, peer = number](done) { linking.erase(peer); },
                [this, peer = number](const caf::error&) { linking.erase(peer); });
  for (const auto number : plan.end)
    if (linking.insert(number).second)
      self->request(floor, link_patience, wrap(dismissal{link_child(home, number, {}).spec.name}))
          .then(
              [this, number](done) {
                linking.erase(number);
                home->board.erase(role::link(number));
                home->peers.erase(number);
              },
              [this, number](const caf::error&) { linking.erase(number); });
}

/// What was committed before a crash may not be known here yet: nothing is removed, and no replica
/// begins anew, before this node's picture was as new as any once.
void catalog_state::make_sure() {
  if (std::exchange(making_sure, true))
    return;
  self->request(home->board.get<meta_actor>(role::meta), confirm_patience, confirm_read{})
      .then(
          [this](log_index) {
            making_sure = false;
            sure = true;
            reconcile();
            remove_leftovers();
            remove_left_replicas();
          },
          [this](const caf::error&) { making_sure = false; });
}

void catalog_state::reconcile_in_cluster() {
  link_up();
  const auto known = home->known.get();
  const cluster::hosting_basis basis{known->epoch, home->hosted.changes(), deleted.size(), sure};
  if (settled == basis)
    return; // Thousands of shards are not worked through each second for nothing.
  const auto hosted = home->hosted.all();
  std::set<cluster::held_replica> held;
  for (const auto& [group, place] : hosted)
    held.insert({group, place->member->self});
  std::map<group_id, cluster::shard_entry> shards;
  for (auto& one : cluster::shards_of(known->state))
    shards.emplace(one.group, one);
  const auto plan = cluster::plan_replicas(known->state, home->member.get()->self, held, deleted);
  for (const auto& gone : plan.end) // First, so that their names are known to be taken still.
    dismiss(hosted.at(gone.group));
  for (const auto& one : plan.begin) {
    const auto shard = shards.find(one.which.group);
    if (shard == shards.end() || hosted.contains(one.which.group))
      continue; // The control plane's own; or its predecessor here has not left yet.
    const auto place =
        place_of(*home, shard->second.collection, *shard->second.entry, shard->second.shard);
    if (sure || home->files->exists(place->directory))
      host(with_free_name(place));
  }
  settled = cluster::is_settled(plan) ? std::optional{basis} : std::nullopt;
}

void catalog_state::delete_replica(const delete_replica_here& asked) {
  const auto hosted = home->hosted.all();
  const auto at = hosted.find(asked.group);
  if (at == hosted.end() || at->second->member->self != asked.which)
    return delete_unplayed({asked.group, asked.which});
  deleted.insert({asked.group, asked.which});
  dismiss(at->second);
}

/// Of a replica that left before this start: it did not begin again, but its files are there.
void catalog_state::delete_unplayed(const cluster::held_replica& which) {
  const auto known = home->known.get();
  const auto own = home->member.get()->self;
  if (leaving.contains(which.group)
      || !cluster::leaving_replicas(known->state, own).contains(which))
    return;
  deleted.insert(which);
  forget_replica(*known, which);
}

/// Its log too, unless another replica of the group is here.
void catalog_state::forget_replica(const catalog& known, const cluster::held_replica& which) {
  const auto own = home->member.get()->self;
  if (!home->hosted.all().contains(which.group)
      && known.state.groups().at(which.group).on(own) == nullptr)
    caf::anon_send(home->board.get<log_writer_actor>(role::log_writer), log_forget{which.group});
  if (const auto folder = replica_folder(*home, known.state, which))
    remove_folder(*folder, {*folder});
}

/// Those that left while this node was away, or whose folders a crash left.
void catalog_state::remove_left_replicas() {
  const auto known = home->known.get();
  const auto own = home->member.get()->self;
  for (const auto& one : cluster::shards_of(known->state)) {
    auto folder = *replica_folder(*home, known->state, {one.group, replica_id{1}});
    folder.resize(folder.rfind('/'));
    const auto names = home->files->list(folder);
    if (!names)
      continue;
    for (const auto& name : cluster::forgotten_replicas(known->state, own, one.group, *names))
      forget_replica(*known, {one.group, replica_id{std::stoull(name)}});
  }
}

void catalog_state::when_all_know(const std::function<void()>& then) {
  auto missing = std::make_shared<std::size_t>(1);
  const auto one_less = [missing, then] {
    if (--*missing == 0)
      then();
  };
  for (const auto& [node, way] : home->peers.all()) {
    const auto link = home->board.get<peer_link_actor>(role::link(node));
    if (!link || !way.connected || way.health != cluster::health::alive)
      continue;
    ++*missing;
    link_question question;
    question.to = link::addressee::metadata;
    question.group = cluster::metadata_group;
    question.deadline_ms = home->host.now_ms() + 1'000;
    // It has more than any other, so nobody sends it any state.
    question.bytes = cluster::encode(
        cluster::metadata_question{cluster::confirm_question{log_index{UINT64_MAX}}});
    self->request(link, known_patience, std::move(question))
        .then([one_less](const link_answer&) { one_less(); },
              [one_less](const caf::error&) { one_less(); });
  }
  one_less();
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
