#pragma once

#include "core/ids.hpp"
#include "core/index/segment.hpp"
#include "core/request/optimizations.hpp"
#include "core/status.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace grape::actors {

/// What INDEXERs do and did, for whoever watches. Thread-safe.
class index_works {
public:
  /// `of` of the group begins; at most one of each group runs.
  void begin(group_id group, optimization of,
             std::shared_ptr<const index::build_progress> progress) {
    const std::lock_guard guard{mutex_};
    running_[group] = {std::move(of), std::move(progress)};
  }

  /// What runs of the group has ended so. Fine if nothing runs.
  void end(group_id group, const status& how, std::uint64_t unix_ms) {
    const std::lock_guard guard{mutex_};
    const auto at = running_.find(group);
    if (at == running_.end())
      return;
    auto done = now(at->second);
    running_.erase(at);
    done.now = how.ok()                      ? optimization::state::done
               : how.code == errc::cancelled ? optimization::state::cancelled
                                             : optimization::state::failed;
    done.why = how.detail;
    done.finished_unix_ms = unix_ms;
    completed_.push_front({group, std::move(done)});
    if (completed_.size() > completed_max)
      completed_.pop_back();
  }

  /// Adds what runs, and what ended, the newest first.
  template <class Groups>
  void tell(const Groups& groups, optimizations& to) const {
    const std::lock_guard guard{mutex_};
    for (const auto group : groups)
      if (const auto at = running_.find(group); at != running_.end())
        to.running.push_back(now(at->second));
    for (const auto& [group, done] : completed_)
      if (std::find(groups.begin(), groups.end(), group) != groups.end())
        to.completed.push_back(done);
  }

private:
  static constexpr std::size_t completed_max = 1'000; ///< Of all groups.

  struct work {
    optimization what;
    std::shared_ptr<const index::build_progress> progress;
  };

  static optimization now(const work& of) {
    auto told = of.what;
    told.rows_done = of.progress->rows_done;
    return told;
  }

  mutable std::mutex mutex_;
  std::map<group_id, work> running_;
  std::deque<std::pair<group_id, optimization>> completed_;
};

} // namespace grape::actors
