#pragma once

#include "core/ids.hpp"
#include "core/request/optimizations.hpp"
#include "core/shard/segment_policy.hpp"

#include <span>
#include <string>
#include <vector>

namespace grape::shard {

/// The parts of one vector field's index, and what bounds the work on them.
struct field_parts {
  std::string field;
  std::vector<part_figures> parts;
  segment_policy_options policy;
};

/// A piece of background work as whoever watches sees it.
struct job_sketch {
  std::string field;
  segment_task task = segment_task::seal;
  segment_id product;
  std::vector<part_figures> inputs; ///< Their bytes are not told.
};

/// The name of a segment for the world: of its own, and the same at each question.
std::string segment_uuid(group_id group, std::string_view field, segment_id segment);

/// How `work` on a field of `group` is told once it begins.
optimization begun(group_id group, const job_sketch& work);

/// Adds the parts of one shard to `told`: those that the running ones of `told` work on are left
/// out, the others are queued as the policy would plan them when all is quiet, or idle.
void add_parts(optimizations& told, group_id group, std::span<const field_parts> fields);

} // namespace grape::shard
