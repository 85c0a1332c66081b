#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace grape::raft {

/// How long one group took, as one of its replicas sees it: to commit what it proposed, and to have
/// a leader again. Knows no clock; microseconds on any clock that does not run backwards. Not
/// thread-safe.
class group_times {
public:
  /// This replica leads and has appended an entry. One entry is followed at a time: a sample.
  void appended(log_index index, std::uint64_t now_us) noexcept {
    if (!followed_)
      followed_ = {index, now_us};
  }

  /// What the followed entry took, once `through` says that it is committed.
  std::optional<std::uint64_t> committed(log_index through, std::uint64_t now_us) noexcept {
    if (!followed_ || through < followed_->index)
      return std::nullopt;
    const auto took = now_us - followed_->since_us;
    followed_.reset();
    return took;
  }

  /// What this replica knows now. The time it knew of no leader, when that ends; not the time
  /// before it knew the first one.
  std::optional<std::uint64_t> stands(bool leads, bool has_leader, std::uint64_t now_us) noexcept {
    if (!leads)
      followed_.reset(); // It may be replaced.
    if (!has_leader) {
      if (met_one_ && !leaderless_since_us_)
        leaderless_since_us_ = now_us;
      return std::nullopt;
    }
    met_one_ = true;
    const auto since_us = std::exchange(leaderless_since_us_, std::nullopt);
    return since_us ? std::optional{now_us - *since_us} : std::nullopt;
  }

private:
  struct followed_entry {
    log_index index;
    std::uint64_t since_us = 0;
  };

  std::optional<followed_entry> followed_;
  std::optional<std::uint64_t> leaderless_since_us_;
  bool met_one_ = false;
};

} // namespace grape::raft
