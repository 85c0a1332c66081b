#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace grape::cluster {

/// How arrivals are judged; the defaults are Akka's ideas with our heartbeats.
struct phi_options {
  std::uint64_t interval_ms = 200;      ///< Between two heartbeats, while nothing is known.
  std::size_t samples_max = 200;        ///< Intervals that are remembered; at least 1.
  std::uint64_t deviation_ms_min = 100; ///< Of what is remembered; at least 1.
  std::uint64_t pause_ms = 3'000;       ///< A pause that raises no suspicion.
};

/// How likely it is that one peer is gone, judged by when its heartbeats came (the phi accrual
/// failure detector: Hayashibara et al., 2004). Knows no clock; not thread-safe.
class phi_accrual {
public:
  /// Counts from `now_ms` on, as if the peer had just been heard.
  phi_accrual(const phi_options& options, std::uint64_t now_ms);

  /// A heartbeat came. Times never run backwards.
  void heard(std::uint64_t now_ms);

  /// -log10 of the chance that a heartbeat is yet to come after such a silence: 8 means that a
  /// living peer is silent for so long once in 10^8 silences. From 0 to 300, and never falls while
  /// the peer is silent. Whoever asks may have looked at the clock before the peer was heard.
  double phi(std::uint64_t now_ms) const;

  /// 0 at any time before the last heartbeat.
  std::uint64_t silence_ms(std::uint64_t now_ms) const noexcept {
    return now_ms > last_ms_ ? now_ms - last_ms_ : 0;
  }

private:
  phi_options options_;
  std::vector<double> intervals_ms_; // A ring: the oldest is overwritten.
  std::size_t oldest_ = 0;
  std::uint64_t last_ms_;
};

} // namespace grape::cluster
