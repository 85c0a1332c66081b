#pragma once

#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace grape::actors {

/// Who plays which role on this node right now. A renewed actor writes itself in under the name of
/// the fallen one, so nobody has to be told. Thread-safe.
class switchboard {
public:
  /// Every actor does this first of all, before it looks for others.
  void put(const std::string& role, caf::strong_actor_ptr who) {
    const std::lock_guard guard{mutex_};
    roles_[role] = std::move(who);
  }

  /// The actor, possibly fallen meanwhile; an invalid handle if nobody ever played the role.
  template <class Handle>
  Handle get(const std::string& role) const {
    return caf::actor_cast<Handle>(find(role));
  }

  void erase(const std::string& role) {
    const std::lock_guard guard{mutex_};
    roles_.erase(role);
  }

  /// Everybody whose role begins so.
  template <class Visit>
  void for_each(const std::string& prefix, Visit&& visit) const {
    std::map<std::string, caf::strong_actor_ptr> found;
    {
      const std::lock_guard guard{mutex_};
      for (auto at = roles_.lower_bound(prefix);
           at != roles_.end() && at->first.starts_with(prefix); ++at)
        found.insert(*at);
    }
    for (const auto& [role, who] : found)
      visit(role, who);
  }

  /// At the very end: breaks the cycle between actors and the house they share.
  void clear() {
    std::map<std::string, caf::strong_actor_ptr> dropped;
    const std::lock_guard guard{mutex_};
    dropped.swap(roles_);
  }

private:
  caf::strong_actor_ptr find(const std::string& role) const {
    const std::lock_guard guard{mutex_};
    const auto at = roles_.find(role);
    return at == roles_.end() ? nullptr : at->second;
  }

  mutable std::mutex mutex_;
  std::map<std::string, caf::strong_actor_ptr> roles_;
};

} // namespace grape::actors
