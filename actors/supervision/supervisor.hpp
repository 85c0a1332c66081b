#pragma once

#include "actors/interfaces.hpp"
#include "core/supervision/family.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace grape::actors {

/// A child and how to start it. Starting returns at once; a child that cannot do its work falls.
struct child_plan {
  supervision::child_spec spec;
  bool is_floor = false; ///< True: a supervisor_actor.
  std::function<caf::actor(caf::actor_system&)> start;
};

/// One floor of the tree of care, as data.
struct floor_plan {
  std::string name;
  supervision::strategy how = supervision::strategy::one_for_one;
  supervision::intensity limit;
  std::vector<child_plan> children;             ///< Those it starts with, in order.
  std::function<void(supervisor_actor)> opened; ///< Called by the actor itself, first of all.
  std::function<void()> renewed; ///< Called for each child started again.
};

/// Keeps one floor. On an orderly exit message it stops its children youngest first, awaiting
/// each, then ends; when killed, its children are killed with it.
supervisor_actor spawn_supervisor(caf::actor_system& system, floor_plan plan);

/// Spawns an actor on a thread of its own, or not where a test hosts it by hand.
template <class Fun, class... Args>
auto spawn_detached(caf::actor_system& system, bool detached, Fun fun, Args&&... args) {
  return detached ? system.spawn<caf::detached>(fun, std::forward<Args>(args)...)
                  : system.spawn(fun, std::forward<Args>(args)...);
}

} // namespace grape::actors
