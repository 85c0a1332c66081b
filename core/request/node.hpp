#pragma once

#include "core/payload/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace grape {

/// One actor of the tree of care as `grapectl actors` shows it.
struct actor_report {
  std::string name;   ///< Role and place, e.g. "replica words/0".
  std::string parent; ///< Name of the floor above; empty for NODE.
  std::uint64_t restarts = 0;
  std::uint64_t mailbox = 0; ///< Messages waiting.
  std::string last_error;    ///< Why it fell last; empty = never.
};

struct list_actors_request {};

struct actor_tree {
  std::vector<actor_report> actors; ///< Parents before children.
};

/// Kills one actor by name, as a fault would. Served only when the node runs with test hooks.
struct kill_actor_request {
  std::string name;
};

struct node_status_request {};

/// What a single node can say about itself.
struct node_status {
  std::string node_id;
  std::string cluster_id;
  std::string version; ///< Grape's own version.
  bool ready = false;  ///< All local shards serve.
  std::uint64_t collections = 0;
  std::uint64_t shards = 0;
  std::uint64_t points = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t uptime_s = 0;
  std::vector<std::string> notes; ///< What the start had to repair or give up, in words.
};

struct metrics_request {
  bool per_collection = false; ///< True: answers are counted by collection, where they name one.
};

/// Prometheus text exposition format.
struct metrics_text {
  std::string text;
};

} // namespace grape
