#include "core/raft/peer.hpp"

namespace grape::raft {

void peer::tick_role(candidate&) {
  tick_election();
}

void peer::on(candidate& me, message& in) {
  switch (in.kind) {
    case message_kind::vote_response: {
      // A grant is for the log that the request told of. If we crashed after asking, lost our term
      // and entries that were not durable, and ask in the same term again, an old grant may be for
      // a longer log than the one we have now.
      const bool for_longer_log = in.log_term > log_.last_term()
                                  || (in.log_term == log_.last_term() && in.index > log_.last());
      if (!members_.is_voter(in.from) || (!in.reject && for_longer_log))
        return;
      me.votes.record(in.from, !in.reject);
      return settle_votes(me);
    }
    case message_kind::append:
    case message_kind::heartbeat:
    case message_kind::snapshot:
      become_follower(term_, in.from);
      return follow(in);
    case message_kind::read: return refuse_read(in.from, in.context);
    case message_kind::vote:
    case message_kind::prevote:
    case message_kind::prevote_response:
    case message_kind::append_response:
    case message_kind::heartbeat_response:
    case message_kind::timeout_now:
    case message_kind::propose:
    case message_kind::read_response:
    case message_kind::transfer: return;
  }
}

void peer::settle_votes(candidate& me) {
  switch (me.votes.result(members_)) {
    case vote_result::pending: return;
    case vote_result::lost: return become_follower(term_, {});
    case vote_result::won: return become_leader();
  }
}

} // namespace grape::raft
