#include "core/raft/compaction.hpp"

#include <algorithm>

namespace grape::raft {

log_index compact_through(const peer_status& of, log_index applied_durable,
                          const compaction_options& options) {
  const auto begins_after = of.first.value - 1;
  const auto end = std::min(applied_durable.value, of.applied.value);
  auto through = end - std::min(end, options.kept_min);
  for (const auto& member : of.progress)
    through = std::min(through, member.match.value);
  through = std::max(through, end - std::min(end, options.kept_max));
  if (through < begins_after + options.step_min)
    return log_index{begins_after};
  return log_index{through};
}

} // namespace grape::raft
