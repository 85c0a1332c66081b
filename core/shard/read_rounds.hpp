#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace grape::shard {

/// Reads that wait for a ReadIndex, in rounds. An index speaks only for reads that had come when it
/// was asked for; so one round is under way at a time, and who comes meanwhile shares the next.
/// Knows no clock; not thread-safe.
template <class T>
class read_rounds {
public:
  explicit read_rounds(std::size_t places = 4'096)
    : places_(places) {}

  /// Of either round.
  bool full() const noexcept { return asking_.size() + next_.size() >= places_; }

  /// Needs !full().
  void join(T one) { next_.push_back(std::move(one)); }

  /// True: a round begins, ask for an index now. False: one is under way, or nobody waits.
  bool start() {
    if (under_way_ || next_.empty())
      return false;
    under_way_ = true;
    asking_.swap(next_);
    return true;
  }

  /// The round has its index, or failed: those whom that concerns, in order of arrival. Needs a
  /// round under way; then it is time to `start` again.
  std::vector<T> finish() {
    under_way_ = false;
    return std::exchange(asking_, {});
  }

  /// Everybody, also who shares a round that is under way.
  std::vector<T> take_all() {
    auto all = std::exchange(asking_, {});
    for (auto& one : next_)
      all.push_back(std::move(one));
    next_.clear();
    return all;
  }

private:
  std::size_t places_;
  bool under_way_ = false;
  std::vector<T> asking_;
  std::vector<T> next_;
};

} // namespace grape::shard
