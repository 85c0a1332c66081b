#pragma once

// Shared by the writer and the reader of segment files; the format is described in
// segment_file.hpp.

#include "core/vector/quantizer.hpp"
#include "core/vector/stored_row.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace grape::index {

static_assert(std::endian::native == std::endian::little, "segment files are little-endian");

enum class segment_block : std::uint8_t {
  means,
  ids,
  versions,
  levels,
  links0,
  upper,
  codes,
  vectors,
};

constexpr std::size_t block_count = 8;
constexpr std::array<const char*, block_count> block_names = {
  "means", "ids", "versions", "levels", "links0", "upper", "codes", "vectors"};

constexpr std::string_view segment_magic = "GRAPESEG";
constexpr std::uint32_t segment_version = 3; ///< The newest that is known.

/// What can be said in version 1 is, so that older programs read it.
constexpr std::uint32_t version_of(coding code, row_form form) noexcept {
  if (form != row_form::float32)
    return 3;
  return code == coding::floats || code == coding::int8 ? 1 : 2;
}

constexpr std::size_t header_bytes = 512;
constexpr std::size_t header_crc_at = header_bytes - 4;
constexpr std::size_t block_table_at = 56;
constexpr std::size_t block_entry_bytes = 16;
constexpr std::size_t form_at = block_table_at + 8 * block_entry_bytes; ///< A byte; 0 before 3.
constexpr std::size_t block_alignment = 64;
constexpr std::size_t id_bytes = 17;

/// The header's fields as they stand in the file.
struct segment_header {
  std::uint32_t version = 0;
  std::uint32_t bytes = header_bytes;
  std::uint32_t id = 0;
  std::uint32_t dimension = 0;
  std::uint32_t rows = 0;
  std::uint32_t m = 0;
  std::uint32_t entry = 0;
  std::uint32_t level_max = 0;
  std::uint8_t metric = 0;
  std::uint8_t coding = 0;
  std::uint16_t group = 0;
  float scale = 0;
  std::uint64_t file_bytes = 0;
};

static_assert(sizeof(segment_header) == block_table_at - segment_magic.size());

struct block_entry {
  std::uint64_t bytes = 0;
  std::uint32_t crc = 0;
  std::uint32_t zero = 0;
};

static_assert(sizeof(block_entry) == block_entry_bytes);

using block_table = std::array<block_entry, block_count>;

constexpr std::uint64_t padded_to_block(std::uint64_t bytes) noexcept {
  return (bytes + block_alignment - 1) / block_alignment * block_alignment;
}

} // namespace grape::index
