#include "tests/simulation/fleet/world.hpp"

#include <utility>

namespace grape::fleet {

using simulation::staged_snapshot;

void world::post(resident& from, raft::message what) {
  simulation::checker::sent(what, from.storage, from.log);
  auto& here = home(from);
  const auto known = here.addresses.find({from.which.group, what.to});
  if (known == here.addresses.end())
    return; // Its catalog will tell.
  if (what.kind == raft::message_kind::snapshot)
    return stream(from, std::move(what));
  const auto to = known->second;
  if (!is_up(to) && luck_.one_in(4))
    later(from, how_.how.latency_min, [this, target = what.to](resident& it) {
      it.peer->report_unreachable(target);
      settle(it);
    });
  post(here, to,
       [this, group = from.which.group, place = here.place, what = std::move(what)](host& there) {
         deliver(there, group, place, what, nullptr);
       });
}

/// Data travel outside of the peers' messages, slowly; the message arrives with their end. Every
/// such message is owed one report.
void world::stream(resident& from, raft::message what) {
  const auto& data = from.state;
  const auto witness = raft::contains(from.state.members->witnesses, from.id);
  std::shared_ptr<staged_snapshot> staged;
  if (!witness && data.members->is_member(what.to) && data.applied >= what.snapshot->index) {
    staged = std::make_shared<staged_snapshot>();
    staged->mark = {data.applied, data.applied_term, *data.members};
    staged->data = data;
    staged->prefix = laws(from.which.group).prefix_at(data.applied);
    what.snapshot = std::make_shared<const raft::snapshot_mark>(staged->mark);
  }
  later(from, how_.how.latency_min + luck_.exponential(how_.how.stream_mean),
        [this, what = std::move(what), staged = std::move(staged)](resident& it) {
          streamed(it, what, staged);
        });
}

void world::streamed(resident& from, const raft::message& what,
                     const std::shared_ptr<const staged_snapshot>& data) {
  auto& here = home(from);
  const auto known = here.addresses.find({from.which.group, what.to});
  auto arrives = data != nullptr && known != here.addresses.end() && is_up(known->second);
  if (arrives) {
    const auto* there = hosts_[known->second]->find({from.which.group, what.to});
    arrives = there != nullptr && there->up() && !net_.blocked(here.place, known->second);
  }
  if (arrives)
    post(here, known->second,
         [this, group = from.which.group, place = here.place, what, data](host& there) {
           deliver(there, group, place, what, data);
         });
  if (arrives)
    from.failures.erase(what.to);
  else
    ++from.failures[what.to];
  from.peer->report_snapshot(what.to, arrives);
  settle(from);
}

void world::deliver(host& to, group_id group, std::uint32_t from, raft::message what,
                    const std::shared_ptr<const staged_snapshot>& data) {
  to.addresses[{group, what.from}] = from;
  auto* who = to.find({group, what.to});
  if (who == nullptr || !who->up())
    return;
  digest_ = mixed(digest_, static_cast<std::uint64_t>(what.kind) << 48 | what.index.value);
  digest_ = mixed(digest_, agenda_.now());
  if (data)
    who->incoming = *data;
  who->peer->step(std::move(what));
  settle(*who);
  who->incoming.reset();
}

} // namespace grape::fleet
