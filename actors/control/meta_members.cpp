// Who is a member of the metadata group, and how whoever is none follows it.

#include "actors/control/meta_state.hpp"
#include "core/cluster/metadata_exchange.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::seconds mirror_patience{5};
constexpr std::uint64_t leaderless_ms_max = 3'000; // Then a member asks whether it still is one.

} // namespace

bool meta_state::has_log() const {
  const auto all = home->log.get();
  return all
         && (all->base(cluster::metadata_group) || !all->range(cluster::metadata_group).empty());
}

void meta_state::join_or_leave() {
  if (!member || member->is_ending || member->forgetting)
    return;
  const bool is_hosted = static_cast<bool>(member->group);
  switch (cluster::next_membership(now, home->member.get()->self, is_hosted, member->deleted)) {
    case cluster::membership_step::none: return;
    case cluster::membership_step::host: return join();
    case cluster::membership_step::leave: return leave();
    case cluster::membership_step::forget: return forget_log();
  }
}

void meta_state::join() {
  const auto own = home->member.get()->self;
  const auto& replicas = now.state.groups().at(cluster::metadata_group);
  member->group = home->board.get<raft_group_actor>(role::raft_group(cluster::metadata_group));
  if (!member->group)
    return;
  now.log_of = replicas.on(own)->id;
  save();
  member->led_ms = home->host.now_ms();
  member->asked.follow();
  // What was mirrored is not of this log: a new member gets all of its state by a snapshot.
  const auto applied = has_log() ? now.applied : log_index{};
  self->request(member->group, open_timeout,
                host_group{group_place_of(replicas, own, "of the control plane"), applied})
      .then([](group_hosted) {},
            [self = self](caf::error& why) {
              if (to_status(why).code != errc::unavailable)
                self->quit(std::move(why));
            });
}

/// Its RAFT_GROUP ends; another one is started in its place, and waits to be hosted.
void meta_state::leave() {
  member->is_ending = true;
  member->asked.follow();
  self->send_exit(std::exchange(member->group, nullptr), caf::exit_reason::kill);
}

/// Not before the store says why: a member that began again without its log might vote twice.
void meta_state::forget_log() {
  if (saved != now.applied || saved_log_of != now.log_of)
    return save();
  member->forgetting = true;
  self->send(log, log_forget{cluster::metadata_group});
  self->request(log, disk_timeout, log_range_request{cluster::metadata_group})
      .then(
          [this](storage::log_range left) {
            member->forgetting = false;
            if (!left.empty() || has_log()) // The disk is full: again at the next beat.
              return;
            now.log_of = {};
            save();
            join_or_leave();
          },
          [self = self](caf::error& why) { self->quit(std::move(why)); });
}

void meta_state::delete_replica(replica_id which) {
  if (!member || now.log_of != which)
    return;
  member->deleted.insert(which);
  join_or_leave();
}

void meta_state::answer_mirror(log_index have, const owed<link_answer>& promise) const {
  cluster::mirror_reply reply{now.applied, {}};
  if (now.applied > have)
    reply.state = now.state.encode();
  promise.deliver(link_answer{cluster::encode(cluster::metadata_reply{std::move(reply)})});
}

/// The state here is as new as anything that was committed when this was called.
void meta_state::confirm(const std::function<void(const outcome<log_index>&)>& then) {
  if (!is_member())
    return confirm_elsewhere(then);
  self->request(member->group, mirror_patience, confirm_read{})
      .then([this,
             then](log_index through) { when_here(through, [then, through] { then(through); }); },
            [then](const caf::error& why) { then(to_status(why)); });
}

void meta_state::confirm_elsewhere(const std::function<void(const outcome<log_index>&)>& then) {
  const auto whom = a_member();
  if (!whom)
    return then(status{errc::unavailable, "no member of the control plane is within reach"});
  link_question question;
  question.to = link::addressee::metadata;
  question.group = cluster::metadata_group;
  question.deadline_ms = home->host.now_ms() + 2'000;
  question.bytes =
      cluster::encode(cluster::metadata_question{cluster::confirm_question{now.applied}});
  self->request(home->board.get<peer_link_actor>(role::link(*whom)), mirror_patience,
                std::move(question))
      .then(
          [this, then](const link_answer& found) {
            mirrored(found);
            then(now.applied);
          },
          [then](const caf::error& why) { then(to_status(why)); });
}

/// Another one each time: at best of those whose links stand.
std::optional<node_number> meta_state::a_member() {
  std::vector<node_number> members;
  std::vector<node_number> others;
  const auto group = now.state.groups().find(cluster::metadata_group);
  for (const auto& [node, way] : home->peers.all())
    if (way.connected && home->board.get<peer_link_actor>(role::link(node))) {
      const bool is_member = group != now.state.groups().end() && group->second.on(node) != nullptr;
      (is_member ? members : others).push_back(node);
    }
  const auto& from = members.empty() ? others : members;
  if (from.empty())
    return std::nullopt;
  return from[member->mirror_questions++ % from.size()];
}

/// Its replica here is one of the group, and is played.
bool meta_state::is_member() const {
  return member->group
         && cluster::membership_of(now, home->member.get()->self)
                != cluster::membership_standing::outsider;
}

/// A member goes by its log. But one that is to leave may not hear when it has, and one whose
/// replica hears of no leader may have been removed meanwhile.
bool meta_state::needs_mirror() {
  const auto standing = cluster::membership_of(now, home->member.get()->self);
  if (!member->group || standing != cluster::membership_standing::member)
    return true;
  const auto time = home->host.now_ms();
  if (member->is_led)
    member->led_ms = time;
  return !has_log() || time - member->led_ms >= leaderless_ms_max;
}

/// Who is no member of the group asks one for newer state.
void meta_state::mirror() {
  if (member->mirroring || !needs_mirror())
    return;
  const auto whom = a_member();
  if (!whom)
    return;
  member->mirroring = true;
  link_question question;
  question.to = link::addressee::metadata;
  question.group = cluster::metadata_group;
  question.deadline_ms = home->host.now_ms() + 2'000;
  question.bytes =
      cluster::encode(cluster::metadata_question{cluster::mirror_question{now.applied}});
  self->request(home->board.get<peer_link_actor>(role::link(*whom)), mirror_patience,
                std::move(question))
      .then([this](const link_answer& found) { mirrored(found); },
            [this](const caf::error&) { member->mirroring = false; });
}

void meta_state::mirrored(const link_answer& found) {
  member->mirroring = false;
  const auto reply = cluster::decode_metadata_reply(found.bytes);
  const auto* newer = reply ? std::get_if<cluster::mirror_reply>(&*reply) : nullptr;
  if (newer == nullptr || newer->state.empty() || newer->applied <= now.applied)
    return;
  auto state = cluster::metadata::restore(newer->state);
  if (!state)
    return home->notes.add("a member's state of the control plane cannot be read: "
                           + state.error().detail);
  const auto log_of = member->group && has_log() ? std::optional{now.log_of} : std::nullopt;
  if (!cluster::may_mirror(*state, home->member.get()->self, log_of))
    return;
  now.state = std::move(*state);
  committed({raft::entry{newer->applied, term{}, raft::entry_kind::normal, nullptr}});
}

} // namespace grape::actors
