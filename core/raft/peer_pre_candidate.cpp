#include "core/raft/peer.hpp"

namespace grape::raft {

void peer::tick_role(pre_candidate&) {
  tick_election();
}

void peer::on(pre_candidate& me, message& in) {
  switch (in.kind) {
    case message_kind::prevote_response:
      // A grant repeats the term that was asked for; an answer to an earlier question does not.
      if (!members_.is_voter(in.from) || (!in.reject && in.term != term_.next()))
        return;
      me.votes.record(in.from, !in.reject);
      return settle_prevotes(me);
    case message_kind::append:
    case message_kind::heartbeat:
    case message_kind::snapshot:
      become_follower(term_, in.from);
      return follow(in);
    case message_kind::read: return refuse_read(in.from, in.context);
    case message_kind::vote:
    case message_kind::vote_response:
    case message_kind::prevote:
    case message_kind::append_response:
    case message_kind::heartbeat_response:
    case message_kind::timeout_now:
    case message_kind::propose:
    case message_kind::read_response:
    case message_kind::transfer: return;
  }
}

void peer::settle_prevotes(pre_candidate& me) {
  switch (me.votes.result(members_)) {
    case vote_result::pending: return;
    case vote_result::lost: return become_follower(term_, {});
    case vote_result::won: return start_election(election::vote);
  }
}

} // namespace grape::raft
