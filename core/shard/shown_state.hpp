#pragma once

#include "core/request/options.hpp"
#include "core/shard/read_fence.hpp"
#include "core/shard/view.hpp"
#include "core/status.hpp"

#include <memory>

namespace grape::shard {

/// What a shard can show of itself at one moment, so that most reads need not ask at its door.
struct shown_state {
  std::shared_ptr<const view> newest; ///< Null: there is nothing to read from.
  read_fence fence;
  bool indexing = false;   ///< Background work on the vector indexes is under way.
  bool replicated = false; ///< There are, or will be, other replicas, which may know more.
  status missing;          ///< Not ok: why there is nothing to read from, and nothing soon.

  /// Whether a read of this level needs a ReadIndex of the shard's group, and then a view that has
  /// it: what was acknowledged here says nothing about what was acknowledged elsewhere.
  bool needs_index(read_level level) const noexcept {
    return replicated && level != read_level::eventual;
  }

  /// The view that answers a read of this level arriving now; null: it must wait at the door. One
  /// of several replicas that has not even got the schema yet has nothing to show, nor has one
  /// that did not see the end of a recovery.
  std::shared_ptr<const view> view_for(read_level level) const {
    if (needs_index(level) || !fence.open_for(fence.needed_by(level)))
      return nullptr;
    if (replicated && newest
        && (newest->schema().version == schema_version{} || newest->schema().filling))
      return nullptr;
    return newest;
  }

  /// The view that answers a read that was given this index; null: not yet. By the view itself:
  /// a replica that was renewed may show less than it did before.
  std::shared_ptr<const view> view_with(log_index index) const {
    return newest && newest->applied() >= index ? newest : nullptr;
  }
};

} // namespace grape::shard
