#include "core/raft/roles.hpp"

#include <algorithm>

namespace grape::raft {

void ballot::record(replica_id which, bool granted) {
  if (find(which) == nullptr)
    answers_.push_back({which, granted});
}

vote_result ballot::result(const configuration& members) const {
  return count_votes(members, [this](replica_id which) -> std::optional<bool> {
    if (const auto* found = find(which))
      return found->granted;
    return std::nullopt;
  });
}

const ballot::answer* ballot::find(replica_id which) const noexcept {
  for (const auto& one : answers_)
    if (one.which == which)
      return &one;
  return nullptr;
}

progress* leader::find(replica_id which) noexcept {
  for (auto& one : members)
    if (one.which == which)
      return &one;
  return nullptr;
}

const progress* leader::find(replica_id which) const noexcept {
  for (const auto& one : members)
    if (one.which == which)
      return &one;
  return nullptr;
}

} // namespace grape::raft
