#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace grape::actors {

/// The pieces of one job, which several threads take in turn: one caller, and helpers that may come
/// late or never. Outlives them all. What is not a function is protected by `mutex`, but for
/// `next`.
struct shared_work {
  using piece = std::function<void(std::size_t)>;

  explicit shared_work(std::size_t pieces)
    : count(pieces) {}

  bool all_taken() const noexcept { return next >= count; }

  /// Does one piece. False: none is left.
  bool do_one(const piece& job) {
    const auto i = next++;
    if (i >= count)
      return false;
    try {
      job(i);
      return true;
    } catch (...) {
      next = count;
      const std::lock_guard guard{mutex};
      if (!failed)
        failed = std::current_exception();
      return false;
    }
  }

  void do_all(const piece& job) {
    while (do_one(job)) {}
  }

  /// A helper counts itself in while the caller still waits, for the job is the caller's. False:
  /// nothing is left, and the caller may be gone.
  bool begin_help() {
    const std::lock_guard guard{mutex};
    if (all_taken())
      return false;
    ++running;
    return true;
  }

  void end_help() {
    const std::lock_guard guard{mutex};
    --running;
    changed.notify_all();
  }

  /// What the first piece threw that did. Called by the caller when nobody works any more.
  void rethrow() {
    if (failed)
      std::rethrow_exception(std::exchange(failed, nullptr));
  }

  const std::size_t count;
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t running = 0; ///< Helpers that may touch the caller's job.
  std::exception_ptr failed;
};

} // namespace grape::actors
