#include "core/payload/slice.hpp"

#include "core/check.hpp"

#include <bit>
#include <cstring>
#include <span>

namespace grape::payload {

namespace {

/// SipHash-2-4 (Aumasson and Bernstein 2012) under the key 0 of whole 8-byte words.
class siphash {
public:
  void take(std::uint64_t word) noexcept {
    v3_ ^= word;
    rounds(2);
    v0_ ^= word;
    bytes_ += 8;
  }

  std::uint64_t finish() noexcept {
    take(bytes_ << 56); // The length ends the last word, which is otherwise empty.
    v2_ ^= 0xff;
    rounds(4);
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

private:
  void rounds(int count) noexcept {
    for (; count > 0; --count) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }

  std::uint64_t v0_ = 0x736f6d6570736575; // "somepseudorandomlygeneratedbytes"
  std::uint64_t v1_ = 0x646f72616e646f6d;
  std::uint64_t v2_ = 0x6c7967656e657261;
  std::uint64_t v3_ = 0x7465646279746573;
  std::uint64_t bytes_ = 0;
};

std::uint64_t word_at(std::span<const std::uint8_t> bytes, std::size_t from) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data() + from, sizeof word);
  return word;
}

} // namespace

bool is_in(const slice& part, const point_id& id) noexcept {
  GRAPE_CHECK(part.total > 0);
  siphash hash;
  if (id.is_number()) {
    hash.take(id.number());
  } else {
    hash.take(word_at(id.name().bytes, 0));
    hash.take(word_at(id.name().bytes, 8));
  }
  return hash.finish() % part.total == part.index;
}

} // namespace grape::payload
