#include "core/shard/content_digest.hpp"

#include "core/codec/little_endian.hpp"
#include "core/codec/sha256.hpp"
#include "core/hex_digit.hpp"
#include "core/storage/keys.hpp"

namespace grape::shard {

namespace {

constexpr std::uint64_t points_between_looks = 256;
constexpr std::size_t digits_of_half = 16;

std::string hexadecimal(std::uint64_t of) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(digits_of_half, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, of >>= 4)
    *at = digits[of & 15];
  return text;
}

} // namespace

void content_digest::add(const storage::stored_point& one) {
  auto bytes = storage::keys::of_point("", one.id);
  codec::append_little(bytes, std::uint64_t{one.vectors.size()});
  bytes += one.vectors;
  bytes += one.payload;
  const auto hash = codec::sha256(bytes);
  content_digest of_this{1, 0, 0};
  for (std::size_t i = 0; i < 8; ++i) {
    of_this.high = of_this.high << 8 | hash[i];
    of_this.low = of_this.low << 8 | hash[8 + i];
  }
  *this += of_this;
}

content_digest& content_digest::operator+=(const content_digest& other) noexcept {
  points += other.points;
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);
  return *this;
}

std::string content_digest::text() const {
  return hexadecimal(high) + hexadecimal(low);
}

outcome<content_digest> digest_of_text(const std::string& text) {
  const auto half = [&text](std::size_t from) -> outcome<std::uint64_t> {
    std::uint64_t sum = 0;
    for (auto i = from; i < from + digits_of_half; ++i) {
      const auto digit = hex_digit(text[i]);
      if (digit < 0)
        return status{errc::corrupted, "`" + text + "` is no digest"};
      sum = sum << 4 | static_cast<std::uint64_t>(digit);
    }
    return sum;
  };
  if (text.size() != 2 * digits_of_half)
    return status{errc::corrupted, "`" + text + "` is no digest"};
  const auto high = half(0);
  const auto low = half(digits_of_half);
  if (!high || !low)
    return high ? low.error() : high.error();
  return content_digest{0, *low, *high};
}

outcome<content_digest> digest_of(const storage::point_reader& from,
                                  const std::function<bool()>& stop) {
  content_digest sum;
  bool stopped = false;
  const auto scanned = from.scan_stored(std::nullopt, [&](storage::stored_point&& one) {
    sum.add(one);
    stopped = sum.points % points_between_looks == 0 && stop();
    return !stopped;
  });
  if (!scanned.ok())
    return scanned;
  if (stopped)
    return status{errc::cancelled, "stopped while the points were added up"};
  return sum;
}

} // namespace grape::shard
