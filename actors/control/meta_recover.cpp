// When a majority of the control plane's disks is lost at a time: core/cluster/lost_majority.hpp.

#include "actors/control/meta_state.hpp"
#include "core/cluster/hosting.hpp"
#include "core/cluster/lost_majority.hpp"

namespace grape::actors {

struct recovery_under_way {
  cluster::lone_survival plan;
  recover_reply reply;
  std::uint64_t give_up_ms = 0; // On groups that do not know yet that they lead nobody any more.
  std::size_t missing = 0;      // Commands that are not committed yet.
  owed<parcel<recover_reply>> promise;
};

namespace {

constexpr std::uint64_t replacing_patience_ms = 30'000;
constexpr std::uint64_t stepping_down_ms = 15'000;

std::string name_of(const cluster::metadata& state, group_id group) {
  for (const auto& one : cluster::shards_of(state))
    if (one.group == group)
      return "shard " + one.collection + "/" + std::to_string(one.shard.value);
  return "the control plane";
}

} // namespace

caf::result<parcel<recover_reply>> meta_state::recover(const recover_request& asked) {
  if (!home->is_clustered() || !member)
    return to_error({errc::unavailable, "the control plane is not ready yet here"});
  std::set<node_number> connected;
  for (const auto& [node, way] : home->peers.all())
    if (way.connected)
      connected.insert(node);
  auto plan =
      cluster::plan_lone_survival(now.state, home->member.get()->self, connected, asked.lost);
  if (!plan)
    return to_error(plan.error());
  const owed<parcel<recover_reply>> promise{self, fell_writing()};
  for (const auto group : plan->lost)
    home->notes.add(name_of(now.state, group) + ": no copy is left");
  recover_reply reply;
  for (const auto group : plan->lost)
    reply.told.push_back(name_of(now.state, group) + ": no copy is left, its data are lost");
  recover_next(std::make_shared<recovery_under_way>(recovery_under_way{
      std::move(*plan), std::move(reply), home->host.now_ms() + stepping_down_ms, 0, promise}));
  return promise;
}

/// One group after another, the control plane first: without it nothing else can be done.
void meta_state::recover_next(const std::shared_ptr<recovery_under_way>& what) {
  if (what->plan.alone.empty())
    return replace_lost(what);
  const auto group = what->plan.alone.begin()->first;
  const auto name = name_of(now.state, group);
  const auto failed = [this, what, group, name](const status& why) {
    if (why.code == errc::unavailable && home->host.now_ms() < what->give_up_ms) {
      member->recovering = what;
      return;
    }
    what->plan.alone.erase(group);
    if (group == cluster::metadata_group)
      return what->promise.refuse(why);
    what->reply.told.push_back(name + ": " + to_string(why));
    recover_next(what);
  };
  const auto whom = home->board.get<raft_group_actor>(role::raft_group(group));
  if (!whom)
    return failed({errc::unavailable, "its replica is not running"});
  self->request(whom, disk_timeout, go_on_alone{})
      .then(
          [this, what, group, name](log_index last) {
            what->plan.alone.erase(group);
            what->reply.told.push_back(name + " goes on from the copy here, through entry "
                                       + std::to_string(last.value)
                                       + "; what only the lost nodes had is gone");
            recover_next(what);
          },
          [failed](const caf::error& why) { failed(to_status(why)); });
}

void meta_state::replace_lost(const std::shared_ptr<recovery_under_way>& what) {
  what->missing = what->plan.replaced.size();
  for (const auto& command : what->plan.replaced) {
    group_change one;
    one.command = cluster::encode(command);
    one.deadline_ms = home->host.now_ms() + replacing_patience_ms;
    one.answer = [what](const outcome<metadata_changed>& result) {
      if (!result)
        what->reply.told.push_back("not replaced yet: " + to_string(result.error()));
      if (--what->missing == 0)
        what->promise.deliver(wrap(std::move(what->reply)));
    };
    member->waiting.push_back(std::move(one));
  }
  try_changes();
}

} // namespace grape::actors
