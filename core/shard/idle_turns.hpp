#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace grape::shard {

/// Thousands of groups that have nothing to do are looked at now and then, in case that they were
/// forgotten: each once in so many beats, some in each. Not thread-safe.
class idle_turns {
public:
  /// `beats` > 0.
  explicit idle_turns(std::size_t beats)
    : turns_(beats) {
  }

  /// Which groups there are, in place of those of before.
  template <class Groups>
  void are(const Groups& all) {
    for (auto& each : turns_)
      each.clear();
    for (const auto group : all)
      turns_[group.value % turns_.size()].insert(group);
  }

  /// Those whose turn is at this beat, the one after the last that was asked about.
  const std::set<group_id>& next() { return turns_[++beat_ % turns_.size()]; }

private:
  std::vector<std::set<group_id>> turns_; // The groups of each beat.
  std::uint64_t beat_ = 0;
};

} // namespace grape::shard
