#pragma once

#include "core/codec/little_endian.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Of this room only: the beginning that all its encoded values share (see codec.hpp), and reading
/// bytes that nobody vouches for.
namespace grape::raft::sealed {

inline constexpr std::uint8_t version = 1;
inline constexpr std::size_t seal_bytes = 6;

/// Numbers stand in the second byte.
enum class value_kind : std::uint8_t {
  entry = 1,
  message = 2,
  change = 3,
  mark = 4,
  state = 5,
  sessions = 6,
  session_command = 7,
};

status damaged(const char* what);

/// The beginning of a value, whose head and what follows will take about `bytes`.
std::string begin(value_kind what, std::size_t bytes);

/// All that `value` holds is its head: puts the checksum in front.
void seal(std::string& value);

/// Checks what every value begins with, but not its sum. Errors: wrong_version, corrupted.
status check_begin(std::string_view bytes, value_kind what);

/// The head of a value that passed check_begin ends at `head_end`; whether its sum is right.
bool is_sealed(std::string_view bytes, std::size_t head_end) noexcept;

/// Checks a value that is nothing but a head.
status check_whole(std::string_view bytes, value_kind what);

/// Takes numbers from the front. Past the end it answers zeros and fails for good.
class reader {
public:
  explicit reader(std::string_view bytes) : left_(bytes) {
  }

  bool ok() const noexcept { return ok_; }
  void fail() noexcept { ok_ = false; }
  std::size_t left() const noexcept { return left_.size(); }

  template <class Integer>
  Integer number() noexcept {
    if (left_.size() < sizeof(Integer)) {
      ok_ = false;
      left_ = {};
      return 0;
    }
    const auto value = codec::read_little<Integer>(left_.data());
    left_.remove_prefix(sizeof(Integer));
    return value;
  }

  std::string_view text(std::size_t count) noexcept {
    ok_ = ok_ && count <= left_.size();
    const auto taken = left_.substr(0, ok_ ? count : 0);
    left_.remove_prefix(taken.size());
    return taken;
  }

  /// A number from `first` to `last`.
  template <class Enum>
  Enum enumerator(Enum first, Enum last) noexcept {
    const auto value = static_cast<Enum>(number<std::uint8_t>());
    ok_ = ok_ && value >= first && value <= last;
    return value;
  }

  bool boolean() noexcept {
    const auto value = number<std::uint8_t>();
    ok_ = ok_ && value <= 1;
    return value == 1;
  }

  /// Ascending identifiers behind their count.
  template <class Id>
  std::vector<Id> set() {
    std::vector<Id> to;
    const std::size_t count = number<std::uint32_t>();
    ok_ = ok_ && count <= left_.size() / sizeof(std::uint64_t);
    if (ok_)
      to.reserve(count);
    for (std::size_t i = 0; i < count && ok_; ++i) {
      const Id next{number<std::uint64_t>()};
      ok_ = to.empty() || to.back() < next;
      to.push_back(next);
    }
    return to;
  }

private:
  std::string_view left_;
  bool ok_ = true;
};

template <class T>
outcome<T> finished(const reader& in, T value) {
  if (!in.ok() || in.left() > 0)
    return damaged("a value that makes no sense");
  return value;
}

} // namespace grape::raft::sealed
