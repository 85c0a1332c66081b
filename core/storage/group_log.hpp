#pragma once

#include "core/raft/stable_log.hpp"
#include "core/storage/log_base.hpp"
#include "core/storage/ordered_log.hpp"

#include <functional>
#include <memory>

namespace grape::storage {

/// One group of the ordered log as its peer reads it. Terms come from memory; entries are read
/// from the disk, on the calling thread. One thread at a time, which need not be the log's own.
class group_log final : public raft::stable_log {
public:
  /// `log` must outlive it. `failed` is told when entries cannot be read, which the peer sees as
  /// entries that are not there: whoever hosts it fails the peer then.
  group_log(const ordered_log& log, group_id group, std::function<void(const status&)> failed);

  const raft::snapshot_mark& snapshot() const override;
  log_index last() const override;
  std::optional<grape::term> term_at(log_index index) const override;
  std::vector<raft::entry> entries(log_index first, log_index last,
                                   std::size_t bytes_max) const override;

private:
  const ordered_log& log_;
  group_id group_;
  std::function<void(const status&)> failed_;
  mutable std::shared_ptr<const log_base> base_; ///< Of the last call of `snapshot`.
};

} // namespace grape::storage
