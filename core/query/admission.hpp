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
  std::uint64_t crowd_wait_us_max = 200'000;
  std::uint64_t calm_us = 100'000; ///< So long nobody was refused before a flood is over.
};

/// Which reads a node lets in. Clients that ask again once they were answered never become more:
/// such a crowd is let in whole, and each waits for the others. When more come than that, they come
/// faster than they can be served. A queue that never empties only makes everybody wait, so from
/// then on, until nobody waits and nobody has been refused for a while, it is kept as short as
/// keeps all places busy, and whoever has waited in it for too long is refused when the turn comes
/// (a standing queue is what CoDel acts on: Nichols and Jacobson, "Controlling Queue Delay", 2012).
/// The wait is what is inside times what one search has cost lately. Knows no clock: `now_us` is
/// given, and never runs backwards. Not thread-safe.
class admission {
public:
  explicit admission(admission_limits limits);

  /// Whether the next read is let in. If not, that counts as a refusal.
  bool is_open(std::uint64_t now_us);

  /// Lets one read of so many searches in (at least 1), or not: then it is not counted.
  bool enter(std::uint64_t now_us, std::size_t searches = 1);

  /// Whether a read that was let in at `entered_us` and has its turn now has waited for so long
  /// that others are better served. If so, that counts as a refusal.
  bool is_stale(std::uint64_t entered_us, std::uint64_t now_us);

  /// A read that was let in at `entered_us` has its answer.
  void leave(std::uint64_t entered_us, std::uint64_t now_us, std::size_t searches = 1);

  /// A read that was let in goes without having been served.
  void give_up(std::size_t searches = 1);

  /// Reads.
  std::size_t inside() const noexcept { return inside_; }

  /// Microseconds between two searches of a busy node, lately; 0: not known yet.
  double interval_us() const noexcept { return interval_us_; }

private:
  double wait_us() const noexcept;
  bool is_short() const noexcept;
  bool is_crowd() const noexcept;
  bool is_calm(std::uint64_t now_us) const noexcept;
  void learn(double interval_us, std::size_t searches);

  admission_limits limits_;
  std::size_t inside_ = 0;
  std::size_t searches_ = 0;       // Of those inside.
  bool flooded_ = false;           // More than a crowd came, and that may not be over.
  double interval_us_ = 0;
  bool known_ = false;             // interval_us_ is more than a guess.
  bool busy_ = false;              // All places have been taken since the last answer.
  std::uint64_t last_left_us_ = 0; // Of that answer.
  std::uint64_t last_refused_us_ = 0;
};

} // namespace grape::query
