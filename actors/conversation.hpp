#pragma once

#include "actors/house.hpp"
#include "core/query/session.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace grape::actors {

/// A read on its way to its answer. Wherever it goes on (a search thread, ROUTER), it is the only
/// one there to touch it.
struct conversation {
  conversation(query::read_request asked, const std::shared_ptr<const catalog>& known,
               std::uint64_t now_ms)
    : how(query::options_of(asked, known->state))
    , deadline_ms(now_ms + how.timeout_ms)
    , session(std::move(asked), {known, &known->state}, known->epoch) {
  }

  read_options how;
  std::uint64_t deadline_ms; ///< On the node's clock.
  query::read_session session;
  std::optional<query::read_session::step> next; ///< Empty: not begun.
};

/// So much may be done until then, on the node's clock, or until the house closes.
budget time_until(const house& home, std::uint64_t deadline_ms);

/// Goes on with a read as far as the shards it asks show a view that answers it. Blocks: on a
/// search thread only. True: `next` is the answer, or the reason why there is none; false: its
/// questions must be asked at the doors.
bool answer_from_views(house& home, conversation& talk);

/// Asks what a shard showed, on a search thread. Errors: those of the view's readers, `timed_out`
/// also when the house closes.
outcome<shard::answer> ask_shown(house& home, const shard::shown_state& shown,
                                 const shard::question& asked, std::uint64_t deadline_ms);

/// How many ms at most the replica of a group here is behind what is committed, for a read of this
/// level; nothing: nobody knows.
std::optional<std::uint64_t> staleness_of(const house& home, group_id group, read_level level);

} // namespace grape::actors
