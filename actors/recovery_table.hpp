#pragma once

#include <cstdint>
#include <mutex>
#include <set>

namespace grape::actors {

/// The recoveries on which this start of the node works, by number. Thread-safe.
class recovery_table {
public:
  /// The number of one that begins: it is worked on until `end`.
  std::uint64_t begin() {
    const std::lock_guard guard{mutex_};
    working_.insert(++last_);
    return last_;
  }

  void end(std::uint64_t number) {
    const std::lock_guard guard{mutex_};
    working_.erase(number);
  }

  std::set<std::uint64_t> working() const {
    const std::lock_guard guard{mutex_};
    return working_;
  }

private:
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::set<std::uint64_t> working_;
};

} // namespace grape::actors
