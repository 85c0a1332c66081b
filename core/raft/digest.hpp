#pragma once

#include "core/ids.hpp"

#include <concepts>
#include <cstdint>
#include <string_view>

namespace grape::raft {

/// A 64-bit hash of values taken one after another (FNV-1a over words, then mixed). Not for
/// anything that an adversary chooses.
class digest {
public:
  template <std::integral Number>
  void mix(Number next) noexcept {
    state_ = (state_ ^ static_cast<std::uint64_t>(next)) * 0x100000001b3u;
    state_ ^= state_ >> 29;
  }

  template <class Tag, class Rep>
  void mix(id<Tag, Rep> next) noexcept {
    mix(next.value);
  }

  void mix(std::string_view text) noexcept {
    mix(text.size());
    for (const char one : text)
      mix(one);
  }

  std::uint64_t value() const noexcept { return state_; }

private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

} // namespace grape::raft
