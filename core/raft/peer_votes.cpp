#include "core/raft/peer.hpp"

namespace grape::raft {

// rule 09: whoever is asked answers, learner or not; the candidate may know a newer configuration.
void peer::answer_vote(const message& in) {
  const bool real = in.kind == message_kind::vote;
  const bool free = vote_ == replica_id{} || vote_ == in.from;
  // rule 03: one vote per term, and none for a log that ends before ours.
  const bool term_fits = in.term == term_ ? free : !real && in.term > term_;
  const bool granted = term_fits && log_.is_behind_or_at(in.index, in.log_term);
  auto answer = draft(real ? message_kind::vote_response : message_kind::prevote_response, in.from);
  if (!granted) {
    answer.reject = true;
    answer.index = log_.commit();
    answer.log_term = log_.term_at(answer.index).value_or(grape::term{});
    send(std::move(answer));
    return overtake(in);
  }
  answer.term = in.term;
  if (!real)
    return send(std::move(answer)); // Changes no state.
  answer.index = in.index; // For which log: see on(candidate&).
  answer.log_term = in.log_term;
  vote_ = in.from;
  elapsed_ = 0;
  early_ = {};
  hold(std::move(answer), {});
}

// A refusal tells what the refuser knows to be committed. An entry of that index and term is the
// same one here, with all before it (Log Matching). So a candidate hears that members have changed
// also from somebody whom that removed, who has the longest log, and whose vote it would need for
// ever if it went on by the members of before. A leader commits by counting alone.
void peer::learn_commit(const message& refusal) {
  if (refusal.reject && refusal.index > log_.commit() && log_.has(refusal.index, refusal.log_term)
      && !std::holds_alternative<leader>(role_))
    log_.raise_commit(refusal.index);
}

// rule 08: only a voter that knows of no newer configuration and has its data.
bool peer::may_campaign() const {
  if (!members_.is_voter(how_.self) || log_.unwritten_snapshot() != nullptr)
    return false;
  bool change_waits = false;
  if (applied_ < log_.commit())
    log_.each(applied_.next(), log_.commit(), [&change_waits](const entry& one) {
      change_waits = change_waits || one.kind == entry_kind::configuration;
    });
  return !change_waits;
}

void peer::start_election(election kind) {
  if (std::holds_alternative<leader>(role_) || !may_campaign())
    return;
  leave_role();
  leader_ = {};
  if (kind == election::prevote || kind == election::early) {
    auto& me = role_.emplace<pre_candidate>();
    if (kind == election::prevote)
      restart_timer();
    me.votes.record(how_.self, true);
    ask_for_votes(message_kind::prevote, term_.next(), false);
    return settle_prevotes(me);
  }
  term_ = term_.next();
  early_ = {};
  vote_ = how_.self; // Counts once it is durable.
  role_.emplace<candidate>();
  restart_timer();
  ask_for_votes(message_kind::vote, term_, kind == election::transfer);
}

void peer::ask_for_votes(message_kind kind, grape::term term, bool force) {
  for (const auto which : members_.members()) {
    if (which == how_.self || !members_.is_voter(which))
      continue;
    auto request = draft(kind, which);
    request.term = term;
    request.index = log_.last();
    request.log_term = log_.last_term();
    request.force = force;
    send(std::move(request));
  }
}

void peer::tick_election() {
  tick_early();
  if (elapsed_ >= timeout_)
    start_election(how_.prevote ? election::prevote : election::vote);
}

} // namespace grape::raft
