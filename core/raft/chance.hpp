#pragma once

#include <cstdint>

namespace grape::raft {

/// All chance of a peer: SplitMix64 (Steele, Lea, Flood 2014), one addition and two multiplications
/// per draw. Its sequence depends on the seed alone, not on any standard library.
class chance {
public:
  explicit chance(std::uint64_t seed) noexcept : state_(seed) {
  }

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    auto mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }

  /// From [0, bound): the upper half of a product, so the bias is below bound / 2^32.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

private:
  std::uint64_t state_;
};

} // namespace grape::raft
