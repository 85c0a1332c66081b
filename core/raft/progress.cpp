#include "core/raft/progress.hpp"

#include <algorithm>
#include <utility>

namespace grape::raft {

void inflight_window::add(log_index last, std::size_t bytes) {
  if (count_ == ring_.size())
    grow();
  at(count_) = {last, bytes};
  ++count_;
  bytes_ += bytes;
}

void inflight_window::extend_newest(log_index last, std::size_t more_bytes) {
  auto& newest = at(count_ - 1);
  newest.last = last;
  newest.bytes += more_bytes;
  bytes_ += more_bytes;
}

void inflight_window::free_through(log_index acked) noexcept {
  while (count_ > 0 && at(0).last <= acked) {
    bytes_ -= at(0).bytes;
    begin_ = (begin_ + 1) % ring_.size();
    --count_;
  }
}

void inflight_window::clear() noexcept {
  begin_ = count_ = bytes_ = 0;
}

bool inflight_window::full(const options& limits) const noexcept {
  return count_ >= limits.inflight_max
         || (limits.inflight_bytes_max != 0 && bytes_ >= limits.inflight_bytes_max);
}

void inflight_window::grow() {
  std::vector<sent_append> larger(std::max<std::size_t>(4, ring_.size() * 2));
  for (std::size_t i = 0; i < count_; ++i)
    larger[i] = at(i);
  ring_ = std::move(larger);
  begin_ = 0;
}

inflight_window::sent_append& inflight_window::at(std::size_t position) noexcept {
  return ring_[(begin_ + position) % ring_.size()];
}

bool progress::paused() const noexcept {
  return state == progress_state::snapshot || held_back;
}

void progress::become_probe() {
  // After a snapshot its end is where the follower's log should end.
  const auto behind = state == progress_state::snapshot ? std::max(match, pending_snapshot) : match;
  state = progress_state::probe;
  next = behind.next();
  pending_snapshot = {};
  held_back = false;
  commit_told = std::min(commit_told, behind);
  open_append = 0;
  window.clear();
}

void progress::become_replicate() {
  become_probe();
  state = progress_state::replicate;
  next = match.next();
}

void progress::become_snapshot(log_index index) {
  become_probe();
  state = progress_state::snapshot;
  pending_snapshot = index;
  commit_told = index;
}

bool progress::acked(log_index index) {
  if (index <= match)
    return false;
  match = index;
  next = std::max(next, match.next());
  held_back = false;
  return true;
}

bool progress::refused(log_index index, log_index hint) {
  // A stale refusal changes nothing, and match never falls.
  if (state == progress_state::snapshot || index <= match)
    return false;
  if (state == progress_state::replicate) {
    become_probe(); // What was in flight is lost or refused, too; match is certain.
    return true;
  }
  if (index.next() != next)
    return false;
  next = std::max(std::min(index, hint.next()), match.next());
  commit_told = std::min(commit_told, log_index{next.value - 1});
  held_back = false;
  return true;
}

void progress::sent(std::size_t count, std::size_t bytes, const options& limits) {
  if (state == progress_state::probe) {
    held_back = true; // One at a time.
    return;
  }
  if (count > 0) {
    next = log_index{next.value + count};
    window.add(log_index{next.value - 1}, bytes);
  }
  // When full, this append is the last until an answer comes.
  held_back = window.full(limits);
}

void progress::extended(std::size_t bytes, bool was_empty, const options& limits) {
  if (was_empty || window.count() == 0)
    window.add(next, bytes);
  else
    window.extend_newest(next, bytes);
  next = next.next();
  open_bytes += bytes;
  held_back = window.full(limits);
}

} // namespace grape::raft
