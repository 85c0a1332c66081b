#pragma once

// What the targets do with the bytes that they are given.

#include "core/check.hpp"
#include "core/status.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace grape::fuzz {

inline std::string_view text_of(const std::uint8_t* from, std::size_t count) {
  return {reinterpret_cast<const char*>(from), count};
}

/// What stands before the first `mark`, and what behind it.
inline std::pair<std::string_view, std::string_view> split(std::string_view input, char mark) {
  const auto head = input.substr(0, input.find(mark));
  return {head, input.substr(std::min(head.size() + 1, input.size()))};
}

/// Takes small numbers from the front of the input; zeros when it is used up.
class source {
public:
  explicit source(std::string_view input)
    : left_(input) {}

  bool empty() const { return left_.empty(); }

  std::uint8_t byte() {
    if (left_.empty())
      return 0;
    const auto taken = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return taken;
  }

  std::string_view text(std::size_t most) {
    const auto taken = left_.substr(0, most);
    left_.remove_prefix(taken.size());
    return taken;
  }

private:
  std::string_view left_;
};

/// A refusal says why, by one of these codes.
inline void check_refusal(const status& said, std::initializer_list<errc> codes) {
  GRAPE_CHECK(std::find(codes.begin(), codes.end(), said.code) != codes.end());
}

/// `input` is refused by decode(input), or read to something that is written and read back the
/// same. Compared as bytes: a NaN is not equal to itself.
template <class Decode, class Encode>
void check_reading(std::string_view input, Decode decode, Encode encode,
                   std::initializer_list<errc> refusals) {
  const auto said = decode(input);
  if (!said)
    return check_refusal(said.error(), refusals);
  const auto bytes = encode(*said);
  const auto again = decode(bytes);
  GRAPE_CHECK(again.ok());
  GRAPE_CHECK(encode(*again) == bytes);
}

} // namespace grape::fuzz
