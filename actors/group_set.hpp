#pragma once

#include "core/ids.hpp"

#include <mutex>
#include <set>

namespace grape::actors {

/// Thread-safe.
class group_set {
public:
  void add(group_id group) {
    const std::lock_guard guard{mutex_};
    groups_.insert(group);
  }

  void remove(group_id group) {
    const std::lock_guard guard{mutex_};
    groups_.erase(group);
  }

  std::set<group_id> all() const {
    const std::lock_guard guard{mutex_};
    return groups_;
  }

private:
  mutable std::mutex mutex_;
  std::set<group_id> groups_;
};

/// Of an actor of one group that TICKER is to beat only while something waits for it.
class wish_for_beats {
public:
  void attach(group_set& those_who_wish, group_id group) {
    all_ = &those_who_wish;
    group_ = group;
  }

  /// Needs `attach` before.
  void set(bool wished) {
    if (wished != wished_)
      wished ? all_->add(group_) : all_->remove(group_);
    wished_ = wished;
  }

private:
  group_set* all_ = nullptr;
  group_id group_;
  bool wished_ = false;
};

} // namespace grape::actors
