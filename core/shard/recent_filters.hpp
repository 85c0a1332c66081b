#pragma once

#include "core/payload/filter.hpp"
#include "core/slot_set.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace grape::shard {

/// The slots that a filter admits, and how many there are.
struct admitted_slots {
  slot_set slots;
  std::size_t count = 0;
};

/// The last few filters resolved against one view: a client that asks the same filter again and
/// again pays for it once per change of the data. Thread-safe.
class recent_filters {
public:
  /// Null if the filter was not asked lately.
  std::shared_ptr<const admitted_slots> find(const payload::filter& wanted) {
    const std::lock_guard guard{mutex_};
    for (const auto& [asked, answer] : entries_)
      if (asked == wanted)
        return answer;
    return nullptr;
  }

  void keep(const payload::filter& wanted, std::shared_ptr<const admitted_slots> answer) {
    const std::lock_guard guard{mutex_};
    if (entries_.size() == entries_max)
      entries_.erase(entries_.begin());
    entries_.emplace_back(wanted, std::move(answer));
  }

private:
  static constexpr std::size_t entries_max = 8;

  std::mutex mutex_;
  std::vector<std::pair<payload::filter, std::shared_ptr<const admitted_slots>>> entries_;
};

} // namespace grape::shard
