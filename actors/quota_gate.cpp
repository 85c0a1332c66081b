#include "actors/quota_gate.hpp"

#include "actors/house.hpp"
#include "actors/node_figures.hpp"

#include <fstream>
#include <utility>

#include <unistd.h>

namespace grape::actors {

namespace {

constexpr std::uint64_t fresh_ms = 1'000;

/// What the process may have: its control group's limit, where there is one, or all of the machine.
std::uint64_t memory_total() {
  auto total = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES))
               * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  for (const auto* path :
       {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file{path};
    std::uint64_t limit = 0;
    if (file >> limit && limit > 0 && limit < total)
      total = limit;
  }
  return total;
}

quota_usage usage_of(const house& home) {
  quota_usage now;
  now.memory = percent_of(memory_of_process().resident, memory_total());
  if (const auto disk = home.files->space(home.config.node.data_dir))
    now.disk = percent_of(disk->total_bytes - disk->free_bytes, disk->total_bytes);
  return now;
}

quota_config quota_of(const house& home) {
  const auto known = home.known.get();
  return known ? known->state.quota() : quota_config{};
}

} // namespace

void quota_gate::look(const house& home, const quota_config& limits) {
  const auto now = home.host.now_ms();
  if (measured_ms_ > 0 && now < measured_ms_ + fresh_ms && limits == judged_by_)
    return;
  if (std::exchange(judged_by_, limits) != limits)
    judge_ = {}; // What was over another limit need not be on its way back from this one.
  measured_ms_ = now;
  usage_ = usage_of(home);
  verdict_ = judge_.judge(limits, usage_);
}

status quota_gate::check(const house& home) {
  const auto limits = quota_of(home);
  if (!limits.enabled)
    return {};
  const std::lock_guard guard{mutex_};
  look(home, limits);
  return verdict_;
}

quota_gate::reading quota_gate::read(const house& home) {
  const auto limits = quota_of(home);
  const std::lock_guard guard{mutex_};
  look(home, limits);
  return {limits, usage_, judge_.exceeded()};
}

} // namespace grape::actors
