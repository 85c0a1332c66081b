#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace grape::link {

struct ping_options {
  std::uint64_t quiet_us = 1'000'000;   ///< A peer that was not heard for so long is pinged.
  std::uint64_t sample_us = 10'000'000; ///< The longest time without measuring a round trip.
  std::size_t samples_max = 32;         ///< Of which `min_us` is the least; at least 1.
};

/// When to ping the peer, and how long a round trip takes. A side that hears the other needs no
/// pings: what it sends itself makes the other hear it, and if it sends nothing, the other pings.
/// Who is gone is for cluster::liveness to judge. Time is in microseconds, because most round trips
/// are shorter than a millisecond. Knows no clock; not thread-safe.
class pinging {
public:
  /// A connection was made.
  pinging(const ping_options& options, std::uint64_t now_us);

  /// Anything came from the peer.
  void heard(std::uint64_t now_us) noexcept { heard_us_ = now_us; }

  /// The number of the ping to send now, if one is due; the peer sends it back.
  std::optional<std::uint64_t> due(std::uint64_t now_us);

  /// When the next ping is due unless the peer is heard before; ask `due` then.
  std::uint64_t wake_us() const noexcept;

  /// How long the peer has not been heard.
  std::uint64_t silence_us(std::uint64_t now_us) const noexcept { return now_us - heard_us_; }

  /// The peer sent ping `number` back. One that was never sent, came back already, or is not of the
  /// latest few, teaches nothing.
  void answered(std::uint64_t number, std::uint64_t now_us);

  /// Smoothed as TCP does it (RFC 6298: one eighth of each new sample); nothing: not measured yet.
  std::optional<double> smoothed_us() const noexcept { return smoothed_us_; }

  /// The least of the last `samples_max` samples.
  std::optional<std::uint64_t> min_us() const;

private:
  struct sent_ping {
    std::uint64_t number;
    std::uint64_t at_us;
  };

  ping_options options_;
  std::uint64_t heard_us_;
  std::uint64_t sampled_us_;             // When the last sample was taken.
  std::optional<std::uint64_t> sent_us_; // When the last ping left.
  std::uint64_t last_number_ = 0;
  std::deque<sent_ping> sent_; // Not yet back, the latest few.
  std::deque<std::uint64_t> samples_us_;
  std::optional<double> smoothed_us_;
};

} // namespace grape::link
