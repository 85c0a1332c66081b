#pragma once

#include "core/raft/message.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/storm.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace grape::simulation {

enum class partition_kind : std::uint8_t { one, halves, bridge, ring, one_way, kinds, links };

/// As it stands in the enumeration.
std::string_view to_string(partition_kind kind) noexcept;

/// The ways between the nodes, each direction on its own. Knows no messages, only when they arrive.
/// Nodes are numbered from 0.
class network {
public:
  network(const storm& how, std::uint64_t seed);

  void grow(std::size_t nodes);

  struct arrivals {
    std::array<instant, 2> at{};
    std::size_t count = 0; ///< 0: lost; 2: delivered twice.
  };
  /// Counts each arrival as under way until `arrived`.
  arrivals send(std::uint32_t from, std::uint32_t to, raft::message_kind kind, instant now);

  /// False if a partition swallows it at the last moment.
  bool arrived(std::uint32_t from, std::uint32_t to, raft::message_kind kind);

  bool blocked(std::uint32_t from, std::uint32_t to) const;

  partition_kind partition();
  void isolate(std::uint32_t node);
  void clog(instant until);
  void heal();
  /// No loss, no delay beyond the least from now on.
  void calm();

private:
  struct way {
    bool blocked = false;
    std::uint32_t blocked_kinds = 0; ///< Bits by message_kind.
    std::uint32_t under_way = 0;
    instant clogged_until = 0;
    instant last_arrival = 0;
  };

  way& at(std::uint32_t from, std::uint32_t to) { return ways_[from * nodes_ + to]; }
  const way& at(std::uint32_t from, std::uint32_t to) const { return ways_[from * nodes_ + to]; }
  void block_sides(const std::vector<std::uint32_t>& side, std::uint32_t bridge);
  void block_ring(const std::vector<std::uint32_t>& order);
  void block_some_links();

  storm how_;
  chance luck_;
  std::size_t nodes_ = 0;
  std::vector<way> ways_;
};

} // namespace grape::simulation
