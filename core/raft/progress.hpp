#pragma once

#include "core/raft/digest.hpp"
#include "core/raft/options.hpp"
#include "core/raft/peer_status.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::raft {

/// The appends with entries that are on their way to one follower, oldest first.
class inflight_window {
public:
  void add(log_index last, std::size_t bytes);
  void extend_newest(log_index last, std::size_t more_bytes);
  void free_through(log_index acked) noexcept;
  void clear() noexcept;

  std::size_t count() const noexcept { return count_; }
  bool full(const options& limits) const noexcept;
  void mix_into(digest& whole) const;

private:
  struct sent_append {
    log_index last;
    std::size_t bytes = 0;
  };

  void grow();
  sent_append& at(std::size_t position) noexcept;

  std::vector<sent_append> ring_; ///< Grows with need.
  std::size_t begin_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

/// What the leader knows of one member. Keeps: match < next, and match never falls.
struct progress {
  replica_id which;
  progress_state state = progress_state::probe;
  log_index match;
  log_index next{1};
  log_index pending_snapshot; ///< 0 = none.
  log_index commit_told;      ///< The highest commit sent.
  bool held_back = false;     ///< Until it answers: a probe is out, or the window was full.
  bool recently_active = false; ///< Heard from since the last look of CheckQuorum.
  bool asleep = false;          ///< It agreed to hibernate at the present end of the log.
  std::uint64_t round_acked = 0; ///< The newest heartbeat round that it answered.
  std::size_t open_append = 0;   ///< 1 + place of an append that has not left yet; 0 = none.
  std::size_t open_bytes = 0;    ///< Of that append's entries.
  inflight_window window;

  bool paused() const noexcept;

  void become_probe();
  void become_replicate();
  void become_snapshot(log_index index);

  /// It has everything up to `index`. False: nothing new.
  bool acked(log_index index);

  /// It refused an append behind `index`; the logs may agree at `hint`. False: stale.
  bool refused(log_index index, log_index hint);

  /// An append with `count` entries is on its way.
  void sent(std::size_t count, std::size_t bytes, const options& limits);

  /// One entry more went into the open append.
  void extended(std::size_t bytes, bool was_empty, const options& limits);
};

} // namespace grape::raft
