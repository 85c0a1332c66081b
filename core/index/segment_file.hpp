#pragma once

#include "core/index/segment.hpp"
#include "core/index/segment_content.hpp"
#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"
#include "core/status.hpp"

#include <string>

namespace grape::index {

// A segment file, versions 1 to 3, little-endian: a header of 512 bytes, then blocks back to back
// in the order of segment_block, each padded with zeros to a multiple of 64 bytes.
//
//   0  magic "GRAPESEG"            44  quantizer::scale (f32)
//   8  version (u32)               48  size of the whole file (u64)
//  12  header bytes (u32) = 512    56  per block: padded bytes (u64), their CRC-32C (u32), 0 (u32)
//  16  segment id (u32)           184  row_form (u8); other than float32 only in version 3
//  20  dimension (u32)            508  CRC-32C of bytes 0..507
//  24  rows (u32)                 means     f32: quantizer::table     (only with codes)
//  28  m (u32), 0 = no graph      ids       kind (0 number, 1 uuid), 16 bytes; by row
//  32  entry (u32)                versions  u64 by row
//  36  level_max (u32)            levels    u8 by row                 (these three
//  40  metric (u8)                links0    u32, 2m by row             only with
//  41  coding (u8); floats and    upper     u32, m by row and level    a graph)
//      int8 only in version 1     codes     quantizer stride by row   (only with codes)
//  42  quantizer::group (u16)     vectors   as row_layout says, by row

/// Writes `path` + ".tmp", syncs it, renames it to `path` and syncs the folder.
status write_segment(storage::file_system& files, const std::string& path,
                     const segment_content& content);

/// Reads a file and verifies all of it: sizes, checksums, every link, every level. Errors:
/// corrupted (naming the file and the block), wrong_version, no_space, and those of `files`.
outcome<segment_content> read_segment(storage::file_system& files, const std::string& path,
                                      code_place codes = code_place::memory);

/// Puts right checksums over the blocks and the header of something that may once have been a
/// segment file; leaves alone what is too short. So tests and fuzzers get past them.
void reseal_segment(std::string& file);

} // namespace grape::index
