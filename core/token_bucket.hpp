#pragma once

#include <algorithm>
#include <cstdint>

namespace grape {

/// Bounds a rate: tokens drip in evenly, as many as `burst` are kept, and whoever takes more than
/// there are waits for the rest to drip in. Knows no clock: the caller says how late it is, on a
/// clock that never runs backwards. Not thread-safe.
class token_bucket {
public:
  /// `per_second` tokens drip in; 0: no limit. Full at first.
  constexpr token_bucket(std::uint64_t per_second, std::uint64_t burst) noexcept
    : per_second_(per_second)
    , burst_(burst)
    , thousandths_(static_cast<std::int64_t>(burst) * 1'000) {}

  /// Takes so many tokens, also those that must still drip in. Returns how many milliseconds to
  /// wait before they may be used; 0 = none.
  constexpr std::uint64_t take(std::uint64_t tokens, std::uint64_t now_ms) noexcept {
    if (per_second_ == 0)
      return 0;
    // Beyond so much time the bucket is full anyway.
    const auto full_ms =
        static_cast<std::uint64_t>((static_cast<std::int64_t>(burst_) * 1'000 - thousandths_)
                                       / static_cast<std::int64_t>(per_second_)
                                   + 1);
    const auto passed_ms = std::min(now_ms - std::min(last_ms_, now_ms), full_ms);
    last_ms_ = std::max(last_ms_, now_ms);
    thousandths_ = std::min(thousandths_ + static_cast<std::int64_t>(passed_ms * per_second_),
                            static_cast<std::int64_t>(burst_) * 1'000);
    thousandths_ -= static_cast<std::int64_t>(tokens) * 1'000;
    if (thousandths_ >= 0)
      return 0;
    return (static_cast<std::uint64_t>(-thousandths_) + per_second_ - 1) / per_second_;
  }

private:
  std::uint64_t per_second_;
  std::uint64_t burst_;
  std::int64_t thousandths_; // Of tokens; below 0: taken, but not there yet.
  std::uint64_t last_ms_ = 0;
};

} // namespace grape
