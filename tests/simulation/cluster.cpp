#include "tests/simulation/cluster.hpp"

#include "core/check.hpp"
#include "tests/simulation/violation.hpp"

namespace grape::simulation {

namespace {

constexpr std::uint64_t host_stream = 3;
constexpr std::uint64_t disk_stream = 4;
constexpr std::uint64_t fault_stream = 5;
constexpr std::uint64_t client_stream = 6;
constexpr std::uint64_t member_stream = 7;
constexpr std::uint64_t connection_stream = 9;

/// Initial members are not in the log: it begins after this index, so that whoever joins later
/// gets a snapshot first.
constexpr log_index first_index{1};

std::string_view name_of(event_kind kind) noexcept {
  switch (kind) {
    case event_kind::tick: return "tick";
    case event_kind::deliver: return "deliver";
    case event_kind::written: return "written";
    case event_kind::apply: return "apply";
    case event_kind::checkpoint: return "checkpoint";
    case event_kind::streamed: return "streamed";
    case event_kind::resume: return "resume";
    case event_kind::restart: return "restart";
    case event_kind::client: return "client";
    case event_kind::change_members: return "change_members";
    case event_kind::move_leader: return "move_leader";
    case event_kind::crash: return "crash";
    case event_kind::pause: return "pause";
    case event_kind::partition: return "partition";
    case event_kind::heal: return "heal";
    case event_kind::clog: return "clog";
    case event_kind::disk_error: return "disk_error";
    case event_kind::no_space: return "no_space";
    case event_kind::clock: return "clock";
    case event_kind::connection: return "connection";
    case event_kind::lost: return "lost";
  }
  return "?";
}

staged_snapshot first_snapshot(const storm& how) {
  raft::configuration members;
  for (std::uint64_t each = 1; each <= how.voters + how.learners; ++each)
    (each <= how.voters ? members.voters : members.learners).push_back(replica_id{each});
  for (auto each = how.voters - how.witnesses + 1; each <= how.voters; ++each)
    members.witnesses.push_back(replica_id{each});
  staged_snapshot first;
  first.mark = {first_index, grape::term{1}, members};
  first.data.applied = first_index;
  first.data.applied_term = first.mark.term;
  first.data.members = std::make_shared<const raft::configuration>(members);
  first.prefix = 1;
  return first;
}

} // namespace

cluster::cluster(std::uint64_t seed, const storm& how, run_options options)
  : seed_(seed)
  , how_(how)
  , options_(std::move(options))
  , host_luck_(seed, host_stream)
  , disk_luck_(seed, disk_stream)
  , fault_luck_(seed, fault_stream)
  , client_luck_(seed, client_stream)
  , member_luck_(seed, member_stream)
  , connection_luck_(seed, connection_stream)
  , laws_(counts_)
  , net_(how, seed)
  , trace_(options_.sink) {}

run_result cluster::run() {
  begin();
  loop();
  return result();
}

void cluster::begin() {
  const auto first = first_snapshot(how_);
  laws_.begin(first);
  for (std::uint32_t i = 0; i < how_.voters + how_.learners; ++i)
    start(add_node(first));
  for (std::uint32_t i = 0; i < how_.clients; ++i) {
    client fresh;
    fresh.uses_sessions = client_luck_.below(100) < how_.session_percent;
    clients_.push_back(fresh);
    schedule(client_luck_.exponential(how_.think_mean), event_kind::client, i);
  }
  every(how_.change_every, event_kind::change_members);
  every(how_.transfer_every, event_kind::move_leader);
  every(how_.crash_every, event_kind::crash);
  every(how_.pause_every, event_kind::pause);
  every(how_.partition_every, event_kind::partition);
  every(how_.clog_every, event_kind::clog);
  every(how_.disk_error_every, event_kind::disk_error);
  every(how_.no_space_every, event_kind::no_space);
  every(how_.clock_every, event_kind::clock);
  every(how_.connection_every, event_kind::connection);
}

void cluster::loop() {
  while (!queue_.empty() && steps_ < options_.steps_max) {
    if (!calm_ && queue_.first_at() >= options_.storm_for) {
      now_ = options_.storm_for;
      heal();
      if (!healed_)
        return;
    }
    const auto next = queue_.pop();
    now_ = next.at;
    ++steps_;
    handle(next);
    if (calm_ && next.kind == event_kind::tick && converged())
      return;
  }
}

void cluster::handle(const event& next) {
  switch (next.kind) {
    case event_kind::tick:
    case event_kind::written:
    case event_kind::apply:
    case event_kind::checkpoint:
    case event_kind::resume:
    case event_kind::restart:
    case event_kind::lost: handle_node(next); break;
    case event_kind::deliver: deliver(next.slot); break;
    case event_kind::streamed: streamed(next.slot); break;
    case event_kind::client: act(next.node, next.slot); break;
    case event_kind::change_members:
    case event_kind::move_leader:
    case event_kind::crash:
    case event_kind::pause:
    case event_kind::partition:
    case event_kind::heal:
    case event_kind::clog:
    case event_kind::disk_error:
    case event_kind::no_space:
    case event_kind::clock:
    case event_kind::connection:
      if (!calm_)
        handle_misfortune(next);
      break;
  }
}

void cluster::handle_node(const event& next) {
  auto& who = *nodes_[next.node];
  if (next.kind == event_kind::restart) {
    if (!who.up() && !who.lost && !who.retired && (!calm_ || core_[who.number]))
      start(who);
    return;
  }
  if (next.life != who.life || !who.up())
    return;
  if (next.kind == event_kind::resume)
    return resume(who);
  if (next.kind == event_kind::written)
    return wrote(who);
  if (who.paused) {
    who.backlog.push_back(next);
    return;
  }
  if (next.kind == event_kind::tick)
    tick(who);
  else if (next.kind == event_kind::apply)
    apply(who);
  else if (next.kind == event_kind::lost)
    lost(who, next.slot);
  else
    checkpoint(who);
  note(name_of(next.kind), &who);
}

void cluster::handle_misfortune(const event& next) {
  switch (next.kind) {
    case event_kind::change_members: change_members(); return every(how_.change_every, next.kind);
    case event_kind::move_leader: move_leader(); return every(how_.transfer_every, next.kind);
    case event_kind::crash: misfortune_crash(); return every(how_.crash_every, next.kind);
    case event_kind::pause: misfortune_pause(); return every(how_.pause_every, next.kind);
    case event_kind::partition:
      misfortune_partition();
      return every(how_.partition_every, next.kind);
    case event_kind::heal: // Of a partition, or of a full disk.
      if (next.slot != 0)
        nodes_[next.node]->full = false;
      else
        net_.heal();
      return note("heal");
    case event_kind::clog:
      if (const auto until = now_ + fault_luck_.exponential(how_.clog_for); strikes(fault::clog))
        net_.clog(until);
      return every(how_.clog_every, next.kind);
    case event_kind::disk_error: misfortune_disk(); return every(how_.disk_error_every, next.kind);
    case event_kind::no_space: misfortune_full(); return every(how_.no_space_every, next.kind);
    case event_kind::clock: misfortune_clock(); return every(how_.clock_every, next.kind);
    case event_kind::connection:
      misfortune_connection();
      return every(how_.connection_every, next.kind);
    case event_kind::tick:
    case event_kind::deliver:
    case event_kind::written:
    case event_kind::apply:
    case event_kind::checkpoint:
    case event_kind::streamed:
    case event_kind::resume:
    case event_kind::restart:
    case event_kind::lost:
    case event_kind::client: break;
  }
}

void cluster::schedule(instant at, event_kind kind, std::uint32_t who, std::uint32_t slot) {
  event next;
  next.at = at;
  next.kind = kind;
  next.node = who;
  next.slot = slot;
  if (kind != event_kind::client && who < nodes_.size())
    next.life = nodes_[who]->life;
  queue_.push(next);
}

void cluster::every(instant mean, event_kind kind) {
  if (mean != 0)
    schedule(now_ + 1 + fault_luck_.exponential(mean), kind);
}

void cluster::note(std::string_view what, const node* who, std::string_view detail) {
  record next;
  next.at = now_;
  next.event = what;
  next.what = detail;
  if (who != nullptr) {
    next.node = who->number;
    next.up = who->up();
    next.role = who->before.role;
    next.term = who->before.term.value;
    next.commit = who->before.commit.value;
    next.applied = who->before.applied.value;
    next.last = who->log.last().value;
  }
  trace_.add(next);
}

run_result cluster::result() const {
  run_result found;
  found.steps = steps_;
  found.faults = faults_;
  found.digest = trace_.digest();
  found.committed = laws_.last_committed().value;
  found.answered = answered_;
  found.ended_at = now_;
  found.healed = healed_;
  found.counts = counts_;
  return found;
}

node* cluster::find(replica_id who) {
  return who.value == 0 || who.value > nodes_.size()
             ? nullptr
             : nodes_[static_cast<std::size_t>(who.value - 1)].get();
}

const chain* cluster::disk_of(replica_id who) {
  const auto* found = find(who);
  return found == nullptr ? nullptr : &found->storage.durable();
}

} // namespace grape::simulation
