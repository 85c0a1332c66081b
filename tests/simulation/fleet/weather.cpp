#include "tests/simulation/fleet/weather.hpp"

#include <algorithm>
#include <array>

namespace grape::fleet {

namespace {

constexpr std::uint64_t weather_stream = 31;

void draw_network(storm& to, chance& luck) {
  to.latency_min = luck.between(100, 1'000);
  to.latency_mean = luck.one_in(4) ? luck.between(5, 40) * millisecond : luck.between(100, 3'000);
  to.loss_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.below(50'000)) : 0;
  to.duplicate_ppm = luck.one_in(3) ? static_cast<std::uint32_t>(luck.below(50'000)) : 0;
  to.in_order = luck.one_in(2);
  to.partition_every = luck.one_in(4) ? 0 : luck.between(5, 30) * second;
  to.partition_for = luck.one_in(3) ? luck.between(8, 25) * second : luck.between(1, 8) * second;
  to.clog_every = luck.one_in(3) ? luck.between(3, 15) * second : 0;
  to.clog_for = luck.between(100, 3'000) * millisecond;
}

void draw_nodes(storm& to, chance& luck) {
  to.crash_every = luck.one_in(5) ? 0 : luck.between(5, 40) * second;
  to.down_for =
      luck.one_in(3) ? luck.between(10, 30) * second : luck.between(200, 8'000) * millisecond;
  to.crash_point_ppm = luck.one_in(2) ? static_cast<std::uint32_t>(luck.between(5, 100)) : 0;
  to.pause_every = luck.one_in(2) ? luck.between(5, 30) * second : 0;
  to.pause_for = luck.between(100, 12'000) * millisecond;
  to.rate_min = static_cast<std::uint32_t>(luck.between(900, 1'000));
  to.rate_max = static_cast<std::uint32_t>(luck.between(1'000, 1'100));
  to.write_min = luck.between(50, 500);
  to.write_mean = luck.one_in(5) ? luck.between(5, 30) * millisecond : luck.between(50, 2'000);
  to.apply_mean = luck.between(20, 1'000);
  to.checkpoint_every = luck.between(500, 3'000) * millisecond; // At most; see `grace_ms`.
  to.kept_entries = static_cast<std::uint32_t>(luck.below(40));
  to.compact_percent = static_cast<std::uint32_t>(luck.below(101));
  to.stream_mean =
      luck.one_in(3) ? luck.between(1, 4) * second : luck.between(20, 800) * millisecond;
}

void draw_work(storm& to, chance& luck) {
  to.clients = static_cast<std::uint32_t>(luck.between(1, 4));
  to.think_mean = luck.between(50, 800) * millisecond;
  to.read_percent = static_cast<std::uint32_t>(luck.between(10, 60));
  to.client_patience = luck.between(1'000, 4'000) * millisecond;
  to.payload_max = 100;
  auto& peer = to.peer;
  peer.election_ticks = 10;
  peer.heartbeat_ticks = static_cast<std::uint32_t>(luck.between(1, 2));
  peer.message_bytes_max = luck.one_in(2) ? 300 : 1u << 20;
  peer.hibernate_after_ticks = luck.one_in(2) ? 2 * peer.election_ticks : 0;
}

} // namespace

weather drawn_weather(std::uint64_t seed, const world_shape& given) {
  chance luck{seed, weather_stream};
  weather drawn;
  static constexpr std::array<std::uint32_t, 8> sizes = {2, 3, 3, 3, 4, 5, 5, 6};
  drawn.nodes = given.nodes.value_or(luck.pick(sizes));
  drawn.shards = given.shards.value_or(static_cast<std::uint32_t>(luck.between(1, 5)));
  const auto most = std::min<std::uint64_t>(3, drawn.nodes);
  drawn.factor = given.factor.value_or(
      static_cast<std::uint32_t>(luck.one_in(2) ? most : luck.between(1, most)));
  draw_network(drawn.how, luck);
  draw_nodes(drawn.how, luck);
  draw_work(drawn.how, luck);
  drawn.coordination.repair_delay_ms = luck.between(1'000, 12'000);
  // A leader is believed in for 3 s, may pause before its checkpoint, and must know by then.
  drawn.coordination.migration.grace_ms =
      drawn.how.checkpoint_every / millisecond + luck.between(4'000, 8'000);
  drawn.coordination.migration.hand_over_ms = luck.between(500, 2'000);
  drawn.index_mean = luck.between(50, 3'000) * millisecond;
  drawn.operator_every = luck.between(5, 25) * second;
  drawn.disk_loss_every = luck.one_in(2) ? luck.between(20, 60) * second : 0;
  drawn.stage_kill_percent = luck.one_in(3) ? 0 : static_cast<std::uint32_t>(luck.between(5, 40));
  return drawn;
}

} // namespace grape::fleet
