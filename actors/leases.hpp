#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace grape::actors {

/// The right to have a path open. Held by a machine and by every view made from it.
struct path_lease {};

/// Sees to it that no path is open twice: a renewed STORAGE waits here for the last view of the
/// fallen one. Thread-safe.
class lease_table {
public:
  /// The lease, or null while somebody still holds it.
  std::shared_ptr<path_lease> take(const std::string& path) {
    const std::lock_guard guard{mutex_};
    auto& held = held_[path];
    if (!held.expired())
      return nullptr;
    auto lease = std::make_shared<path_lease>();
    held = lease;
    return lease;
  }

  bool is_free(const std::string& path) const {
    const std::lock_guard guard{mutex_};
    const auto at = held_.find(path);
    return at == held_.end() || at->second.expired();
  }

  void forget(const std::string& path) {
    const std::lock_guard guard{mutex_};
    const auto at = held_.find(path);
    if (at != held_.end() && at->second.expired())
      held_.erase(at);
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::weak_ptr<path_lease>> held_;
};

/// A value that keeps something else alive, and is destroyed before it lets go.
template <class T, class Kept>
std::shared_ptr<T> keeping(std::shared_ptr<T> value, std::shared_ptr<Kept> kept) {
  struct both {
    std::shared_ptr<Kept> kept;
    std::shared_ptr<T> value; // Declared last: goes first.
  };
  auto* raw = value.get();
  auto holder = std::make_shared<both>(both{std::move(kept), std::move(value)});
  return {std::move(holder), raw};
}

} // namespace grape::actors
