#pragma once

#include "core/client/message.hpp"
#include "core/status.hpp"

namespace grape::client {

/// True: asking twice has no other effect than asking once, whatever came of the first time.
inline bool is_read(const request& of) noexcept {
  return std::holds_alternative<query_request>(of) || std::holds_alternative<retrieve_request>(of)
         || std::holds_alternative<count_request>(of)
         || std::holds_alternative<list_shard_keys_request>(of);
}

/// Why a request is over when its connection ended, or ok: it may be put to another node. A read
/// may always; a change only while it surely did not reach the node.
inline status fate_of(bool is_read, bool surely_not_sent) {
  if (surely_not_sent || is_read)
    return {};
  return {errc::commit_unknown, "the connection to the node ended before the answer came; the "
                                "change may have taken effect"};
}

/// True: a node that refuses so goes, and surely did nothing; another one may be asked.
inline bool is_leaving(const status& refusal) noexcept {
  return refusal.code == errc::closed;
}

/// What a node tells its client instead of `refusal`. `closed` is a word about the node itself:
/// where it stays, another one of its cluster spoke so, and of a change nobody knows then.
inline status told_to_client(status refusal, bool is_closing, bool is_read) {
  if (refusal.code == errc::closed && !is_closing)
    refusal.code = is_read ? errc::unavailable : errc::commit_unknown;
  return refusal;
}

} // namespace grape::client
