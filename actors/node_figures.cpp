#include "actors/node_figures.hpp"

#include "core/cluster/descriptor_budget.hpp"

#include <chrono>
#include <fstream>

#include <malloc.h>
#include <unistd.h>

namespace grape::actors {

std::uint64_t unix_ms_now() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(
      duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count());
}

namespace {

/// Of this process; 0 where the system does not say.
std::uint64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

} // namespace

memory_figures memory_of_process() {
  const auto heap = mallinfo2();
  memory_figures told;
  told.allocated = heap.uordblks + heap.hblkhd;
  told.active = heap.arena + heap.hblkhd;
  told.retained = heap.fordblks;
  told.resident = resident_bytes();
  return told;
}

node_status figures_of(const house& home, std::uint64_t started_ms) {
  node_status told;
  told.node_id = home.config.node.id;
  const auto member = home.member.get();
  told.cluster_id = member ? member->cluster_id : home.cluster_id;
  told.version = GRAPE_VERSION;
  told.ready = home.ready;
  if (const auto known = home.known.get()) {
    told.collections = known->state.collections().size();
    for (const auto& [name, entry] : known->state.collections())
      told.shards += entry.groups.size();
  }
  told.resident_bytes = resident_bytes();
  told.uptime_s = (home.host.now_ms() - started_ms) / 1'000;
  told.notes = home.notes.all();
  return told;
}

status check_open_files(const house& home, std::size_t more) {
  const auto known = home.known.get();
  if (home.is_clustered() || !known)
    return {};
  return cluster::check_room_alone(known->state, home.config.node.id, more,
                                   home.host.replicas_max);
}

} // namespace grape::actors
