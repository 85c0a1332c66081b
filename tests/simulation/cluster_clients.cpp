#include "tests/simulation/cluster.hpp"

#include <algorithm>

namespace grape::simulation {

/// A client wakes up: to begin something, or because it lost its patience.
void cluster::act(std::uint32_t number, std::uint32_t turn) {
  auto& who = clients_[number];
  if (turn != who.turn)
    return;
  ++who.turn;
  const auto again = who.waits && !who.reads && who.kind == command_kind::in_session;
  if (!again) {
    if (calm_ && who.finished_calm)
      return;
    begin_request(who);
  }
  submit(number);
}

void cluster::begin_request(client& who) {
  who.waits = true;
  who.reads = client_luck_.below(100) < how_.read_percent;
  if (who.reads)
    return;
  if (!who.uses_sessions) {
    who.kind = command_kind::plain;
  } else if (who.session == 0) {
    who.kind = command_kind::open_session;
  } else if (client_luck_.one_in(40)) {
    who.kind = command_kind::expire_sessions;
  } else {
    who.kind = command_kind::in_session;
    ++who.sequence;
  }
}

void cluster::submit(std::uint32_t number) {
  auto& who = clients_[number];
  const auto stays = !client_luck_.one_in(3);
  auto other = static_cast<std::uint32_t>(client_luck_.below(nodes_.size()));
  const auto serves = [this](std::uint32_t number_of) {
    return !calm_ || (core_[number_of] && laws_.members().is_member(nodes_[number_of]->id));
  };
  while (!serves(other))
    other = static_cast<std::uint32_t>(client_luck_.below(nodes_.size()));
  if (!stays || !nodes_[who.server]->runs() || !serves(who.server))
    who.server = other;
  schedule(now_ + how_.client_patience, event_kind::client, number, who.turn);
  auto& at = *nodes_[who.server];
  if (!at.runs())
    return;
  before_input(at);
  if (who.reads)
    submit_read(number, at);
  else
    submit_write(number, at);
}

void cluster::submit_write(std::uint32_t number, node& at) {
  auto& who = clients_[number];
  who.attempt = ++attempts_;
  command what{who.kind, who.attempt, who.session, who.sequence};
  if (who.kind == command_kind::expire_sessions) // Those that were not used for long; or all.
    what.session = at.state.applied.value - client_luck_.below(at.state.applied.value + 1) / 8;
  const auto padding = client_luck_.below(how_.payload_max);
  if (at.full) {
    laws_.refused(who.attempt);
    return refuse(number);
  }
  const auto fate = at.peer->propose(encode(what, static_cast<std::size_t>(padding)));
  if (const auto* placed = std::get_if<raft::appended>(&fate)) {
    at.writes.push_back({who.attempt, number, placed->index, placed->term});
  } else if (std::holds_alternative<raft::forwarded>(fate)) {
    at.writes.push_back({who.attempt, number, {}, {}});
  } else {
    if (std::get<raft::dropped>(fate).why == errc::overloaded)
      counts_.hit(rare::proposal_overloaded);
    laws_.refused(who.attempt);
    refuse(number);
  }
  settle(at);
}

void cluster::submit_read(std::uint32_t number, node& at) {
  auto& who = clients_[number];
  if (raft::contains(at.state.members->witnesses, at.id))
    return refuse(number);
  who.attempt = ++contexts_;
  at.reads.push_back({who.attempt, number, laws_.floor(), {}});
  static_cast<void>(at.peer->read(who.attempt));
  settle(at);
}

void cluster::confirm(node& at, const raft::confirmed_read& read) {
  const auto found = std::find_if(at.reads.begin(), at.reads.end(),
                                  [&](const auto& each) { return each.context == read.context; });
  if (found == at.reads.end())
    return;
  if (read.valid_until != 0)
    counts_.hit(rare::read_by_lease);
  checker::read(at.id, found->floor, read.index);
  found->confirmed = read.index;
  found->valid_until = read.valid_until;
  if (at.state.applied < read.index)
    counts_.hit(rare::read_waited_for_apply);
  else
    answer_reads(at);
}

void cluster::fail_read(node& at, std::uint64_t context) {
  const auto found = std::find_if(at.reads.begin(), at.reads.end(),
                                  [&](const auto& each) { return each.context == context; });
  if (found == at.reads.end())
    return;
  counts_.hit(rare::read_failed);
  const auto read = *found;
  at.reads.erase(found);
  const auto& who = clients_[read.client];
  if (who.reads && who.attempt == context)
    refuse(read.client);
}

void cluster::answer_reads(node& at) {
  std::erase_if(at.reads, [&](const pending_read& each) {
    if (each.confirmed == log_index{} || each.confirmed > at.state.applied)
      return false;
    if (each.valid_until != 0 && at.clock(now_) >= each.valid_until)
      return true; // The lease ended meanwhile: the client asks again.
    const auto& who = clients_[each.client];
    if (who.reads && who.waits && who.attempt == each.context) {
      laws_.seen(at.state.applied);
      finish(each.client);
    }
    return true;
  });
}

void cluster::answer_write(node& at, const pending_write& to, const effect& how) {
  auto& who = clients_[to.client];
  if (!who.waits || who.reads || who.attempt != to.attempt
      || client_luck_.per_million(calm_ ? 0 : how_.answer_loss_ppm))
    return;
  laws_.seen(at.state.applied);
  if (who.kind == command_kind::open_session) {
    who.session = how.result;
    who.sequence = 0;
  } else if (who.kind == command_kind::in_session) {
    if (how.expired)
      who.session = 0;
    else
      laws_.answered(who.session, who.sequence, how.result);
  }
  finish(to.client);
}

void cluster::finish(std::uint32_t number) {
  auto& who = clients_[number];
  who.waits = false;
  ++answered_;
  who.finished_calm = calm_;
  schedule(now_ + 1 + client_luck_.exponential(how_.think_mean), event_kind::client, number,
           ++who.turn);
}

/// Surely not done: tries again a little later.
void cluster::refuse(std::uint32_t number) {
  auto& who = clients_[number];
  const auto again = client_luck_.between(10, 300) * millisecond;
  schedule(now_ + again, event_kind::client, number, ++who.turn);
}

} // namespace grape::simulation
