#include "actors/control/coordinator.hpp"

#include "actors/patience.hpp"
#include "actors/replica_folder.hpp"
#include "actors/reporting.hpp"
#include "actors/shard_place.hpp"
#include "core/cluster/control_exchange.hpp"
#include "core/raft/successor.hpp"

#include <optional>

namespace grape::actors {

namespace {

constexpr std::uint64_t report_fresh_ms = 3'500;  // Three reports may be lost.
constexpr std::size_t groups_asked_each_beat = 8; // Besides those that are on the move.
constexpr std::uint64_t close_enough = 1'000;     // Entries behind: less than a second of writes.
constexpr std::chrono::seconds answer_patience{2};
constexpr std::chrono::seconds change_patience{15};

cluster::coordinator_options options_of(const house& home) {
  cluster::coordinator_options how;
  how.repair_delay_ms = std::uint64_t{home.config.cluster.repair_delay_s} * 1'000;
  return how;
}

/// What a leader's peer says of its group.
cluster::group_report report_of(group_id group, const group_status& is) {
  cluster::group_report told;
  told.group = group;
  told.term = is.peer.term;
  told.members = is.peer.members;
  told.members_since = is.members_since;
  told.leader = is.peer.leader;
  told.successor = raft::best_successor(is.peer).value_or(replica_id{});
  for (const auto& each : is.peer.progress)
    if (each.state == raft::progress_state::replicate
        && each.match.value + close_enough >= is.peer.last.value)
      told.following.push_back(each.which);
  return told;
}

/// The control plane's own replica on this node, if its log has anything.
std::optional<cluster::held_replica> control_replica_of(const house& home, const catalog& known,
                                                        node_number self) {
  const auto& groups = known.state.groups();
  const auto group = groups.find(cluster::metadata_group);
  const auto log = home.log.get();
  if (group == groups.end() || !log || !log->base(cluster::metadata_group))
    return std::nullopt;
  const auto& move = group->second.move;
  if (move && move->from && move->from->node == self)
    return cluster::held_replica{cluster::metadata_group, move->from->id};
  const auto* own = group->second.on(self);
  return own == nullptr ? std::nullopt
                        : std::optional{cluster::held_replica{cluster::metadata_group, own->id}};
}

/// Those that play on this node, the control plane's own among them.
std::set<cluster::held_replica> replicas_here(const house& home, const catalog& known,
                                              node_number self) {
  std::set<cluster::held_replica> here;
  for (const auto& [group, place] : home.hosted.all())
    here.insert({group, place->member->self});
  if (const auto control = control_replica_of(home, known, self))
    here.insert(*control);
  return here;
}

bool has_files(const house& home, const catalog& known, const cluster::held_replica& which) {
  const auto folder = replica_folder(home, known.state, which);
  return folder && home.files->exists(*folder);
}

/// The control plane has no index to be built.
bool is_indexed(const house& home, group_id group) {
  const auto shown = home.windows.look(group);
  return group == cluster::metadata_group || (shown && shown->newest && !shown->indexing);
}

/// What the moves to and from this node have come to. Mostly there are none.
void tell_of_moves(const house& home, const catalog& known, node_number self,
                   cluster::host_report& into) {
  const auto arriving = cluster::arriving_replicas(known.state, self);
  const auto leaving = cluster::leaving_replicas(known.state, self);
  if (arriving.empty() && leaving.empty())
    return;
  const auto here = replicas_here(home, known, self);
  for (const auto& which : arriving)
    if (here.contains(which) && is_indexed(home, which.group))
      into.indexed.insert(which);
  for (const auto& which : leaving)
    if (!here.contains(which) && !has_files(home, known, which))
      into.gone.insert(which); // Files: it may not have been begun again.
}

/// One report on its way; it leaves when the last group has answered.
struct gathering {
  cluster::host_report report;
  std::size_t missing = 1;
};

struct coordinator_state {
  coordinator_state()
    : reports(report_fresh_ms) {}

  void beat();
  void ask_groups(const catalog& known, const std::shared_ptr<gathering>& into);
  void ask_group(group_id group, const std::shared_ptr<gathering>& into);
  void one_less(const std::shared_ptr<gathering>& into);
  void send(cluster::host_report report);
  void look();
  void carry_out(const cluster::group_action& action);
  void deliver(const link_delivery& came);
  void post(node_number to, const cluster::control_post& what);
  void perform(const cluster::group_action& action);
  void delete_here(const delete_replica_here& which);
  std::optional<node_number> place_of_action(const cluster::group_action& action) const;

  coordinator_actor::stateful_pointer<coordinator_state> self = nullptr;
  std::shared_ptr<house> home;
  patience waits;
  cluster::host_reports reports;
  std::optional<cluster::coordinator> brain;
  std::uint64_t number = 0; // Of the last report.
  group_id last_asked;      // Of those that are asked in turns.
  bool gathering_now = false;
};

void coordinator_state::beat() {
  waits.look(self);
  const auto known = home->known.get();
  const auto member = home->member.get();
  if (!known || !member || std::exchange(gathering_now, true))
    return;
  auto into = std::make_shared<gathering>();
  auto& report = into->report;
  report.incarnation = home->incarnation;
  report.number = ++number;
  for (const auto& [node, peer] : home->peers.all())
    if (peer.health == cluster::health::silent)
      report.silent.insert(node);
  tell_of_moves(*home, *known, member->self, report);
  ask_groups(*known, into);
  one_less(into);
}

/// Those on the move each time, and some of the others in turns: what a late driver left in their
/// members is mended.
void coordinator_state::ask_groups(const catalog& known, const std::shared_ptr<gathering>& into) {
  const auto own = home->member.get()->self;
  const auto& groups = known.state.groups();
  for (const auto& [group, replicas] : groups)
    if (replicas.move && home->leaders.of(group) == own)
      ask_group(group, into);
  auto next = groups.upper_bound(last_asked);
  for (std::size_t i = 0; i < groups_asked_each_beat && i < groups.size(); ++i, ++next) {
    if (next == groups.end())
      next = groups.begin();
    last_asked = next->first;
    if (!next->second.move && home->leaders.of(last_asked) == own)
      ask_group(last_asked, into);
  }
}

void coordinator_state::ask_group(group_id group, const std::shared_ptr<gathering>& into) {
  const auto whom = home->board.get<raft_group_actor>(role::raft_group(group));
  if (!whom)
    return;
  ++into->missing;
  waits.ask<group_status>(
      self, whom, answer_patience, group_status_request{},
      [this, group, into](const group_status& is) {
        if (is.peer.role == raft::role::leader)
          into->report.leads.push_back(report_of(group, is));
        one_less(into);
      },
      [this, into](const caf::error&) { one_less(into); });
}

void coordinator_state::one_less(const std::shared_ptr<gathering>& into) {
  if (--into->missing > 0)
    return;
  gathering_now = false;
  send(std::move(into->report));
}

void coordinator_state::send(cluster::host_report report) {
  const auto own = home->member.get()->self;
  const auto& groups = home->known.get()->state.groups();
  const auto control = groups.find(cluster::metadata_group);
  if (control != groups.end() && control->second.on(own) == nullptr) {
    // Where no replica of the group is nobody tells who leads it: all members hear of it.
    for (const auto& each : control->second.replicas)
      post(each.node, report);
    return;
  }
  const auto leader = home->leaders.of(cluster::metadata_group);
  if (leader && *leader != own)
    return post(*leader, std::move(report));
  reports.told(own, std::move(report), home->host.now_ms());
  if (leader)
    look();
}

/// Acts only while the control plane is led here: its leader alone may commit what this decides.
void coordinator_state::look() {
  const auto known = home->known.get();
  const auto time = home->host.now_ms();
  const auto sight = reports.sight(known->state, time);
  const auto next = brain->look(known->state, sight, time, known->epoch);
  const auto meta = home->board.get<meta_actor>(role::meta);
  for (const auto& command : next.commands)
    waits.ask<metadata_changed>(
        self, meta, change_patience,
        change_metadata{std::make_shared<const cluster::metadata_command>(command)},
        [](const metadata_changed&) {}, [](const caf::error&) {}); // The next look tells.
  for (const auto& action : next.actions)
    carry_out(action);
}

std::optional<node_number>
coordinator_state::place_of_action(const cluster::group_action& action) const {
  if (const auto* build = std::get_if<cluster::build_indexes>(&action.action))
    return build->where.node;
  if (const auto* gone = std::get_if<cluster::delete_replica>(&action.action))
    return gone->which.node;
  const auto known = home->known.get();
  const auto sight = reports.sight(known->state, home->host.now_ms());
  const auto seen = sight.groups.find(action.group);
  const auto group = known->state.groups().find(action.group);
  if (seen == sight.groups.end() || group == known->state.groups().end())
    return std::nullopt;
  const auto leader = seen->second.leader;
  if (const auto* replica = group->second.find(leader))
    return replica->node;
  const auto& move = group->second.move; // The leader may be the one that leaves.
  return move && move->from && move->from->id == leader ? std::optional{move->from->node}
                                                        : std::nullopt;
}

void coordinator_state::carry_out(const cluster::group_action& action) {
  const auto where = place_of_action(action);
  if (!where)
    return;
  if (*where == home->member.get()->self)
    perform(action);
  else
    post(*where, action);
}

void coordinator_state::post(node_number to, const cluster::control_post& what) {
  if (const auto link = home->board.get<peer_link_actor>(role::link(to)))
    self->send(link, link_post{link::lane::normal, link::addressee::control,
                               cluster::metadata_group, cluster::encode(what)});
}

void coordinator_state::deliver(const link_delivery& came) {
  auto what = cluster::decode_control_post(came.bytes);
  if (!what)
    return home->notes.add("a word of node " + std::to_string(came.from.value)
                           + " to the coordinator cannot be read: " + what.error().detail);
  if (auto* report = std::get_if<cluster::host_report>(&*what))
    reports.told(came.from, std::move(*report), home->host.now_ms());
  else
    perform(std::get<cluster::group_action>(*what));
}

/// Here, whoever decided it. Each action may be repeated, and is, until the next report shows it.
void coordinator_state::perform(const cluster::group_action& action) {
  const auto group = home->board.get<raft_group_actor>(role::raft_group(action.group));
  const auto told = [](done) {};
  const auto refused = [](const caf::error&) {};
  if (const auto* change = std::get_if<cluster::change_members>(&action.action); change && group)
    waits.ask<done>(self, group, answer_patience,
                    change_group_members{change->change, change->based_on}, told, refused);
  if (const auto* over = std::get_if<cluster::hand_leadership_over>(&action.action); over && group)
    waits.ask<done>(self, group, answer_patience, hand_over_group{over->to}, told, refused);
  if (const auto* gone = std::get_if<cluster::delete_replica>(&action.action))
    delete_here(delete_replica_here{action.group, gone->which.id});
}

void coordinator_state::delete_here(const delete_replica_here& which) {
  if (which.group == cluster::metadata_group)
    self->send(home->board.get<meta_actor>(role::meta), which);
  else
    self->send(home->board.get<catalog_actor>(role::catalog), which);
}

coordinator_actor::behavior_type
coordinator(coordinator_actor::stateful_pointer<coordinator_state> self,
            const std::shared_ptr<house>& home) {
  self->state.self = self;
  self->state.home = home;
  self->state.brain.emplace(options_of(*home));
  return {
      reports(self),
      [self](const link_delivery& came) { self->state.deliver(came); },
      [](const peer_health_changed&) {}, // The next report tells.
      [self](tick_now) { self->state.beat(); },
  };
}

} // namespace

coordinator_actor spawn_coordinator(caf::actor_system& system, std::shared_ptr<house> home) {
  return enrolled(*home, role::coordinator,
                  caf::actor_cast<coordinator_actor>(system.spawn(coordinator, home)));
}

} // namespace grape::actors
