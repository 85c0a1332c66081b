#pragma once

#include "tools/raft_drive/memory_log.hpp"

#include "core/raft/peer.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace grape::raft_drive {

/// A replica with its disk. What it wants sent is returned, for the caller to put on the wire.
class node {
public:
  node(const raft::options& how, memory_log disk);

  replica_id id() const noexcept { return how_.self; }
  bool is_up() const noexcept { return peer_ != nullptr; }

  /// Null while it is down.
  raft::peer* peer() noexcept { return peer_.get(); }

  void tick();
  void fix_timeout(std::uint32_t ticks);
  bool read(std::uint64_t context); ///< False: refused at once.

  std::vector<raft::message> ready();
  std::vector<raft::message> persist(std::size_t writes_max);
  bool apply(); ///< False: there was nothing to apply.

  bool has_ready() const { return peer_->has_output(); }
  std::size_t queued_writes() const noexcept { return queue_.size(); }

  void compact(log_index through);
  void fail_write();
  void crash(std::size_t writes_kept);
  void restart(std::uint64_t seed);

  const std::vector<raft::confirmed_read>& reads() const noexcept { return reads_; } ///< Answered.
  std::size_t unserved_reads() const noexcept { return confirmed_.size(); }
  std::uint64_t dropped = 0; ///< Refused proposals, changes and reads.

private:
  void start(bool fresh);
  void serve_reads();

  raft::options how_;
  std::unique_ptr<memory_log> disk_; ///< Its place is known to the peer.
  std::unique_ptr<raft::peer> peer_;
  std::deque<raft::write> queue_;
  std::vector<raft::confirmed_read> confirmed_; ///< Not yet applied up to their index.
  std::vector<raft::confirmed_read> reads_;
  std::uint64_t ticks_ = 0; ///< The clock of its leases.
};

} // namespace grape::raft_drive
