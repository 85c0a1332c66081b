#pragma once

#include "core/ids.hpp"
#include "core/request/options.hpp"

#include <algorithm>

namespace grape::shard {

/// Which state of the shard a read must see. A write is acknowledged when it is in the log, which
/// may be before it is visible: a linearizable read waits for the difference.
class read_fence {
public:
  /// A client was told that this entry holds.
  void acknowledged(log_index index) noexcept { acknowledged_ = std::max(acknowledged_, index); }

  /// The state that can be read now has everything up to here.
  void visible(log_index through) noexcept { visible_ = std::max(visible_, through); }

  /// The oldest state that answers a read of this level arriving now.
  log_index needed_by(read_level level) const noexcept {
    return level == read_level::eventual ? log_index{} : acknowledged_;
  }

  /// Can a read that needs `needed` be answered now?
  bool open_for(log_index needed) const noexcept { return needed <= visible_; }

  log_index acknowledged_through() const noexcept { return acknowledged_; }

private:
  log_index acknowledged_;
  log_index visible_;
};

} // namespace grape::shard
