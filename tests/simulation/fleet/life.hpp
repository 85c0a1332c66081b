#pragma once

#include "tests/simulation/fleet/modelled_fleet.hpp"
#include "tests/simulation/fleet/shares.hpp"

#include <cstdint>
#include <string>

namespace grape::fleet {

/// What a large world is to go through.
struct life_plan {
  std::uint32_t nodes = 100; ///< In the end: it begins with one less. At least 2.
  std::uint32_t shards = 1'000;
  std::uint32_t factor = 3;
  fleet_pace pace;
};

/// How it went. Times are virtual seconds.
struct life_story {
  skew first;                  ///< After the placement on nodes - 1.
  skew last;                   ///< After the last node has got its share.
  moved_share grown;           ///< By the last node's coming.
  std::size_t killed_led = 0;  ///< Groups that the killed node led, and
  std::size_t killed_held = 0; ///< replicas that it held.
  double failover_s = 0; ///< Until each of these had another leader; 0 = with factor 1 none can.
  double away_s = 0;     ///< Until the metadata group called the node away.
  double repair_s = 0;   ///< Until all that it held was elsewhere; 0 = no node was left for it.
  double rejoin_s = 0;   ///< From its return until it had its share again.
  double grow_s = 0;     ///< From the last node's coming until it had its share.
  std::uint64_t messages = 0;
  std::uint64_t steps = 0;
  double virtual_s = 0;
  std::uint64_t digest = 0;
  std::string law; ///< The broken one; empty if none was.
  std::string detail;

  bool passed() const noexcept { return law.empty(); }
};

/// Placement on nodes - 1; a kill, failover, repair and the return of a node; one node more.
life_story live(std::uint64_t seed, const life_plan& plan);

} // namespace grape::fleet
