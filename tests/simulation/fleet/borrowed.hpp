#pragma once

#include "tests/simulation/chance.hpp"
#include "tests/simulation/event_queue.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/violation.hpp"

/// Whole clusters in virtual time. What they take from the simulation of one Raft group:
namespace grape::fleet {

using simulation::chance;
using simulation::instant;
using simulation::millisecond;
using simulation::mixed;
using simulation::network;
using simulation::second;
using simulation::storm;
using simulation::violation;

} // namespace grape::fleet
