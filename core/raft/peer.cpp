#include "core/raft/peer.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace grape::raft {

namespace {

bool asks_for_vote(message_kind kind) {
  return kind == message_kind::vote || kind == message_kind::prevote;
}

/// Far from the end of all numbers, so that adding to them is safe; and a mark is older than who
/// sends it.
bool is_sound(const message& in) {
  constexpr std::uint64_t bound = 1ull << 62;
  const bool numbers_are
    = in.term.value < bound && in.index.value < bound && in.hint.value < bound;
  return numbers_are
         && (!in.snapshot
             || (in.snapshot->index.value < bound && in.snapshot->term <= in.term
                 && in.snapshot->term > grape::term{} && !in.snapshot->members.voters.empty()));
}

bool comes_from_leader(message_kind kind) {
  return kind == message_kind::append || kind == message_kind::heartbeat
         || kind == message_kind::snapshot;
}

} // namespace

peer::peer(const options& how, const boot& from, const stable_log& log)
  : how_(how)
  , chance_(how.seed + how.self.value * 0xd1342543de82ef95u) // Members may share a seed.
  , log_(log, how.cached_bytes_max)
  , members_(from.members)
  , applied_(from.applied)
  , term_(from.state.term)
  , vote_(from.state.vote)
  , handed_out_(from.state)
  , durable_(from.state) {
  // rule 19: the applied marker is durable, so what it covers was committed.
  const auto snapshot = log.snapshot().index;
  GRAPE_CHECK(applied_ >= snapshot && term_ >= log_.last_term());
  log_.raise_commit(std::max({snapshot, from.state.commit, applied_}));
  settled_ = log_.commit();
  told_ = standing();
  restart_timer();
  if (!from.fresh)
    owe_lease(); // We do not know whom we answered just before we stopped.
}

void peer::tick() {
  if (failed_ || asleep_)
    return;
  if (elapsed_ < std::numeric_limits<std::uint32_t>::max())
    ++elapsed_;
  if (lease_owed_ > 0)
    --lease_owed_;
  std::visit([this](auto& me) { tick_role(me); }, role_);
}

void peer::advance_clock(std::uint64_t now) {
  now_ = std::max(now_, now);
}

void peer::campaign() {
  if (failed_)
    return;
  wake();
  start_election(how_.prevote ? election::prevote : election::vote);
}

void peer::step(message in) {
  if (failed_ || in.to != how_.self || in.from == how_.self || !is_sound(in))
    return;
  if (asleep_)
    wake_for(in);
  if (admit(in))
    std::visit([&](auto& me) { on(me, in); }, role_);
}

/// Whether the message is for the role that we have now; settles everything about its term.
bool peer::admit(const message& in) {
  // rule 06: who hears a leader does not help to overthrow it, except when the leader wishes so.
  if (asks_for_vote(in.kind) && in.term >= term_ && !in.force && is_bound_to_leader())
    return false;
  if (in.term < term_)
    return admit_older(in);
  if (in.term > term_)
    meet_newer_term(in);
  if (in.kind == message_kind::vote_response || in.kind == message_kind::prevote_response)
    learn_commit(in);
  if (!asks_for_vote(in.kind))
    return true;
  answer_vote(in);
  return false;
}

bool peer::admit_older(const message& in) {
  switch (in.kind) {
    case message_kind::append:
    case message_kind::heartbeat:
      // Not an ack: it tells a leader of an older term of ours, so that it frees a candidate
      // that went ahead.
      send(draft(message_kind::append_response, in.from));
      return false;
    case message_kind::vote:
    case message_kind::prevote: answer_vote(in); return false;
    case message_kind::propose:
    case message_kind::read:
    case message_kind::read_response:
    case message_kind::transfer: return true; // Wishes and answers are good in any term.
    case message_kind::vote_response:
    case message_kind::prevote_response:
    case message_kind::append_response:
    case message_kind::heartbeat_response:
    case message_kind::snapshot:
    case message_kind::timeout_now: return false;
  }
  return false;
}

// rule 04: a newer term ends whatever role we had. A pre-vote asks for a term that nobody has yet,
// and its grant repeats that.
void peer::meet_newer_term(const message& in) {
  if (in.kind == message_kind::prevote)
    return;
  if (in.kind == message_kind::prevote_response && !in.reject && in.term == term_.next())
    return;
  become_follower(in.term, comes_from_leader(in.kind) ? in.from : replica_id{});
}

bool peer::is_bound_to_leader() const noexcept {
  const bool hears_it = leader_ != replica_id{} && elapsed_ < how_.election_ticks;
  return how_.check_quorum && (hears_it || lease_owed_ > 0);
}

/// A lease binds who answered its round, even if that replica restarts, or meets a newer term and
/// knows no leader any more.
void peer::owe_lease() noexcept {
  if (how_.lease_ticks > 0)
    lease_owed_ = how_.election_ticks;
}

void peer::become_follower(grape::term term, replica_id leader) {
  GRAPE_CHECK(term >= term_);
  const bool was_follower = std::holds_alternative<follower>(role_);
  leave_role();
  if (term != term_) {
    term_ = term;
    vote_ = {};
    early_ = {};
  }
  leader_ = leader;
  role_ = follower{};
  const auto waited = elapsed_;
  restart_timer();
  if (was_follower)
    elapsed_ = waited; // Only a leader or a granted vote restarts a follower's wait.
}

/// Reads end with the role that they were asked in.
void peer::leave_role() {
  fail_forwarded_reads();
  auto* was = std::get_if<leader>(&role_);
  if (was == nullptr)
    return;
  for (const auto& read : was->reads)
    if (read.from == how_.self)
      out_.failed_reads.push_back(read.context);
  for (const auto& read : was->early_reads)
    if (read.from == how_.self)
      out_.failed_reads.push_back(read.context);
}

// rule 05: uniform in [T, 2T - 1], drawn anew with every role.
void peer::restart_timer() {
  elapsed_ = 0;
  timeout_ = how_.fixed_timeout
               ? *how_.fixed_timeout
               : how_.election_ticks + chance_.below(std::max(1u, how_.election_ticks));
}

void peer::fix_timeout(std::uint32_t ticks) {
  how_.fixed_timeout = timeout_ = ticks;
}

} // namespace grape::raft
