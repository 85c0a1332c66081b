// META in a cluster: hosts the metadata group's replica here, or mirrors what its members have.

#include "actors/control/meta_state.hpp"
#include "actors/remote/peer_room.hpp"
#include "core/cluster/metadata_exchange.hpp"

namespace grape::actors {

namespace {

constexpr std::chrono::milliseconds beat_pause{100};
constexpr std::uint64_t ask_again_pause_ms = 50;
constexpr std::uint64_t change_patience_ms = 10'000;
constexpr schema_version no_schema{}; // The metadata group's log knows none.

/// The state before the first entry: the same on every founder.
cluster::metadata founded(const house& home) {
  cluster::found_cluster command;
  command.cluster_id = home.member.get()->cluster_id;
  for (const auto& founder : home.config.cluster.founders) {
    cluster::node_entry node;
    node.name = founder.id;
    node.peer_address = founder.address;
    command.founders.push_back(std::move(node));
  }
  std::sort(command.founders.begin(), command.founders.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  cluster::metadata state;
  (void)state.apply(command); // A fresh state takes it.
  return state;
}

/// Whether another attempt may fare better: nothing was logged.
bool may_try_again(errc code) {
  return code == errc::unavailable || code == errc::stale_route;
}

} // namespace

void meta_state::begin_in_cluster() {
  const auto is_a_founder = !home->remote || is_founder(home->config, *home->remote);
  if (now.state.cluster_id().empty() && !home->config.cluster.founders.empty() && is_a_founder)
    now.state = founded(*home);
  member.emplace();
  is_ready = true;
  publish();
  group_begins();
  self->delayed_send(self, beat_pause, meta_beat{});
}

/// RAFT_GROUP and META are renewed apart: whoever comes second finds the other.
void meta_state::group_begins() {
  if (!member)
    return;
  member->group = nullptr;
  member->is_led = false;
  member->is_ending = false;
  join_or_leave();
}

void meta_state::stands(const standing_changed& news) {
  if (!member)
    return;
  member->is_led = news.leader.has_value();
  if (news.role == raft::role::leader) {
    for (const auto lost : member->asked.lead(news.term, news.last))
      if (auto change = member->proposed.extract(lost); !change.empty())
        member->waiting.push_back(std::move(change.mapped()));
    member->asked.applied(now.applied, no_schema);
  } else {
    member->asked.follow();
  }
  try_changes();
}

void meta_state::taken(const proposal_taken& what) {
  if (!member)
    return;
  if (what.index != log_index{})
    return member->asked.taken(what.ticket, what.index, what.term);
  member->asked.refused(what.ticket);
  auto refused = member->proposed.extract(what.ticket);
  if (refused.empty())
    return;
  if (!may_try_again(what.why.code))
    return refused.mapped().answer(what.why);
  refused.mapped().ask_again_ms = home->host.now_ms() + ask_again_pause_ms;
  member->waiting.push_back(std::move(refused.mapped()));
}

void meta_state::committed(const std::vector<raft::entry>& entries) {
  if (!member)
    return;
  std::vector<outcome<metadata_changed>> results;
  for (const auto& entry : entries) {
    now.applied = entry.index;
    outcome<metadata_changed> result = metadata_changed{false, entry.index};
    if (entry.kind == raft::entry_kind::normal && entry.data) {
      const auto command = cluster::decode_metadata_command(*entry.data);
      if (!command)
        return self->quit(to_error(command.error()));
      if (const auto changed = now.state.apply(*command))
        result = metadata_changed{*changed, entry.index};
      else
        result = changed.error();
    }
    results.push_back(std::move(result));
  }
  publish();
  for (std::size_t i = 0; i < entries.size(); ++i)
    settle(entries[i], results[i]);
  member->asked.applied(now.applied, no_schema);
  std::list<std::pair<log_index, std::function<void()>>> here;
  for (auto at = member->behind.begin(); at != member->behind.end();)
    if (const auto next = std::next(at); at->first <= now.applied)
      here.splice(here.end(), member->behind, std::exchange(at, next));
    else
      at = next;
  for (const auto& [index, then] : here)
    then();
  tell_applied();
  save();
  join_or_leave();
  try_changes();
}

/// A change whose place another entry took surely was not made: once more.
void meta_state::settle(const raft::entry& entry, const outcome<metadata_changed>& result) {
  const auto fate = member->asked.committed(entry.index, entry.term);
  if (fate.won)
    if (const auto won = member->proposed.extract(*fate.won); !won.empty())
      won.mapped().answer(result);
  if (fate.lost)
    if (auto lost = member->proposed.extract(*fate.lost); !lost.empty())
      member->waiting.push_back(std::move(lost.mapped()));
}

void meta_state::tell_applied() {
  if (member && member->group)
    self->send(member->group, applied_news{now.applied, saved});
}

caf::result<metadata_changed> meta_state::change_in_cluster(const change_metadata& asked) {
  if (!member)
    return to_error({errc::unavailable, "the control plane is not ready yet"});
  if (member->waiting.size() + member->proposed.size() >= changes_waiting_max)
    return to_error({errc::overloaded, "too many changes of collections are waiting"});
  const changed_promise promise{self, fell_writing()};
  group_change one;
  one.command = cluster::encode(*asked.command);
  one.deadline_ms = home->host.now_ms() + change_patience_ms;
  one.answer = [promise](const outcome<metadata_changed>& result) {
    if (result)
      promise.deliver(*result);
    else
      promise.refuse(result.error());
  };
  member->waiting.push_back(std::move(one));
  try_changes();
  return promise;
}

caf::result<link_answer> meta_state::asked(const link_asked& question) {
  if (!member)
    return to_error({errc::unavailable, "the control plane is not ready yet here"});
  auto what = cluster::decode_metadata_question(question.bytes);
  if (!what)
    return to_error(what.error());
  const owed<link_answer> promise{self, fell_writing()};
  if (const auto* mirror = std::get_if<cluster::mirror_question>(&*what)) {
    answer_mirror(mirror->have, promise);
    return promise;
  }
  if (const auto* asker = std::get_if<cluster::confirm_question>(&*what)) {
    confirm([this, promise, have = asker->have](const outcome<log_index>& through) {
      if (through)
        answer_mirror(have, promise);
      else
        promise.refuse(through.error());
    });
    return promise;
  }
  if (auto* piece = std::get_if<cluster::install_question>(&*what)) {
    take_piece(std::move(*piece), promise);
    return promise;
  }
  if (!member->asked.is_ready()) {
    promise.refuse(to_error({errc::unavailable, "the control plane has its leader elsewhere"},
                            home->leaders.of(cluster::metadata_group)));
    return promise;
  }
  group_change one;
  one.command = std::get<cluster::change_question>(*what).command;
  one.deadline_ms = question.deadline_ms;
  one.answer = [promise](const outcome<metadata_changed>& result) {
    if (!result)
      return promise.refuse(result.error());
    promise.deliver(link_answer{cluster::encode(
        cluster::metadata_reply{cluster::change_reply{result->changed, result->index}})});
  };
  member->waiting.push_back(std::move(one));
  try_changes();
  return promise;
}

void meta_state::try_changes() {
  auto trying = std::exchange(member->waiting, {});
  while (!trying.empty()) {
    auto one = std::move(trying.front());
    trying.pop_front();
    if (!try_change(one))
      member->waiting.push_back(std::move(one));
  }
}

/// False: it waits on.
bool meta_state::try_change(group_change& one) {
  const auto time = home->host.now_ms();
  if (time >= one.deadline_ms) {
    one.answer(status{errc::unavailable, "the control plane has no leader; nothing was changed"});
    return true;
  }
  if (member->asked.is_ready()) {
    const auto ticket = member->asked.propose_points(no_schema, one.command.size());
    if (!ticket) {
      one.answer(ticket.error());
      return true;
    }
    self->send(member->group,
               propose_entry{*ticket, std::make_shared<const std::string>(one.command)});
    member->proposed.emplace(*ticket, std::move(one));
    return true;
  }
  const auto leader = whom_to_ask();
  if (!leader || *leader == home->member.get()->self || time < one.ask_again_ms
      || !home->board.get<peer_link_actor>(role::link(*leader)))
    return false;
  ask_leader(*leader, std::move(one));
  return true;
}

/// Where there is no replica of the group nobody tells who leads it: but any member does, refusing.
std::optional<node_number> meta_state::whom_to_ask() {
  const auto leader = home->leaders.of(cluster::metadata_group);
  if (leader || is_member() || now.state.groups().empty())
    return leader;
  return a_member();
}

void meta_state::ask_leader(node_number leader, group_change one) {
  const auto link = home->board.get<peer_link_actor>(role::link(leader));
  link_question question;
  question.to = link::addressee::metadata;
  question.group = cluster::metadata_group;
  question.deadline_ms = one.deadline_ms;
  question.bytes =
      cluster::encode(cluster::metadata_question{cluster::change_question{one.command}});
  const auto within = std::chrono::milliseconds{one.deadline_ms - home->host.now_ms() + 1'000};
  auto change = std::make_shared<group_change>(std::move(one));
  self->request(link, within, std::move(question))
      .then(
          [this, change, leader](const link_answer& found) {
            if (!is_member())
              home->leaders.hinted(cluster::metadata_group, leader);
            const auto reply = cluster::decode_metadata_reply(found.bytes);
            const auto* done = reply ? std::get_if<cluster::change_reply>(&*reply) : nullptr;
            if (done == nullptr)
              return change->answer(fell_writing());
            when_here(done->index, [change, result = metadata_changed{done->changed, done->index}] {
              change->answer(result);
            });
          },
          [this, change](const caf::error& why) {
            const auto told = to_write_status(why);
            if (!may_try_again(told.code))
              return change->answer(told);
            if (const auto other = leader_of(why); other || !is_member())
              home->leaders.hinted(cluster::metadata_group, other);
            change->ask_again_ms = home->host.now_ms() + ask_again_pause_ms;
            member->waiting.push_back(std::move(*change));
          });
}

/// Whoever asked here looks here next.
void meta_state::when_here(log_index index, std::function<void()> then) {
  if (index <= now.applied)
    return then();
  member->behind.emplace_back(index, std::move(then));
}

void meta_state::beat() {
  if (!member)
    return;
  self->delayed_send(self, beat_pause, meta_beat{});
  try_changes();
  join_or_leave();
  mirror();
  if (const auto recovery = std::exchange(member->recovering, nullptr))
    recover_next(recovery);
  const auto time = home->host.now_ms();
  std::erase_if(member->proposed, [time](const auto& one) {
    if (time < one.second.deadline_ms)
      return false;
    one.second.answer(
        status{errc::commit_unknown, "the change waits for a majority; it may still take effect"});
    return true;
  });
}

} // namespace grape::actors
