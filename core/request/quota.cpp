#include "core/request/quota.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace grape {

namespace {

constexpr std::uint8_t margin_default = 5;

struct resource {
  const char* name;
  const char* total;
  const char* parameter;
  const char* remedy;
};

constexpr resource memory{"Resident memory usage", "total memory", "max_resident_memory_percent",
                          "memory usage"};
constexpr resource disk{"Disk usage", "total capacity", "max_disk_usage_percent", "disk usage"};

/// Qdrant's words: clients look for them.
status refused(const resource& what, unsigned used, unsigned limit, unsigned threshold) {
  auto text = std::string(what.name) + " is at " + std::to_string(used) + "% of " + what.total;
  if (used >= limit)
    text += ", exceeding the configured limit of " + std::to_string(limit) + "%";
  else
    text += ". It reached the configured limit of " + std::to_string(limit)
            + "% and has to fall below " + std::to_string(threshold)
            + "% before this node takes writes again";
  return {errc::no_space, text + ". Help: Reduce " + what.remedy
                              + " (e.g. delete points or drop collections), or raise `"
                              + what.parameter + "` in the global quota config."};
}

struct verdict {
  std::optional<bool> exceeded;
  status why;
};

verdict judge_one(const resource& what, std::optional<std::uint8_t> limit,
                  std::optional<std::uint8_t> used, bool was_exceeded, std::uint8_t margin) {
  if (!limit || !used)
    return {};
  // Never below 1, or nothing could ever fall below it.
  const auto threshold = was_exceeded ? std::max(1, *limit - margin) : int{*limit};
  if (*used < threshold)
    return {false, {}};
  return {true, refused(what, *used, *limit, static_cast<unsigned>(threshold))};
}

} // namespace

std::optional<std::uint8_t> percent_of(std::uint64_t used, std::uint64_t total) noexcept {
  if (total == 0)
    return {};
  if (used >= total)
    return std::uint8_t{100};
  // Where a hundred times as much would not fit, a hundredth of the total is exact enough.
  const auto percent = used <= UINT64_MAX / 100 ? used * 100 / total : used / (total / 100);
  return static_cast<std::uint8_t>(std::min<std::uint64_t>(percent, 100));
}

status quota_judge::judge(const quota_config& limits, const quota_usage& now) {
  if (!limits.enabled) {
    exceeded_ = {};
    return {};
  }
  const auto margin = limits.release_margin.value_or(margin_default);
  auto of_memory =
      judge_one(memory, limits.memory_max, now.memory, exceeded_.memory.value_or(false), margin);
  auto of_disk = judge_one(disk, limits.disk_max, now.disk, exceeded_.disk.value_or(false), margin);
  exceeded_ = {of_memory.exceeded, of_disk.exceeded};
  return of_memory.why.ok() ? std::move(of_disk.why) : std::move(of_memory.why);
}

} // namespace grape
