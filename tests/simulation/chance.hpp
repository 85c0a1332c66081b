#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace grape::simulation {

/// Mixes `value` into `seed`; for digests and for seeding, not for secrets.
constexpr std::uint64_t mixed(std::uint64_t seed, std::uint64_t value) noexcept {
  std::uint64_t x = seed ^ (value + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2));
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Draws numbers from a seed: xoshiro256** and integer arithmetic only, so that the sequence is the
/// same with every compiler, library and set of flags. Streams of one seed are independent.
class chance {
public:
  explicit chance(std::uint64_t seed, std::uint64_t stream = 0) noexcept {
    std::uint64_t x = mixed(seed, stream);
    for (auto& each : state_)
      each = x = mixed(x, 0x632be59bd9b4e019ull);
  }

  std::uint64_t next() noexcept {
    const auto result = std::rotl(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// 0 .. bound - 1; the bias is below 2^-32. `bound` is at least 1 and below 2^32.
  std::uint64_t below(std::uint64_t bound) noexcept { return ((next() >> 32) * bound) >> 32; }

  /// Both ends included; at most 2^32 - 1 apart.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
    return least + below(most - least + 1);
  }

  bool one_in(std::uint64_t n) noexcept { return n != 0 && below(n) == 0; }

  bool per_million(std::uint32_t rate) noexcept { return rate != 0 && below(1'000'000) < rate; }

  /// Exponentially distributed with about this mean, which is below 2^33.
  std::uint64_t exponential(std::uint64_t mean) noexcept {
    const auto x = next() | 1;
    const auto zeros = static_cast<std::uint64_t>(std::countl_zero(x));
    const auto fraction = ((x << zeros) << 1) >> 48;  // log2(1 + f) is about f
    const auto bits = ((zeros + 1) << 16) - fraction; // -log2 of the number, times 2^16
    return (((mean * bits) >> 8) * 45'426) >> 24;     // times ln 2
  }

  template <class List>
  auto& pick(List& from) noexcept {
    return from[static_cast<std::size_t>(below(from.size()))];
  }

private:
  std::array<std::uint64_t, 4> state_{};
};

} // namespace grape::simulation
