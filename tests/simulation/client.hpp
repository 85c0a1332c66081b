#pragma once

#include "tests/simulation/machine.hpp"

#include <cstdint>

namespace grape::simulation {

/// Someone with one request at a time. A request ends with an answer (ok), with a refusal (surely
/// not done) or without either (unknown): then a session's is tried again, others are given up.
struct client {
  bool uses_sessions = false;
  std::uint64_t session = 0;  ///< 0 = must open one first.
  std::uint64_t sequence = 0; ///< Of its last request in the session.

  bool waits = false;
  bool reads = false;
  command_kind kind{};
  std::uint64_t attempt = 0;  ///< Or the read's context.
  std::uint32_t turn = 0;     ///< Counts what it did; older alarms are void.
  std::uint32_t server = 0;   ///< The node that it tried last.
  bool finished_calm = false; ///< Had an answer after the storm.
};

} // namespace grape::simulation
