#include "core/shard/inflow.hpp"

#include <algorithm>

namespace grape::shard {

namespace {

// Of a pace that nobody has measured yet: 10,000 rows of 100 dimensions a second.
constexpr std::uint64_t first_guess_per_s = 4'000'000;

// In thresholds: no write is held back below the first, and next to none goes on at the last. From
// half a threshold on a graph is gone on with: that much waits all the while, and as much comes in.
constexpr double free_until = 0.5;
constexpr double full_at = 1.0;

// Never nothing at all: what is built may be a merge, after which all that waits is built at once.
constexpr double pace_min = 1.0 / 16;

constexpr std::uint64_t pause_per_threshold_ms = inflow::pause_max_ms / 2;

double in_thresholds(const index_backlog& of) noexcept {
  return of.threshold_bytes == 0
             ? 0
             : static_cast<double>(of.waiting_bytes) / static_cast<double>(of.threshold_bytes);
}

} // namespace

index_backlog backlog_of(std::span<const field_parts> fields) noexcept {
  index_backlog furthest;
  for (const auto& field : fields) {
    index_backlog own{0, 0, field.policy.indexing_threshold_bytes};
    for (const auto& part : field.parts)
      (part.sealed ? own.built_bytes : own.waiting_bytes) += part.bytes;
    if (in_thresholds(own) >= in_thresholds(furthest))
      furthest = own;
  }
  return furthest;
}

void inflow::shown(std::uint64_t now_ms, const index_backlog& now) noexcept {
  const auto idle_before = last_.threshold_bytes == 0 || in_thresholds(last_) < free_until;
  if (now.built_bytes > last_.built_bytes && !idle_before) {
    const auto took_ms = std::max<std::uint64_t>(1, now_ms - built_since_ms_);
    const auto measured = (now.built_bytes - last_.built_bytes) * 1'000 / took_ms;
    built_per_s_ = built_per_s_ == 0 ? measured : (built_per_s_ + measured) / 2;
  }
  if (idle_before || now.built_bytes > last_.built_bytes)
    built_since_ms_ = now_ms;
  last_ = now;
}

std::uint64_t inflow::allowed_per_s() const noexcept {
  const auto waits = in_thresholds(last_);
  if (waits < free_until)
    return 0;
  // Halfway as much as is built: there the two keep each other in balance.
  const auto pace = 2 * (full_at - waits) / (full_at - free_until);
  const auto built = static_cast<double>(built_per_s_ == 0 ? first_guess_per_s : built_per_s_);
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::max(pace_min, pace) * built));
}

std::uint64_t inflow::pause_ms(std::uint64_t now_ms, std::uint64_t bytes) noexcept {
  const auto allowed = allowed_per_s();
  if (allowed == 0) {
    free_at_ms_ = now_ms;
    return 0;
  }
  const auto most = std::min(
      pause_max_ms, static_cast<std::uint64_t>(in_thresholds(last_)
                                               * static_cast<double>(pause_per_threshold_ms)));
  free_at_ms_ = std::max(free_at_ms_, now_ms) + bytes * 1'000 / allowed;
  free_at_ms_ = std::min(free_at_ms_, now_ms + most);
  return free_at_ms_ - now_ms;
}

} // namespace grape::shard
