#include "core/metrics/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace grape::metrics {

namespace {

constexpr std::size_t sub_buckets = 32;

/// The largest value that falls into a bucket.
std::uint64_t end_of(std::size_t bucket) noexcept {
  if (bucket < 2 * sub_buckets)
    return bucket;
  const auto shift = bucket / sub_buckets - 1;
  const auto top = bucket % sub_buckets + sub_buckets;
  return ((top + 1) << shift) - 1;
}

latency_histogram::nanoseconds duration(std::uint64_t value) noexcept {
  return latency_histogram::nanoseconds{static_cast<std::int64_t>(value)};
}

} // namespace

void latency_histogram::add(const latency_histogram& other) noexcept {
  for (std::size_t b = 0; b < buckets; ++b)
    counts_[b].fetch_add(other.counts_[b].load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
  sum_.fetch_add(other.sum_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  const auto theirs = other.max_.load(std::memory_order_relaxed);
  auto seen = max_.load(std::memory_order_relaxed);
  while (theirs > seen && !max_.compare_exchange_weak(seen, theirs, std::memory_order_relaxed)) {
  }
}

std::uint64_t latency_histogram::count() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& counted : counts_)
    sum += counted.load(std::memory_order_relaxed);
  return sum;
}

latency_histogram::nanoseconds latency_histogram::mean() const noexcept {
  const auto counted = count();
  return duration(counted == 0 ? 0 : sum_.load(std::memory_order_relaxed) / counted);
}

latency_histogram::nanoseconds latency_histogram::max() const noexcept {
  return duration(max_.load(std::memory_order_relaxed));
}

latency_histogram::nanoseconds latency_histogram::quantile(double share) const noexcept {
  // One copy first: the total and the walk must speak of the same moment.
  std::array<std::uint64_t, buckets> counted;
  for (std::size_t b = 0; b < buckets; ++b)
    counted[b] = counts_[b].load(std::memory_order_relaxed);
  const auto total = std::accumulate(counted.begin(), counted.end(), std::uint64_t{0});
  if (total == 0)
    return nanoseconds{0};
  const auto exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
  const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, total);
  std::size_t bucket = 0;
  for (auto passed = counted[0]; passed < rank; passed += counted[bucket])
    ++bucket;
  return std::min(duration(end_of(bucket)), max());
}

} // namespace grape::metrics
