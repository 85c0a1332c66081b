#pragma once

#include "core/request/options.hpp"
#include "core/shard/read_fence.hpp"
#include "core/shard/view.hpp"

#include <memory>

namespace grape::shard {

/// What a shard can show of itself at one moment, so that most reads need not ask at its door.
struct shown_state {
  std::shared_ptr<const view> newest; ///< Null: there is nothing to read from.
  read_fence fence;
  bool indexing = false; ///< Background work on the vector indexes is under way.

  /// The view that answers a read of this level arriving now; null: it must wait at the door.
  std::shared_ptr<const view> view_for(read_level level) const {
    return fence.open_for(fence.needed_by(level)) ? newest : nullptr;
  }
};

} // namespace grape::shard
