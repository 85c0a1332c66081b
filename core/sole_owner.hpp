#pragma once

#include <atomic>
#include <memory>

namespace grape {

/// Whether nobody else shares the object, so that it may be changed in place. To be asked by the
/// one thread that hands out copies of `shared`: then a count of one cannot rise behind its back.
template <class T>
bool is_sole_owner(const std::shared_ptr<T>& shared) noexcept {
  if (shared.use_count() > 1)
    return false;
  // Pairs with the release in the last reader's drop: its reads are over before we write.
#ifdef __SANITIZE_THREAD__
  // The thread sanitizer does not see fences; a copy acquires the same counter.
  const auto acquires = shared;
#else
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
  return true;
}

} // namespace grape
