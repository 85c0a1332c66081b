#pragma once

#include "core/raft/digest.hpp"
#include "core/raft/output.hpp"
#include "core/raft/stable_log.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace grape::raft {

/// Where two logs may still agree; term 0 = unknown (compacted away).
struct log_place {
  log_index index;
  grape::term term;
};

/// One replica's log as the peer sees it: the durable part (stable_log), and in memory the newest
/// entries. Each of these remembers the last write that was asked to hold it, so a write that was
/// asked for earlier can never pass for the one that counts. Those that are durable already stay as
/// a bounded cache. Not thread-safe; copyable.
class log {
public:
  /// `stable` must outlive the log. `cached_bytes_max` bounds the durable entries in memory.
  log(const stable_log& stable, std::size_t cached_bytes_max);

  log_index first() const; ///< One after the snapshot.
  log_index last() const noexcept;
  grape::term last_term() const;
  log_index commit() const noexcept { return commit_; }
  log_index durable() const noexcept { return durable_; } ///< 0 while a snapshot is unwritten.

  /// Of every entry and of the snapshot; nothing outside.
  std::optional<grape::term> term_at(log_index index) const;
  bool has(log_index index, grape::term term) const { return term_at(index) == term; }

  /// Whether a candidate whose log ends so may lead us (Raft 5.4.1).
  bool is_behind_or_at(log_index index, grape::term term) const;

  /// The largest index at or below `index` whose term is at most `term`.
  log_place agreement(log_index index, grape::term term) const;

  /// As many of first..through as fit, at least one; nothing if the disk fails.
  std::vector<entry> entries(log_index first, log_index through, std::size_t bytes_max) const;

  /// Calls `visit` with each of first..through; stops where the disk fails.
  template <class Visit>
  void each(log_index first, log_index through, Visit&& visit) const;

  void append(entry next); ///< A leader's own; its index is last() + 1.

  /// A leader's entries, contiguous, behind one that both logs have. Cuts only what conflicts.
  void append_received(std::span<entry> received);

  void raise_commit(log_index to); ///< Never lowers it.

  /// Forgets everything and goes on behind `mark`, which is committed.
  void restore(std::shared_ptr<const snapshot_mark> mark);
  const snapshot_mark* unwritten_snapshot() const noexcept { return restored_.get(); }

  bool has_unwritten() const noexcept; ///< Something was not handed out for writing yet.
  void hand_out(write& into);          ///< Adds all of that to a write that has its token.
  void written(write_token token);     ///< That write, and all before it, are durable.
  void compacted(log_index through);   ///< The stable part begins behind it now.

  std::size_t bytes_in_memory() const noexcept { return cached_bytes_; } ///< Of durable entries.
  void mix_into(digest& whole, write_token newest) const;

private:
  struct kept_entry {
    entry what;
    write_token held_by; ///< 0: not handed out yet.
  };

  static std::size_t cost(const kept_entry& of) noexcept;
  const kept_entry& kept(log_index index) const;
  void truncate_from(log_index index);
  void shrink_cache();

  const stable_log* stable_;
  std::size_t cached_bytes_max_;
  std::deque<kept_entry> kept_; ///< From kept_first_ to the end of the log.
  log_index kept_first_;
  log_index durable_;
  log_index commit_;
  std::size_t cached_bytes_ = 0; ///< Cost of kept entries that are durable.
  std::shared_ptr<const snapshot_mark> restored_; ///< Until its write is done.
  write_token restored_by_;                       ///< 0: not handed out yet.
};

template <class Visit>
void log::each(log_index first, log_index through, Visit&& visit) const {
  constexpr std::size_t read_bytes = 1u << 20;
  auto at = first;
  while (at <= through && at < kept_first_) {
    const auto read = stable_->entries(at, std::min(through, log_index{kept_first_.value - 1}),
                                       read_bytes);
    if (read.empty())
      return;
    for (const auto& one : read)
      visit(one);
    at = read.back().index.next();
  }
  for (; at <= through && at <= last(); at = at.next())
    visit(kept(at).what);
}

} // namespace grape::raft
