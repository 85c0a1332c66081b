#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// Bytes for records: MessagePack inside, checksummed frames around.
namespace grape::codec {

/// Nesting that `unpacker` admits; more is refused as corrupted. Above what any door lets in, so
/// that whatever was once accepted can be read back.
inline constexpr std::size_t depth_max = 1'200;

/// Writes MessagePack in its shortest form. The caller keeps the promise of each `array(n)` and
/// `map(n)` to write n elements, or n keys and values, next. Not thread-safe.
class packer {
public:
  void array(std::size_t count);
  void map(std::size_t count);
  void nil();
  void boolean(bool value);
  void u64(std::uint64_t value);
  void i64(std::int64_t value);
  void f32(float value);
  void f64(double value);
  void str(std::string_view text);
  void bin(std::string_view bytes);

  std::size_t size() const noexcept { return bytes_.size(); }

  /// Everything written so far; the packer is empty afterwards.
  std::string take() noexcept;

private:
  std::string bytes_;
};

/// Reads MessagePack without trusting it: checks bounds and depth, allocates nothing itself. The
/// first thing that does not fit makes it fail for good; from then on every read returns an empty
/// value, so a caller may check `ok` once at the end, and in loops. Not thread-safe.
class unpacker {
public:
  /// What comes next. `end`: nothing, or an earlier failure.
  enum class kind : std::uint8_t {
    end, nil, boolean, unsigned_integer, signed_integer, f32, f64, str, bin, array, map, unknown
  };

  /// `input` must outlive the unpacker and every view it returns.
  explicit unpacker(std::string_view input) noexcept : input_(input) {
  }

  kind peek() const noexcept;

  /// Number of elements that follow; never more than bytes are left.
  std::size_t array() noexcept;

  /// Number of key-value pairs that follow; never more than half the bytes left.
  std::size_t map() noexcept;

  /// An array of exactly `count` elements: the fields of a record.
  void tuple(std::size_t count) noexcept;

  void nil() noexcept;
  bool boolean() noexcept;
  std::uint64_t u64() noexcept;

  /// An unsigned integer up to `most`.
  std::uint64_t u64(std::uint64_t most) noexcept;

  std::int64_t i64() noexcept;
  float f32() noexcept;
  double f64() noexcept;
  std::string_view str() noexcept;
  std::string_view bin() noexcept;

  /// Around each level of a recursive structure; false, and failed, beyond `depth_max`.
  bool enter() noexcept;
  void leave() noexcept;

  /// Makes the unpacker fail with a reason of the caller's; a literal. The first failure stays.
  void fail(const char* why) noexcept;

  bool ok() const noexcept { return why_ == nullptr; }

  /// Ok when all was read and fitted, else `corrupted` with reason and byte offset.
  status finish() const;

private:
  unsigned char take_byte() noexcept;
  std::uint64_t take_big_endian(std::size_t bytes) noexcept;
  std::string_view take_bytes(std::uint64_t count) noexcept;

  std::string_view input_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  const char* why_ = nullptr;
};

/// One value of any type that has a `pack` overload, as bytes.
template <class T>
std::string packed(const T& value) {
  packer out;
  pack(out, value);
  return out.take();
}

/// The reverse of `packed`: the whole of `bytes` must be one T, else `corrupted`.
template <class T>
outcome<T> unpacked(std::string_view bytes) {
  unpacker in{bytes};
  T value{};
  unpack(in, value);
  if (auto read = in.finish(); !read.ok())
    return read;
  return value;
}

} // namespace grape::codec
