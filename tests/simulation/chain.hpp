#pragma once

#include "core/check.hpp"
#include "core/raft/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace grape::simulation {

/// A hash of an entry's term, kind and payload.
std::uint64_t content_hash(const raft::entry& of) noexcept;

/// A log as hashes: each index knows the hash of everything up to it, so that two logs are equal up
/// to an index if their hashes there are. What a compaction drops from the log stays known here.
class chain {
public:
  struct link {
    grape::term term;
    std::uint64_t prefix = 0;
    bool changes_members = false;
  };

  /// Begins after `base`, whose prefix hash is given.
  void restart(log_index base, grape::term at_base, std::uint64_t prefix);

  /// Replaces whatever there is from `next.index` on, which lies in (base, last + 1].
  void put(const raft::entry& next);

  void cut_from(log_index index);

  log_index base() const noexcept { return base_; }
  log_index last() const noexcept { return log_index{base_.value + links_.size() - 1}; }
  bool holds(log_index index) const noexcept { return index >= base_ && index <= last(); }

  /// Of an index that it holds.
  const link& at(log_index index) const {
    GRAPE_CHECK(holds(index));
    return links_[offset(index)];
  }

  /// Whether it holds `index` with this hash of everything before.
  bool agrees(log_index index, std::uint64_t prefix) const {
    return holds(index) && at(index).prefix == prefix;
  }

  /// The last index in (base, through] that changes the members; 0 if there is none.
  log_index last_change(log_index through) const;

private:
  std::size_t offset(log_index index) const noexcept {
    return static_cast<std::size_t>(index.value - base_.value);
  }

  log_index base_;
  std::vector<link> links_{link{}}; ///< The first is the base's.
};

} // namespace grape::simulation
