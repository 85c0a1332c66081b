// A replica whose log is a Raft group's: it applies what is committed, and while it leads, what it
// is asked for becomes proposals.

#include "actors/replica_state.hpp"
#include "core/shard/command.hpp"

#include <iterator>
#include <utility>

namespace grape::actors {

namespace {

/// So long a proposal waits for a majority before whoever asked is told that nobody knows, and for
/// more copies than that before they are told that it is committed.
constexpr std::uint64_t commit_patience_ms = 10'000;

constexpr std::size_t applied_bytes_max = 4u << 20; // At once, so that others get their turn.

/// The first of them, until they are that large.
std::vector<raft::entry> take_some(std::vector<raft::entry>& from) {
  auto end = from.begin();
  for (std::size_t bytes = 0; end != from.end() && bytes < applied_bytes_max; ++end)
    bytes += end->bytes();
  if (end == from.end())
    return std::exchange(from, {});
  std::vector<raft::entry> some(std::make_move_iterator(from.begin()),
                                std::make_move_iterator(end));
  from.erase(from.begin(), end);
  return some;
}

} // namespace

/// The machine is open: from here on the group says what comes next.
void replica_state::host_in_group() {
  on_machine([](shard::machine& own, machine_news& news) { news.view = own.snapshot(); },
             [this](const machine_news&) {
               member.emplace();
               publish();
               group_begins();
             });
}

/// RAFT_GROUP and REPLICA are renewed apart: whoever comes second finds the other.
void replica_state::group_begins() {
  if (!member)
    return;
  member->group = home->board.get<raft_group_actor>(role::raft_group(place->group));
  if (!member->group)
    return;
  stands({raft::role::follower, std::nullopt, term{}, log_index{}});
  std::erase_if(member->writes, [this](const auto& one) {
    return member->asked.refused(one.first); // Of those without an index nobody will hear.
  });
  member->committed.clear();
  member->own.clear();
  self->request(member->group, open_timeout, host_group{place->member, machine_applied})
      .then([](group_hosted) {},
            [this](const caf::error& why) {
              const auto told = to_status(why);
              if (told.code != errc::unavailable)
                out_of_service(told);
            });
}

caf::error replica_state::refusal(const status& why) const {
  return to_error(why, home->leaders.of(place->group));
}

shard::ack_demand replica_state::demand_of(const write_command& asked) {
  if (auto known = home->known.get(); member->demands_by != known) {
    member->demands_by = std::move(known);
    member->schema = committed_schema(*home, place->group);
  }
  return shard::demand_of(member->schema ? member->schema->options : collection_options{},
                          asked.ack, asked.wait);
}

caf::result<shard_receipt> replica_state::propose_to_group(const write_command& asked) {
  if (!member)
    return refusal({errc::unavailable, "shard " + place->name + " is not ready yet here"});
  const auto time = home->host.now_ms();
  proposed_write write;
  write.wanted = demand_of(asked);
  if (write.wanted.ack == write_ack::eventual)
    if (auto lags = member->asked.check_lag(time, {}); !lags.ok())
      return refusal(lags);
  const auto entry = shard::split_stamp(asked.bytes);
  if (!entry)
    return refusal(entry.error());
  const auto ticket = member->asked.propose_points({asked.validated_against, asked.bytes.size(),
                                                    time, entry->stamp && entry->stamp->again});
  if (!ticket)
    return refusal(ticket.error());
  const receipt_promise promise{self, fell_writing()};
  write.promise = promise;
  write.answered_from_ms = time + inflow.pause_ms(time, asked.bytes.size());
  write.stamp = entry->stamp;
  send_proposal(*ticket, asked.bytes, std::move(write));
  if (asked.timeout_ms > 0)
    self->delayed_send(self, std::chrono::milliseconds{asked.timeout_ms},
                       proposal_expired{*ticket});
  return promise;
}

caf::result<shard_receipt> replica_state::propose_to_group(const schema_change& asked) {
  if (!member)
    return refusal({errc::unavailable, "shard " + place->name + " is not ready yet here"});
  auto bytes = shard::encode(shard::change_schema{*asked.schema});
  const auto ticket = member->asked.propose_schema(asked.schema->version, bytes.size());
  if (!ticket)
    return refusal(ticket.error());
  if (!*ticket)
    return shard_receipt{machine_applied, write_progress::completed};
  const receipt_promise promise{self, fell_writing()};
  proposed_write write;
  write.wanted.wait = true;
  write.promise = promise;
  send_proposal(**ticket, std::move(bytes), std::move(write));
  return promise;
}

/// Looked at after each batch of entries: one look for each state of the control plane is enough.
void replica_state::catch_up_with_schema_in_group() {
  const auto known = home->known.get();
  if (!member || !member->asked.is_ready() || member->lives_by == known)
    return;
  if (const auto schema = committed_schema(*home, place->group))
    propose_schema_to_group(*schema);
  member->lives_by = known;
}

/// Of itself: nobody waits for it.
void replica_state::propose_schema_to_group(const collection_schema& wanted) {
  if (wanted.version <= *member->asked.schema())
    return;
  auto bytes = shard::encode(shard::change_schema{wanted});
  if (const auto ticket = member->asked.propose_schema(wanted.version, bytes.size());
      ticket && *ticket)
    self->send(member->group,
               propose_entry{**ticket, std::make_shared<const std::string>(std::move(bytes))});
}

void replica_state::send_proposal(std::uint64_t ticket, std::string bytes, proposed_write write) {
  beat_wish.set(true);
  write.proposed_at_ms = home->host.now_ms();
  if (shard::needs_log_standing(write.wanted))
    member->by_log.insert(ticket);
  member->writes.emplace(ticket, std::move(write));
  self->send(member->group,
             propose_entry{ticket, std::make_shared<const std::string>(std::move(bytes))});
}

/// Whether only applying it tells that it is no second attempt. What is acknowledged before a
/// majority has it may be lost anyway.
bool replica_state::is_doubtful(const proposed_write& write) const {
  if (!write.stamp || (write.wanted.ack == write_ack::eventual && !write.stamp->again))
    return false;
  return !shard::is_surely_fresh(*write.stamp, write.index, machine_sessions);
}

void replica_state::taken(const proposal_taken& what) {
  if (!member)
    return;
  const auto at = member->writes.find(what.ticket);
  if (what.index != log_index{}) {
    if (const auto before = member->asked.open_at(what.index); before && *before != what.ticket)
      surely_lost(*before);
    if (at != member->writes.end()) {
      at->second.index = what.index;
      at->second.in = what.term;
      at->second.doubtful = is_doubtful(at->second);
    }
    return member->asked.taken(what.ticket, what.index, what.term);
  }
  member->asked.refused(what.ticket);
  member->lives_by = nullptr; // It may have been a schema.
  if (at == member->writes.end())
    return;
  at->second.promise.refuse(refusal(what.why));
  member->writes.erase(at);
}

/// Another entry has its place in the log.
void replica_state::surely_lost(std::uint64_t ticket) {
  const auto lost = member->writes.find(ticket);
  if (lost == member->writes.end())
    return;
  lost->second.promise.refuse(
      refusal({errc::unavailable, "shard " + place->name + " has another leader now"}));
  member->writes.erase(lost);
}

/// True: it is told, and nothing more is to come.
bool replica_state::answer_if_due(proposed_write& write) {
  if (write.doubtful)
    return false;
  if (write.index != log_index{} && write.in == member->log.term)
    shard::note(write.is, write.index, write.wanted, member->log);
  const auto told = shard::answer_for(write.wanted, write.is);
  if (told)
    answer(write.promise,
           {write.took_effect > log_index{} ? write.took_effect : write.index, *told,
            shard::copies_told(*told, write.wanted, write.is)},
           write.answered_from_ms);
  return told && write.is.applied;
}

void replica_state::answer_all_due() {
  for (auto at = member->writes.begin(); at != member->writes.end();)
    at = answer_if_due(at->second) ? member->writes.erase(at) : std::next(at);
}

/// For whoever waits for less, or for more, than a majority.
void replica_state::log_came(const log_progress& news) {
  if (!member)
    return;
  member->log = news.leader;
  std::erase_if(member->by_log, [this](std::uint64_t ticket) {
    const auto at = member->writes.find(ticket);
    if (at == member->writes.end())
      return true;
    if (!answer_if_due(at->second))
      return false;
    member->writes.erase(at);
    return true;
  });
}

/// Committed is acknowledged, unless the collection says otherwise; what took a proposal's place
/// says that it never takes effect.
void replica_state::committed(std::vector<raft::entry> entries) {
  if (!member)
    return;
  for (const auto& entry : entries) {
    const auto fate = member->asked.committed(entry.index, entry.term);
    if (fate.lost)
      surely_lost(*fate.lost);
    const auto won = fate.won ? member->writes.find(*fate.won) : member->writes.end();
    if (won == member->writes.end())
      continue;
    auto& write = won->second;
    write.is.committed = true;
    write.is.copies_given_up = !member->asked.leads();
    write.doubtful = write.doubtful || fate.doubtful;
    member->own.emplace(entry.index, *fate.won);
    (void)answer_if_due(write);
  }
  member->committed.insert(member->committed.end(), std::make_move_iterator(entries.begin()),
                           std::make_move_iterator(entries.end()));
  work();
}

void replica_state::apply_committed() {
  if (member->committed.empty())
    return;
  beats = 0;
  tidied = false;
  const auto batch = std::make_shared<const std::vector<raft::entry>>(take_some(member->committed));
  on_machine(
      [batch, may_plan = !job](shard::machine& own, machine_news& news) {
        for (const auto& entry : *batch) {
          const bool is_command = entry.kind == raft::entry_kind::normal && entry.data;
          auto result = own.apply(entry.index, is_command ? *entry.data : std::string{});
          if (!result) {
            news.failed = std::move(result).error();
            return;
          }
          news.results.push_back(std::move(*result));
        }
        if (may_plan)
          if (auto next = own.plan(shard::pace::busy))
            news.job = std::make_shared<const shard::index_job>(std::move(*next));
        news.view = own.snapshot();
      },
      [this](const machine_news& news) {
        if (!member)
          return;
        member->asked.applied(news.applied, news.schema);
        publish();
        settle_applied(news.results);
        tell_applied();
        catch_up_with_schema();
      });
}

/// The view came first: a client that is answered sees its write.
void replica_state::settle_applied(const std::vector<shard::applied_entry>& results) {
  const auto first = machine_applied.value + 1 - results.size();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto own = member->own.find(log_index{first + i});
    if (own == member->own.end())
      continue;
    if (const auto at = member->writes.find(own->second); at != member->writes.end()) {
      auto& write = at->second;
      const auto& what = results[i].result;
      write.is.applied = true;
      write.doubtful = false;
      write.took_effect = results[i].took_effect;
      if (!what.ok())
        write.promise.refuse(refusal(what));
      if (!what.ok() || answer_if_due(write))
        member->writes.erase(at);
    }
    member->own.erase(own);
  }
}

void replica_state::tell_applied() {
  if (member && member->group)
    self->send(member->group, applied_news{machine_applied, applied_durable});
}

void replica_state::stands(const standing_changed& news) {
  if (!member)
    return;
  if (news.role != raft::role::leader) {
    member->asked.follow();
    for (auto& [ticket, write] : member->writes)
      write.is.copies_given_up = write.is.committed;
    return answer_all_due();
  }
  member->lives_by = nullptr;
  for (const auto lost : member->asked.lead(news.term, news.last))
    surely_lost(lost);
  member->asked.applied(machine_applied, machine_schema);
  catch_up_with_schema();
}

void replica_state::proposal_expires(std::uint64_t ticket) {
  if (!member)
    return;
  const auto at = member->writes.find(ticket);
  if (at == member->writes.end())
    return;
  at->second.is.expired = true;
  if (answer_if_due(at->second))
    member->writes.erase(at);
}

/// Without a majority nobody knows what becomes of a proposal; with one, more may never come.
void replica_state::give_up_waiting() {
  const auto now = home->host.now_ms();
  const auto is_over = [this, now](proposed_write& write) {
    if (now - write.proposed_at_ms < commit_patience_ms)
      return false;
    write.is.copies_given_up = true;
    if (write.is.committed)
      return answer_if_due(write);
    write.promise.refuse(status{errc::commit_unknown,
                                "the write waits for a majority of the shard's replicas; it "
                                "may still take effect"});
    return true;
  };
  for (auto at = member->writes.begin(); at != member->writes.end();)
    at = is_over(at->second) ? member->writes.erase(at) : std::next(at);
  catch_up_with_schema();
}

} // namespace grape::actors
