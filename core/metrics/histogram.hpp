#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace grape::metrics {

/// How latencies were distributed: 32 buckets for each doubling, so a quantile is at most 1/32
/// above the truth. Up to 18 minutes; longer ones count as that. Any number of threads may record
/// and read at once; a reader sees each recorded value once, now or a moment later.
class latency_histogram {
public:
  using nanoseconds = std::chrono::nanoseconds;

  /// Negative durations count as zero.
  void record(nanoseconds took) noexcept {
    const auto value = clamped(took);
    counts_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
    auto seen = max_.load(std::memory_order_relaxed);
    while (value > seen && !max_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
    }
  }

  /// Adds everything `other` recorded.
  void add(const latency_histogram& other) noexcept;

  std::uint64_t count() const noexcept;

  /// Zero if nothing was recorded, like the two below.
  nanoseconds mean() const noexcept;

  nanoseconds max() const noexcept;

  /// The least duration that at least `share` (0..1) of all recorded ones do not exceed, rounded
  /// up to its bucket's end and never beyond `max`.
  nanoseconds quantile(double share) const noexcept;

private:
  static constexpr int sub_bits = 5;
  static constexpr std::uint64_t value_max = (std::uint64_t{1} << 40) - 1;
  static constexpr std::size_t buckets = (40 - sub_bits) * (std::size_t{1} << sub_bits) + 32;

  static std::uint64_t clamped(nanoseconds took) noexcept {
    const auto value = took.count() < 0 ? 0 : static_cast<std::uint64_t>(took.count());
    return value < value_max ? value : value_max;
  }

  /// Values below 64 have a bucket each; above, the top six bits choose.
  static int shift_of(std::uint64_t value) noexcept {
    const auto width = static_cast<int>(std::bit_width(value));
    return width > sub_bits + 1 ? width - sub_bits - 1 : 0;
  }

  static std::size_t bucket_of(std::uint64_t value) noexcept {
    const auto shift = shift_of(value);
    return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(value >> shift);
  }

  std::array<std::atomic<std::uint64_t>, buckets> counts_{};
  std::atomic<std::uint64_t> sum_{0}; ///< Nanoseconds; wraps after 584 years of waiting.
  std::atomic<std::uint64_t> max_{0};
};

} // namespace grape::metrics
