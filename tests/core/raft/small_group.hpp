#pragma once

#include "tools/raft_drive/node.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace grape::testing {

inline constexpr replica_id n1{1};
inline constexpr replica_id n2{2};
inline constexpr replica_id n3{3};

inline raft::payload bytes(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

inline raft::configuration voters(std::uint64_t count) {
  raft::configuration members;
  for (std::uint64_t i = 1; i <= count; ++i)
    members.voters.emplace_back(i);
  return members;
}

/// A group on disks in memory. Messages that `passes` refuses are lost.
class small_group {
public:
  small_group(const raft::configuration& members, raft::options how) {
    for (const auto which : members.members()) {
      how.self = which;
      how.seed = which.value;
      nodes_.try_emplace(which, how, raft_drive::memory_log{{{}, {}, members}, {}});
    }
  }

  raft::peer& operator[](replica_id which) { return *nodes_.at(which).peer(); }
  raft_drive::node& node(replica_id which) { return nodes_.at(which); }

  /// All work and deliveries until nothing moves.
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      std::vector<raft::message> wire;
      for (auto& [which, one] : nodes_) {
        moved = moved || one.has_ready() || one.queued_writes() > 0;
        take(one.ready(), wire);
        take(one.persist(std::numeric_limits<std::size_t>::max()), wire);
        moved = one.apply() || moved;
      }
      for (auto& message : wire)
        if (nodes_.contains(message.to) && (!passes || passes(message)))
          (*this)[message.to].step(std::move(message));
    }
  }

  void tick_all(int times = 1) {
    for (; times > 0; --times) {
      for (auto& [which, one] : nodes_)
        one.tick();
      settle();
    }
  }

  std::function<bool(const raft::message&)> passes;

private:
  static void take(std::vector<raft::message> from, std::vector<raft::message>& into) {
    for (auto& one : from)
      into.push_back(std::move(one));
  }

  std::map<replica_id, raft_drive::node> nodes_;
};

} // namespace grape::testing
