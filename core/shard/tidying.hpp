#pragma once

#include "core/shard/segment_policy.hpp"

#include <cstdint>

namespace grape::shard {

/// Whether somebody asked for an index without dead rows, and is still to be served. It comes to
/// an end also while points are deleted all the time. Not thread-safe.
class tidying {
public:
  /// Begins, or begins anew.
  void ask() noexcept { jobs_left_ = jobs_max; }

  bool asked() const noexcept { return jobs_left_ > 0; }

  /// How the next job is to be planned.
  pace pace_of(pace otherwise) const noexcept { return asked() ? pace::thorough : otherwise; }

  /// A job was planned at that pace. Without one there is nothing left to do.
  void planned(bool found) noexcept {
    if (asked())
      jobs_left_ = found ? jobs_left_ - 1 : 0;
  }

private:
  /// More than parts an index has, for a field or two.
  static constexpr std::uint32_t jobs_max = 32;

  std::uint32_t jobs_left_ = 0;
};

} // namespace grape::shard
