#include "core/raft/log.hpp"

#include "core/check.hpp"

#include <utility>

namespace grape::raft {

log::log(const stable_log& stable, std::size_t cached_bytes_max)
  : stable_(&stable)
  , cached_bytes_max_(cached_bytes_max)
  , kept_first_(stable.last().next())
  , durable_(stable.last()) {
}

log_index log::first() const {
  return (restored_ ? restored_->index : stable_->snapshot().index).next();
}

log_index log::last() const noexcept {
  return log_index{kept_first_.value + kept_.size() - 1};
}

grape::term log::last_term() const {
  return term_at(last()).value_or(grape::term{});
}

std::optional<grape::term> log::term_at(log_index index) const {
  if (index > last() || index.next() < first())
    return std::nullopt;
  if (index >= kept_first_)
    return kept(index).what.term;
  if (restored_)
    return restored_->term; // Nothing else lies below kept_first_ then.
  return stable_->term_at(index);
}

bool log::is_behind_or_at(log_index index, grape::term term) const {
  const auto own = last_term();
  return term > own || (term == own && index >= last());
}

log_place log::agreement(log_index index, grape::term term) const {
  auto low = log_index{first().value - 1};
  auto high = std::min(index, last());
  if (high < low || !term_at(low) || *term_at(low) > term)
    return {std::min(high, low), {}};
  while (low < high) { // Terms never fall along a log.
    const log_index middle{high.value - (high.value - low.value) / 2};
    const auto there = term_at(middle);
    if (there && *there <= term)
      low = middle;
    else
      high = log_index{middle.value - 1};
  }
  return {low, term_at(low).value_or(grape::term{})};
}

std::vector<entry> log::entries(log_index first, log_index through, std::size_t bytes_max) const {
  std::vector<entry> found;
  std::size_t bytes = 0;
  auto at = first;
  if (at < kept_first_) {
    const log_index stable_end{kept_first_.value - 1};
    found = stable_->entries(at, std::min(through, stable_end), bytes_max);
    if (found.empty() || found.back().index < stable_end)
      return found;
    for (const auto& one : found)
      bytes += one.bytes();
    at = kept_first_;
  }
  const auto end = std::min(through, last());
  for (; at <= end; at = at.next()) {
    const auto& next = kept(at).what;
    if (!found.empty() && bytes + next.bytes() > bytes_max)
      break;
    bytes += next.bytes();
    found.push_back(next);
  }
  return found;
}

void log::append(entry next) {
  GRAPE_CHECK(next.index == last().next());
  kept_.push_back({std::move(next), {}});
}

void log::append_received(std::span<entry> received) {
  // rule 13: what is there already stays, also when a late message ends before our log does; only
  // a real conflict cuts.
  std::size_t known = 0;
  while (known < received.size() && has(received[known].index, received[known].term))
    ++known;
  if (known == received.size())
    return;
  truncate_from(received[known].index);
  for (auto& next : received.subspan(known))
    append(std::move(next));
}

void log::truncate_from(log_index index) {
  GRAPE_CHECK(index > commit_); // Two leaders would have committed different entries.
  while (!kept_.empty() && last() >= index) {
    if (last() <= durable_)
      cached_bytes_ -= cost(kept_.back());
    kept_.pop_back();
  }
  if (index < kept_first_)
    kept_first_ = index;
  durable_ = std::min(durable_, log_index{index.value - 1});
}

void log::raise_commit(log_index to) {
  GRAPE_CHECK(to <= last());
  commit_ = std::max(commit_, to);
}

void log::restore(std::shared_ptr<const snapshot_mark> mark) {
  GRAPE_CHECK(mark->index > commit_);
  kept_.clear();
  cached_bytes_ = 0;
  kept_first_ = mark->index.next();
  durable_ = {};
  commit_ = mark->index;
  restored_ = std::move(mark);
  restored_by_ = {};
}

bool log::has_unwritten() const noexcept {
  return (!kept_.empty() && kept_.back().held_by == write_token{})
         || (restored_ && restored_by_ == write_token{});
}

void log::hand_out(write& into) {
  if (restored_ && restored_by_ == write_token{}) {
    restored_by_ = into.token;
    into.snapshot = *restored_;
  }
  auto from = kept_.size();
  while (from > 0 && kept_[from - 1].held_by == write_token{})
    --from;
  into.entries.reserve(kept_.size() - from);
  for (; from < kept_.size(); ++from) {
    kept_[from].held_by = into.token;
    into.entries.push_back(kept_[from].what);
  }
}

void log::written(write_token token) {
  if (restored_ && restored_by_ != write_token{} && restored_by_ <= token) {
    durable_ = restored_->index;
    restored_.reset();
  }
  if (restored_)
    return; // What comes behind it was asked for later still.
  while (durable_ < last()) {
    const auto& next = kept(durable_.next());
    // An older write held an entry that was replaced meanwhile: it proves nothing of this one.
    if (next.held_by == write_token{} || next.held_by > token)
      break;
    cached_bytes_ += cost(next);
    durable_ = durable_.next();
  }
  shrink_cache();
}

void log::compacted(log_index through) {
  while (!kept_.empty() && kept_first_ <= through && kept_first_ <= durable_) {
    cached_bytes_ -= cost(kept_.front());
    kept_.pop_front();
    kept_first_ = kept_first_.next();
  }
}

// Durable entries are kept for followers up to a limit only.
void log::shrink_cache() {
  while (cached_bytes_ > cached_bytes_max_ && !kept_.empty() && kept_first_ <= durable_) {
    cached_bytes_ -= cost(kept_.front());
    kept_.pop_front();
    kept_first_ = kept_first_.next();
  }
}

std::size_t log::cost(const kept_entry& of) noexcept {
  return sizeof(kept_entry) + of.what.bytes();
}

const log::kept_entry& log::kept(log_index index) const {
  return kept_[index.value - kept_first_.value];
}

} // namespace grape::raft
