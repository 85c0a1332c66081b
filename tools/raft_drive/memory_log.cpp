#include "tools/raft_drive/memory_log.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft_drive {

memory_log::memory_log(raft::snapshot_mark snapshot, std::vector<raft::entry> entries)
  : applied(snapshot.index)
  , members(snapshot.members)
  , snapshot_(std::move(snapshot))
  , entries_(std::move(entries)) {
}

log_index memory_log::last() const {
  return log_index{snapshot_.index.value + entries_.size()};
}

std::optional<grape::term> memory_log::term_at(log_index index) const {
  if (index < snapshot_.index || index > last())
    return std::nullopt;
  if (index == snapshot_.index)
    return snapshot_.term;
  return entries_[index.value - snapshot_.index.value - 1].term;
}

std::vector<raft::entry> memory_log::entries(log_index first, log_index last,
                                             std::size_t bytes_max) const {
  std::vector<raft::entry> found;
  std::size_t bytes = 0;
  for (auto at = first; at <= std::min(last, this->last()); at = at.next()) {
    const auto& next = entries_[at.value - snapshot_.index.value - 1];
    bytes += next.bytes();
    if (!found.empty() && bytes > bytes_max)
      break;
    found.push_back(next);
  }
  return found;
}

void memory_log::complete(const raft::write& done) {
  state = done.state;
  if (done.snapshot)
    restart_behind(*done.snapshot);
  if (done.entries.empty())
    return;
  const auto first = done.entries.front().index;
  GRAPE_CHECK(first > snapshot_.index && first <= last().next());
  entries_.resize(first.value - snapshot_.index.value - 1);
  entries_.insert(entries_.end(), done.entries.begin(), done.entries.end());
}

void memory_log::restart_behind(const raft::snapshot_mark& mark) {
  if (term_at(mark.index) == mark.term) {
    const auto known = mark.index.value - snapshot_.index.value;
    entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(known));
  } else {
    entries_.clear();
  }
  snapshot_ = mark;
  if (mark.index > applied) {
    applied = mark.index;
    members = mark.members;
  }
}

void memory_log::compact(log_index through, const raft::configuration& members_then) {
  const auto term = term_at(through);
  GRAPE_CHECK(term && through > snapshot_.index);
  const auto known = through.value - snapshot_.index.value;
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(known));
  snapshot_ = {through, *term, members_then};
}

} // namespace grape::raft_drive
