// What GATEWAY shows of the cluster: what is committed, and what this node sees.

#include "actors/answer_once.hpp"
#include "actors/gateway.hpp"
#include "core/cluster/cluster_picture.hpp"

#include <filesystem>
#include <set>

namespace grape::actors {

namespace {

constexpr std::chrono::seconds status_patience{2};
constexpr std::uint64_t segments_free_min = 2; // Files of the log.

node_number own_number(const house& home) {
  const auto member = home.member.get();
  return member ? member->self : node_number{1};
}

std::optional<std::uint64_t> disk_free_bytes(const house& home) {
  std::error_code failed;
  const auto space = std::filesystem::space(home.config.node.data_dir, failed);
  return failed ? std::nullopt : std::optional<std::uint64_t>{space.available};
}

/// Everything that can be seen without asking anybody.
cluster::node_sight sight_of(const house& home, const cluster::metadata& state) {
  cluster::node_sight seen;
  seen.self = own_number(home);
  for (const auto& [node, is] : home.peers.all())
    seen.links[node] = {is.connected, is.health, is.rtt_us, is.last_error};
  for (const auto& [group, replicas] : state.groups())
    if (const auto leader = home.leaders.of(group))
      seen.leaders[group] = *leader;
  for (const auto& [name, entry] : state.collections())
    for (const auto& [shard, group] : entry.groups)
      if (const auto shown = home.windows.look(group); shown && shown->newest)
        seen.shards[group] = {shown->newest->figures().points, shown->newest->applied()};
      else if (shown && !shown->missing.ok())
        seen.groups[group].failed = shown->missing;
  seen.disk_free_bytes = disk_free_bytes(home);
  return seen;
}

/// The replicas that this node should have, of those groups.
std::set<group_id> groups_here(const cluster::metadata& state, node_number self) {
  std::set<group_id> found;
  for (const auto& [group, replicas] : state.groups())
    if (replicas.on(self) != nullptr)
      found.insert(group);
  return found;
}

struct gathering {
  cluster::node_sight seen;
  std::size_t missing = 1;
  std::function<void(cluster::node_sight&)> then;

  void one_less() {
    if (--missing == 0)
      then(seen);
  }
};

/// RAFT_GROUP refuses with its fault, or because it has not begun.
status fault_in(const caf::error& why) {
  auto told = to_status(why);
  return told.code == errc::unavailable || told.code == errc::timed_out ? status{}
                                                                        : std::move(told);
}

void ask_groups(gateway_pointer self, const std::set<group_id>& groups,
                const std::shared_ptr<gathering>& gather) {
  for (const auto group : groups) {
    auto& sight = gather->seen.groups[group];
    const auto whom = self->state.home->board.get<raft_group_actor>(role::raft_group(group));
    if (!whom)
      continue;
    ++gather->missing;
    self->request<caf::message_priority::high>(whom, status_patience, group_status_request{})
        .then(
            [gather, &sight](group_status& found) {
              sight.peer = std::move(found.peer);
              gather->one_less();
            },
            [gather, &sight](const caf::error& why) {
              if (sight.failed.ok())
                sight.failed = fault_in(why);
              gather->one_less();
            });
  }
  gather->one_less();
}

} // namespace

/// `make(what is committed, what is seen)`, once the RAFT_GROUPs of `groups` that are here have
/// said how they stand. Runs on a GATEWAY.
template <class Reply>
void gateway::show(const std::set<group_id>& groups, reply_to<Reply> reply,
                   std::function<outcome<Reply>(const catalog&, const cluster::node_sight&)> make) {
  auto answer = once<Reply>(std::move(reply), lost_read(*home_));
  const auto known = home_->known.get();
  if (!known)
    return (*answer)(status{errc::unavailable, "the node is starting"});
  carry([known, groups, answer, make = std::move(make)](gateway_pointer self) {
    const auto& home = *self->state.home;
    auto gather = std::make_shared<gathering>();
    gather->seen = sight_of(home, known->state);
    gather->seen.stage_ms = self->state.moves.stage_ms(home.host.now_ms());
    gather->then = [known, answer, make](cluster::node_sight& seen) {
      (*answer)(make(*known, seen));
    };
    ask_groups(self, groups, gather);
  });
}

void gateway::ask(cluster_status_request, reply_to<cluster_status> reply) {
  const auto known = home_->known.get();
  std::set<group_id> wanted;
  if (known && groups_here(known->state, own_number(*home_)).contains(cluster::metadata_group))
    wanted.insert(cluster::metadata_group);
  show<cluster_status>(wanted, std::move(reply),
                       [](const catalog& now, const cluster::node_sight& seen) {
                         auto told = cluster::show_cluster(now.state, seen);
                         const auto since = std::chrono::system_clock::now().time_since_epoch();
                         told.told_unix_ms = static_cast<std::uint64_t>(
                             std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
                         return told;
                       });
}

void gateway::ask(collection_cluster_request asked, reply_to<collection_cluster> reply) {
  std::set<group_id> wanted;
  if (const auto known = home_->known.get())
    if (const auto* entry = known->state.find(asked.collection)) {
      const auto here = groups_here(known->state, own_number(*home_));
      for (const auto& [shard, group] : entry->groups)
        if (here.contains(group))
          wanted.insert(group);
    }
  show<collection_cluster>(
      wanted, std::move(reply),
      [name = std::move(asked.collection)](const catalog& now, const cluster::node_sight& seen) {
        return cluster::show_collection(now.state, seen, name);
      });
}

void gateway::ask(list_nodes_request, reply_to<node_list> reply) {
  show<node_list>({}, std::move(reply), [](const catalog& now, const cluster::node_sight& seen) {
    return cluster::show_nodes(now.state, seen);
  });
}

void gateway::ask(list_shards_request, reply_to<shard_list> reply) {
  show<shard_list>({}, std::move(reply), [](const catalog& now, const cluster::node_sight& seen) {
    return cluster::show_shards(now.state, seen);
  });
}

void gateway::ask(list_groups_request, reply_to<group_list> reply) {
  const auto known = home_->known.get();
  show<group_list>(known ? groups_here(known->state, own_number(*home_)) : std::set<group_id>{},
                   std::move(reply), [](const catalog& now, const cluster::node_sight& seen) {
                     return cluster::show_groups(now.state, seen);
                   });
}

void gateway::ask(check_health_request, reply_to<health_report> reply) {
  const auto known = home_->known.get();
  cluster::health_limits limits;
  limits.disk_free_bytes_min =
      segments_free_min * (std::uint64_t{home_->config.storage.log_segment_mb} << 20);
  show<health_report>(
      known ? groups_here(known->state, own_number(*home_)) : std::set<group_id>{},
      std::move(reply),
      [limits, name = home_->config.node.id](const catalog& now, const cluster::node_sight& seen) {
        return health_report{name, cluster::check_health(now.state, seen, limits)};
      });
}

} // namespace grape::actors
