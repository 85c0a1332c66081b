#include "core/codec/crc32c.hpp"

#include "core/codec/little_endian.hpp"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace grape::codec {

namespace {

/// Reflected Castagnoli polynomial.
constexpr std::uint32_t polynomial = 0x82f6'3b78;

using byte_table = std::array<std::uint32_t, 256>;

/// tables[k][b]: what byte b does to the sum when k more bytes follow it in the same step.
constexpr std::array<byte_table, 8> make_tables() {
  std::array<byte_table, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto sum = byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = sum >> 1 ^ (sum & 1 ? polynomial : 0);
    tables[0][byte] = sum;
  }
  for (std::size_t k = 1; k < tables.size(); ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto before = tables[k - 1][byte];
      tables[k][byte] = before >> 8 ^ tables[0][before & 0xff];
    }
  return tables;
}

constexpr auto tables = make_tables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes,
                                                               std::uint32_t before) noexcept {
  std::uint64_t sum = ~before;
  for (; bytes.size() >= 8; bytes.remove_prefix(8))
    sum = _mm_crc32_u64(sum, read_little<std::uint64_t>(bytes.data()));
  auto tail = static_cast<std::uint32_t>(sum);
  for (const auto byte : bytes)
    tail = _mm_crc32_u8(tail, static_cast<unsigned char>(byte));
  return ~tail;
}

const auto chosen = __builtin_cpu_supports("sse4.2") ? by_instruction : crc32c_portable;
#else
const auto chosen = crc32c_portable;
#endif

} // namespace

std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before) noexcept {
  auto sum = ~before;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const auto word = read_little<std::uint64_t>(bytes.data()) ^ sum;
    sum = 0;
    for (std::size_t k = 0; k < 8; ++k)
      sum ^= tables[7 - k][word >> 8 * k & 0xff];
  }
  for (const auto byte : bytes)
    sum = sum >> 8 ^ tables[0][(sum ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~sum;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  return chosen(bytes, before);
}

} // namespace grape::codec
