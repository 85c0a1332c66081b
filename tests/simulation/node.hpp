#pragma once

#include "core/raft/peer.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/event_queue.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace grape::simulation {

/// A client's write that this node proposed or sent on.
struct pending_write {
  std::uint64_t attempt = 0;
  std::uint32_t client = 0;
  log_index index; ///< 0 if it was sent on: then only the attempt tells.
  grape::term term;
};

struct pending_read {
  std::uint64_t context = 0;
  std::uint32_t client = 0;
  log_index floor;               ///< What it must see.
  log_index confirmed;           ///< 0 = not yet; later waits for the state machine.
  std::uint64_t valid_until = 0; ///< Of a lease, by this node's clock; 0 = for ever.
};

/// A replica and its host: what a REPLICA, a RAFT_GROUP and a LOG_WRITER are in a real node.
struct node {
  node(std::uint32_t number_of, const staged_snapshot& first)
    : number(number_of)
    , id(std::uint64_t{number_of} + 1)
    , storage(first)
    , state(first.data)
    , log(storage.durable()) {}

  bool up() const noexcept { return peer.has_value(); }
  bool runs() const noexcept { return up() && !paused; }

  std::uint32_t number;
  replica_id id;
  disk storage;
  std::optional<raft::peer> peer; ///< Nothing while the node is down.
  std::uint32_t life = 0;         ///< Counts starts; events of an earlier life are void.
  bool paused = false;
  bool lost = false;            ///< The disk failed: it never comes back.
  bool removed = false;         ///< It applied its own removal.
  bool retired = false;         ///< Its host was told of the removal and stopped it for good.
  bool was_member = false;      ///< Of a committed configuration.
  replica_id transferee;        ///< As of the last step.
  bool heard_of_leader = false; ///< As of its last leadership news.
  bool full = false;            ///< No space: takes no proposals.
  std::deque<event> backlog;    ///< What came while paused, in order.

  machine state; ///< As applied in memory.
  chain log;     ///< As the peer sees it.
  checker::moment before;
  log_index unchecked;        ///< From here its log was not compared with others; 0 = it was.
  log_index kept;             ///< Known to be committed and on its disk.
  bool applies = false;       ///< An apply event is under way.
  std::uint32_t installs = 0; ///< Writes that switch the state machine; nothing applies meanwhile.
  std::optional<staged_snapshot> incoming; ///< During the step that brought it.
  instant disk_free_at = 0;
  struct done_write {
    raft::write_token token;
    bool switched = false; ///< To a snapshot.
  };
  std::deque<done_write> written; ///< Durable; the peer was not told yet.

  std::vector<pending_write> writes;
  std::vector<pending_read> reads;

  std::uint32_t rate = 1'000; ///< Of its clock, in thousandths.
  std::uint64_t clock_at_change = 0;
  instant changed_at = 0;
  instant silent_since = 0; ///< Its leader's node cannot be reached; 0 = it can.

  /// What its clock shows, in milliseconds since an arbitrary moment.
  std::uint64_t clock(instant now) const noexcept {
    return (clock_at_change + (now - changed_at) * rate / 1'000) / millisecond;
  }

  void set_clock(instant now, std::uint32_t new_rate, std::uint64_t jump) noexcept {
    clock_at_change += (now - changed_at) * rate / 1'000 + jump;
    changed_at = now;
    rate = new_rate;
  }
};

} // namespace grape::simulation
