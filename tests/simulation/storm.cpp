#include "tests/simulation/storm.hpp"

#include "tests/simulation/chance.hpp"

#include <array>

namespace grape::simulation {

namespace {

constexpr std::uint64_t storm_stream = 1;
constexpr std::uint64_t connection_stream = 8;

void draw_shape(storm& to, chance& luck) {
  static constexpr std::array<std::uint32_t, 12> sizes = {1, 2, 3, 3, 3, 3, 3, 4, 5, 5, 5, 7};
  to.voters = luck.pick(sizes);
  to.learners = luck.one_in(4) ? 1 : 0;
  to.witnesses = to.voters >= 2 && luck.one_in(5) ? 1 : 0;

  auto& peer = to.peer;
  peer.election_ticks = luck.one_in(4) ? 5 : 10;
  peer.heartbeat_ticks = static_cast<std::uint32_t>(luck.between(1, 2));
  peer.prevote = !luck.one_in(8);
  peer.check_quorum = !luck.one_in(8);
  static constexpr std::array<std::size_t, 5> message_bytes = {1, 300, 1'000, 4'096, 1u << 20};
  peer.message_bytes_max = luck.pick(message_bytes);
  static constexpr std::array<std::size_t, 5> inflight = {1, 2, 8, 64, 256};
  peer.inflight_max = luck.pick(inflight);
  peer.inflight_bytes_max = luck.one_in(4) ? 500 : 0;
  peer.uncommitted_bytes_max = luck.one_in(3) ? luck.between(200, 2'000) : 0;
  peer.pending_reads_max = luck.one_in(4) ? 2 : 4'096;
  peer.cached_bytes_max = luck.one_in(2) ? luck.below(1'000) : 1u << 20;
  peer.hibernate_after_ticks = luck.one_in(4) ? 2 * peer.election_ticks : 0;
}

void draw_network(storm& to, chance& luck) {
  to.latency_min = luck.between(100, 2'000);
  to.latency_mean = luck.one_in(4) ? luck.between(20, 150) * millisecond : luck.between(100, 9'000);
  to.loss_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.below(200'000)) : 0;
  to.duplicate_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.below(100'000)) : 0;
  to.in_order = luck.one_in(2);
  to.capacity = luck.one_in(4) ? static_cast<std::uint32_t>(luck.between(2, 30)) : 0;
  to.clog_every = luck.one_in(2) ? luck.between(1, 10) * second : 0;
  to.clog_for = luck.between(50, 3'000) * millisecond;
  to.partition_every = luck.one_in(3) ? 0 : luck.between(2, 20) * second;
  to.partition_for = luck.between(300, 8'000) * millisecond;
  to.filters_kinds = luck.one_in(3);
  to.encodes = luck.one_in(4);
  to.shorten_ppm = luck.one_in(4) ? static_cast<std::uint32_t>(luck.below(200'000)) : 0;
}

void draw_nodes(storm& to, chance& luck) {
  to.crash_every = luck.one_in(4) ? 0 : luck.between(1, 20) * second;
  to.down_for = luck.between(10, 6'000) * millisecond;
  to.crash_point_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.between(20, 2'000)) : 0;
  to.pause_every = luck.one_in(2) ? luck.between(2, 20) * second : 0;
  to.pause_for = luck.between(50, 5'000) * millisecond;
  if (luck.one_in(2)) {
    to.rate_min = static_cast<std::uint32_t>(luck.between(500, 1'000));
    to.rate_max = static_cast<std::uint32_t>(luck.between(1'000, 2'000));
    to.clock_every = luck.between(3, 20) * second;
  }
}

void draw_disks(storm& to, chance& luck) {
  to.write_min = luck.between(50, 1'000);
  to.write_mean = luck.one_in(4) ? luck.between(5, 60) * millisecond : luck.between(50, 4'000);
  to.spike_ppm = luck.one_in(3) ? static_cast<std::uint32_t>(luck.below(20'000)) : 0;
  to.spike_for = luck.between(100, 3'000) * millisecond;
  to.apply_mean = luck.one_in(4) ? luck.between(5, 100) * millisecond : luck.between(20, 1'000);
  to.disk_error_every = luck.one_in(4) ? luck.between(10, 60) * second : 0;
  to.no_space_every = luck.one_in(5) ? luck.between(5, 30) * second : 0;
  to.no_space_for = luck.between(500, 6'000) * millisecond;
  to.checkpoint_every = luck.between(500, 8'000) * millisecond;
  to.kept_entries = static_cast<std::uint32_t>(luck.one_in(2) ? luck.below(4) : luck.below(60));
  to.compact_percent = static_cast<std::uint32_t>(luck.below(101));
  to.stream_mean =
      luck.one_in(3) ? luck.between(1, 4) * second : luck.between(5, 500) * millisecond;
}

void draw_work(storm& to, chance& luck) {
  to.change_every = luck.one_in(2) ? luck.between(500, 10'000) * millisecond : 0;
  to.transfer_every = luck.one_in(2) ? luck.between(500, 10'000) * millisecond : 0;
  to.clients = static_cast<std::uint32_t>(luck.between(1, 6));
  to.think_mean =
      luck.one_in(3) ? luck.between(1, 3) * second : luck.between(20, 500) * millisecond;
  to.read_percent = static_cast<std::uint32_t>(luck.below(80));
  to.session_percent = static_cast<std::uint32_t>(luck.below(101));
  to.answer_loss_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.below(200'000)) : 0;
  to.client_patience = luck.between(300, 4'000) * millisecond;
  to.payload_max = static_cast<std::uint32_t>(luck.between(40, 500));
}

/// Many reads and writes, and a leader that is cut off time and again: what a lease must endure.
void draw_lease_storm(storm& to, chance& luck) {
  to.partition_every = luck.between(500, 3'000) * millisecond;
  to.partition_for = luck.between(500, 4'000) * millisecond;
  to.read_percent = 50;
  to.clients = 6;
  to.think_mean = 30 * millisecond;
  to.client_patience = 300 * millisecond;
  to.rate_min = 500;
  to.rate_max = 2'000;
  to.clock_every = luck.between(3, 10) * second;
}

/// A voter that is back within the lease it gave must not have forgotten it. Whoever wants its vote
/// has not heard the leader for long, and lacks nothing all the same: so there are hardly any
/// writes.
void draw_forgetful_storm(storm& to, chance& luck) {
  draw_lease_storm(to, luck);
  to.leases_forgotten = true;
  to.down_for = luck.between(5, 200) * millisecond;
  to.rate_min = to.rate_max = 1'000;
  to.clock_every = 0;
  to.read_percent = 99;
}

/// A lease must end before any voter that answered its round may vote again: T ticks of the
/// fastest clock, of which the first may come at once, told in the time of the slowest. And a
/// margin.
void draw_lease(storm& to, chance& luck) {
  if (!to.peer.check_quorum || !luck.one_in(3))
    return;
  if (const auto kind = luck.below(3); kind == 1)
    draw_lease_storm(to, luck);
  else if (kind == 2)
    draw_forgetful_storm(to, luck);
  const auto ticks_ms = (to.peer.election_ticks - 1) * tick_us / millisecond;
  const auto shortest_ms = ticks_ms * to.rate_min / to.rate_max;
  to.peer.lease_ticks = static_cast<std::uint32_t>(shortest_ms * 9 / 10);
}

/// Disks that are slow for longer than an election takes, and crashes meanwhile: a candidate comes
/// back without the term and the entries that it asked votes for, and asks again in the same term.
/// Then answers to both questions are about.
void draw_lost_requests(storm& to, chance& luck) {
  if (!luck.one_in(8))
    return;
  to.voters = 3;
  to.witnesses = 0;
  to.peer.prevote = false; // Otherwise the others refuse before the term is used again.
  to.peer.check_quorum = false;
  to.peer.election_ticks = 5;
  to.in_order = true; // So that the old answer comes first.
  to.loss_ppm = 0;
  to.clog_every = luck.between(100, 500) * millisecond;
  to.clog_for = luck.between(500, 2'000) * millisecond;
  to.write_min = 100;
  to.write_mean = luck.between(100, 1'000);
  to.spike_ppm = static_cast<std::uint32_t>(luck.between(20'000, 100'000));
  to.spike_for = luck.between(1'000, 3'000) * millisecond;
  to.requests_lost = true;
  to.crash_every = luck.between(20, 200) * millisecond;
  to.down_for = luck.between(5, 100) * millisecond;
  to.clients = 6;
  to.read_percent = 5;
  to.think_mean = 30 * millisecond;
}

/// As TCP tells of them when a process dies; and of some it tells though none did.
void draw_connections(storm& to, chance luck) {
  to.ends_told_percent = static_cast<std::uint32_t>(luck.one_in(4) ? 0 : luck.between(20, 100));
  to.ends_told_mean = luck.between(1, 300) * millisecond;
  to.connection_every = luck.one_in(2) ? luck.between(300, 10'000) * millisecond : 0;
}

} // namespace

storm drawn_storm(std::uint64_t seed) {
  chance luck{seed, storm_stream};
  storm drawn;
  draw_shape(drawn, luck);
  draw_network(drawn, luck);
  draw_nodes(drawn, luck);
  draw_disks(drawn, luck);
  draw_work(drawn, luck);
  draw_lost_requests(drawn, luck);
  draw_lease(drawn, luck);
  draw_connections(drawn, chance{seed, connection_stream});
  return drawn;
}

storm reference_storm(std::uint64_t seed) {
  storm fixed;
  fixed.peer.heartbeat_ticks = 2;
  fixed.loss_ppm = 10'000;
  fixed.duplicate_ppm = 5'000;
  fixed.in_order = seed % 2 == 0;
  fixed.clog_every = 10 * second;
  fixed.partition_every = 15 * second;
  fixed.crash_every = 15 * second;
  fixed.crash_point_ppm = 50;
  fixed.pause_every = 20 * second;
  fixed.spike_ppm = 1'000;
  fixed.change_every = 10 * second;
  fixed.transfer_every = 15 * second;
  fixed.answer_loss_ppm = 10'000;
  return fixed;
}

namespace {

void forget_network_faults(storm& of) {
  if (!of.may(fault::loss))
    of.loss_ppm = 0;
  if (!of.may(fault::duplication))
    of.duplicate_ppm = 0;
  if (!of.may(fault::reorder))
    of.in_order = true;
  if (!of.may(fault::clog))
    of.clog_every = 0;
  if (!of.may(fault::capacity))
    of.capacity = 0;
  if (!of.may(fault::partition))
    of.partition_every = 0;
  if (!of.may(fault::kind_filter))
    of.filters_kinds = false;
  if (!of.may(fault::shorten))
    of.shorten_ppm = 0;
  if (!of.may(fault::connection))
    of.connection_every = 0;
}

void forget_node_faults(storm& of) {
  if (!of.may(fault::crash))
    of.crash_every = 0;
  if (!of.may(fault::crash_point))
    of.crash_point_ppm = 0;
  if (!of.may(fault::pause))
    of.pause_every = 0;
  if (!of.may(fault::clock)) {
    of.rate_min = of.rate_max = 1'000;
    of.clock_every = 0;
  }
  if (!of.may(fault::disk_spike))
    of.spike_ppm = 0;
  if (!of.may(fault::disk_error))
    of.disk_error_every = 0;
  if (!of.may(fault::no_space))
    of.no_space_every = 0;
}

} // namespace

storm without(storm from, std::uint32_t off) {
  from.off = off;
  forget_network_faults(from);
  forget_node_faults(from);
  if (!from.may(fault::membership))
    from.change_every = 0;
  if (!from.may(fault::transfer))
    from.transfer_every = 0;
  if (!from.may(fault::compaction))
    from.compact_percent = 0;
  return from;
}

std::string_view to_string(fault kind) noexcept {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(fault::count_)> names = {
      "loss",     "duplication", "reorder",  "clog",       "capacity",   "partition", "kind_filter",
      "crash",    "crash_point", "pause",    "clock",      "disk_spike", "torn",      "disk_error",
      "no_space", "membership",  "transfer", "compaction", "state_loss", "shorten",
      "connection",
  };
  const auto number = static_cast<std::size_t>(kind);
  return number < names.size() ? names[number] : std::string_view{};
}

std::string to_json(const storm& of) {
  std::string line = "{";
  const auto add = [&line](std::string_view name, std::uint64_t value) {
    line += (line.size() == 1 ? "\"" : ",\"") + std::string{name} + "\":" + std::to_string(value);
  };
  add("voters", of.voters), add("witnesses", of.witnesses), add("learners", of.learners);
  add("election_ticks", of.peer.election_ticks), add("heartbeat_ticks", of.peer.heartbeat_ticks);
  add("prevote", of.peer.prevote), add("check_quorum", of.peer.check_quorum);
  add("message_bytes_max", of.peer.message_bytes_max), add("inflight_max", of.peer.inflight_max);
  add("inflight_bytes_max", of.peer.inflight_bytes_max);
  add("uncommitted_bytes_max", of.peer.uncommitted_bytes_max);
  add("pending_reads_max", of.peer.pending_reads_max);
  add("cached_bytes_max", of.peer.cached_bytes_max), add("lease_ticks", of.peer.lease_ticks);
  add("hibernate_after_ticks", of.peer.hibernate_after_ticks);
  add("latency_min", of.latency_min), add("latency_mean", of.latency_mean);
  add("loss_ppm", of.loss_ppm), add("duplicate_ppm", of.duplicate_ppm);
  add("in_order", of.in_order), add("capacity", of.capacity), add("clog_every", of.clog_every);
  add("encodes", of.encodes), add("shorten_ppm", of.shorten_ppm);
  add("partition_every", of.partition_every), add("crash_every", of.crash_every);
  add("crash_point_ppm", of.crash_point_ppm), add("pause_every", of.pause_every);
  add("ends_told_percent", of.ends_told_percent), add("connection_every", of.connection_every);
  add("rate_min", of.rate_min), add("rate_max", of.rate_max), add("write_mean", of.write_mean);
  add("spike_ppm", of.spike_ppm), add("disk_error_every", of.disk_error_every);
  add("checkpoint_every", of.checkpoint_every), add("kept_entries", of.kept_entries);
  add("change_every", of.change_every), add("transfer_every", of.transfer_every);
  add("clients", of.clients), add("think_mean", of.think_mean), add("off", of.off);
  return line + "}";
}

} // namespace grape::simulation
