#pragma once

#include "core/raft/output.hpp"

#include <utility>

namespace grape::simulation {

/// Performs whatever a replica wants done, in the one order that ARCHITECTURE.md writes down, with
/// a chance to crash wherever a process may die between two steps. `World` has `follow_log`,
/// `post`, `crash_point` (true: it is down now), `queue_write`, `hear` (what is read and who leads)
/// and `observe`, which judges at the end.
struct output_steps {
  template <class World, class Node>
  static void perform(World& of, Node& who) {
    while (who.up() && who.peer->has_output()) {
      auto out = who.peer->take_output();
      if (out.to_write)
        of.follow_log(who, *out.to_write);
      for (auto& each : out.messages)
        of.post(who, std::move(each));
      if (of.crash_point(who))
        return;
      if (out.to_write)
        of.queue_write(who, std::move(*out.to_write));
      of.hear(who, out);
      if (of.crash_point(who))
        return;
    }
    of.observe(who);
  }
};

} // namespace grape::simulation
