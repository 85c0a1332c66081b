#pragma once

#include <cstddef>
#include <cstdint>

namespace grape::query {

/// How many reads may be inside a node, and how long the last of them may be expected to wait.
struct admission_limits {
  std::size_t width = 1;  ///< Reads that are served at once: places; at least 1.
  std::size_t depth = 10; ///< Inside for each place, however long they take.
  std::uint64_t wait_us_max = 10'000;        ///< In a queue that stands.
  std::uint64_t burst_wait_us_max = 30'000;  ///< In one that nobody was refused from yet.
  std::size_t crowd = 64;                    ///< The same for no more than so many:
  std::uint64_t crowd_wait_us_max = 100'000;
};

/// Which reads a node lets in. Clients that ask again once they were answered never become more:
/// such a crowd is let in whole, and each waits for the others. When more come than that, they come
/// faster than they can be served. A queue that never empties only makes everybody wait, so from
/// then on, until nobody waits, it is kept as short as keeps all places busy (a standing queue is
/// what CoDel acts on: Nichols and Jacobson, "Controlling Queue Delay", 2012). The wait is what is
/// inside times what one read has cost lately. Knows no clock; not thread-safe.
class admission {
public:
  explicit admission(admission_limits limits);

  /// Whether the next read is let in.
  bool is_open();

  /// Lets one read in, or not: then it is not counted.
  bool enter();

  /// A read that was let in at `entered_us` has its answer. `now_us` never runs backwards.
  void leave(std::uint64_t entered_us, std::uint64_t now_us);

  std::size_t inside() const noexcept { return inside_; }

  /// Microseconds between two answers of a busy node, lately; 0: not known yet.
  double interval_us() const noexcept { return interval_us_; }

private:
  double wait_us() const noexcept;
  bool is_short() const noexcept;
  bool is_crowd() const noexcept;
  void learn(double interval_us);

  admission_limits limits_;
  std::size_t inside_ = 0;
  bool flooded_ = false;           // More than a crowd came, and somebody waits still.
  double interval_us_ = 0;
  bool known_ = false;             // interval_us_ is more than a guess.
  bool busy_ = false;              // All places have been taken since the last answer.
  std::uint64_t last_left_us_ = 0; // Of that answer.
};

} // namespace grape::query
