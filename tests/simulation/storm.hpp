#pragma once

#include "core/raft/options.hpp"
#include "tests/simulation/event_queue.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::simulation {

/// Kinds of faults, which a shrink turns off one by one. Bits of storm::off.
enum class fault : std::uint8_t {
  loss,
  duplication,
  reorder,
  clog,
  capacity,
  partition,
  kind_filter,
  crash,
  crash_point,
  pause,
  clock,
  disk_spike,
  torn,
  disk_error,
  no_space,
  membership,
  transfer,
  compaction,
  state_loss,
  shorten,
  connection,
  count_
};

/// As it stands in the enumeration; nothing for a number beyond.
std::string_view to_string(fault kind) noexcept;

/// What a seed draws: the shape of the cluster, the rates of the faults, the work. A rate of 0
/// means never. Means are of exponential distributions, in microseconds of virtual time.
struct storm {
  // Shape.
  std::uint32_t voters = 5;
  std::uint32_t witnesses = 0; ///< Of the voters.
  std::uint32_t learners = 0;
  raft::options peer; ///< `self` and `seed` are filled in for each replica.

  // Network.
  instant latency_min = 1 * millisecond;
  instant latency_mean = 5 * millisecond; ///< On top of the least.
  std::uint32_t loss_ppm = 0;
  std::uint32_t duplicate_ppm = 0;
  bool in_order = true;       ///< Each link delivers in the order of sending.
  std::uint32_t capacity = 0; ///< Messages under way on one link; 0 = no limit.
  instant clog_every = 0;
  instant clog_for = 500 * millisecond;
  instant partition_every = 0;
  instant partition_for = 3 * second;
  bool filters_kinds = false; ///< Partitions may also drop only some kinds of messages.
  bool encodes = false;          ///< Messages travel as bytes.
  std::uint32_t shorten_ppm = 0; ///< Appends that arrive with fewer entries, as well as they may.
  bool requests_lost = false; ///< Crashes hit candidates whose term is not on their disks yet.
  bool leases_forgotten = false; ///< Partitions are such that a lease needs a voter's memory.

  // Nodes.
  instant crash_every = 0;
  instant down_for = 2 * second;
  std::uint32_t crash_point_ppm = 0; ///< For each step of performing an output.
  instant pause_every = 0;
  instant pause_for = 2 * second;
  std::uint32_t rate_min = 1'000; ///< Clock rates in thousandths.
  std::uint32_t rate_max = 1'000;
  instant clock_every = 0;

  // Connections. Whoever had one with a node that crashed may be told, soon or late.
  std::uint32_t ends_told_percent = 0;
  instant ends_told_mean = 5 * millisecond;
  instant connection_every = 0; ///< One ends though both nodes live; one end is told, or both.

  // Disk and state machine.
  instant write_min = 200;
  instant write_mean = 800;
  std::uint32_t spike_ppm = 0;
  instant spike_for = 500 * millisecond;
  instant apply_mean = 200;
  instant disk_error_every = 0;
  instant no_space_every = 0;
  instant no_space_for = 3 * second;
  instant checkpoint_every = 3 * second;
  std::uint32_t kept_entries = 20;    ///< What a compaction leaves of the applied log.
  std::uint32_t compact_percent = 50; ///< Of the checkpoints.
  instant stream_mean = 300 * millisecond;

  // Administration.
  instant change_every = 0;
  instant transfer_every = 0;

  // Work.
  std::uint32_t clients = 4;
  instant think_mean = 200 * millisecond;
  std::uint32_t read_percent = 40;
  std::uint32_t session_percent = 60; ///< Of the clients.
  std::uint32_t answer_loss_ppm = 0;
  instant client_patience = 2 * second;
  std::uint32_t payload_max = 200;

  std::uint32_t off = 0; ///< Bits of `fault`.

  bool may(fault kind) const noexcept { return (off >> static_cast<unsigned>(kind) & 1) == 0; }
};

/// The storm of a seed: every run differs in kind, not only in luck.
storm drawn_storm(std::uint64_t seed);

/// The storm that throughput is measured with: five voters, a moderate rate of every fault.
storm reference_storm(std::uint64_t seed);

/// Sets to nothing whatever `off` names.
storm without(storm from, std::uint32_t off);

/// One line of JSON, for the head of a trace.
std::string to_json(const storm& of);

} // namespace grape::simulation
