#pragma once

#include "core/storage/ordered_log.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace grape::storage {

/// What several askers want appended, on its way into one batch of the ordered log. Whoever asks
/// for what cannot be written is refused alone. Knows no file.
class log_batch {
public:
  /// `record_bytes_max` as in log_options. `log` must outlive it.
  log_batch(const ordered_log& log, std::uint64_t record_bytes_max);

  /// Takes in all that one asker wants, or nothing: too_large (one record is); unavailable (a
  /// record does not follow what its group has: what was asked before it was refused). Both mean
  /// surely not logged.
  status add(std::vector<log_record> records);

  bool empty() const noexcept { return records_.empty(); }

  /// Large enough to be written at once.
  bool full() const noexcept;

  /// Whether records of the group wait.
  bool concerns(group_id group) const { return ends_.contains(group); }

  /// All records, in the order of asking. The batch is empty afterwards.
  std::vector<log_record> take();

private:
  const ordered_log& log_;
  std::uint64_t record_bytes_max_;
  std::vector<log_record> records_;
  std::map<group_id, log_index> ends_; ///< Of the groups that records wait for.
  std::uint64_t bytes_ = 0;
};

} // namespace grape::storage
