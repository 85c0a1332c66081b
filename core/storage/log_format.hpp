#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The bytes of the ordered log; integers are little-endian.
///
/// Segment `log-<number>.log`: header (8 bytes "GRAPELOG", u32 version, u64 number, u32 CRC32C of
/// these), then batches. A batch is an opening record and the records it counts. Record: u32
/// payload bytes, u32 CRC32C of all else, u32 group, u32 kind, u64 index, u64 term, payload. In an
/// opening record `group` counts the batch's records, `index` is the batch's number (one more than
/// the one before, through all segments), and every batch up to `term` had been synced when it was
/// written: so damage in a batch that a later opening calls synced is never a torn tail. A batch
/// counts as a whole or not at all. Behind the last batch of the newest segment there may be zeros,
/// which later batches take the place of; no record looks like them.
///
/// Version 2 had no such zeros.
///
/// Version 1 had no kinds beyond `forget`, and of a torn batch the records before the damage
/// stayed, followed by the next opening. Its segments are read, but nothing is added to them.
///
/// Manifest `segments`: a frame with [number of the oldest segment, sizes of all but the newest].
/// It is replaced before a segment is written to, and before one is removed.
namespace grape::storage::log_format {

inline constexpr std::uint32_t version = 3;
inline constexpr std::uint32_t oldest_version = 1; ///< That can be read.
inline constexpr std::size_t segment_header_bytes = 24;
inline constexpr std::size_t record_header_bytes = 32;
inline constexpr std::string_view manifest_name = "segments";

/// Numbers stand on disk.
enum class record_kind : std::uint32_t {
  batch = 1,   ///< Opens a batch.
  entry = 2,   ///< The group's next entry.
  moved = 3,   ///< A copy of an entry whose segment is about to be removed.
  release = 4, ///< Entries up to `index` are no longer needed.
  forget = 5,  ///< The group and all it had before this is gone.
  hard_state = 6, ///< Of the group's peer: commit as `index`, `term`; the payload is the u64 vote.
  truncate = 7,   ///< Entries beyond `index` are gone.
  base = 8,       ///< The group begins after (`index`, `term`); the payload is in log_base.hpp.
  configuration = 9,        ///< The group's next entry, about its members.
  moved_configuration = 10, ///< A copy of such a one.
};

constexpr bool is_entry(record_kind kind) noexcept {
  return kind == record_kind::entry || kind == record_kind::configuration;
}

constexpr bool is_moved(record_kind kind) noexcept {
  return kind == record_kind::moved || kind == record_kind::moved_configuration;
}

/// Of an entry or a copy of one: whether it is about the group's members.
constexpr bool is_about_members(record_kind kind) noexcept {
  return kind == record_kind::configuration || kind == record_kind::moved_configuration;
}

struct stored_record {
  record_kind kind{};
  std::uint32_t group = 0;
  std::uint64_t index = 0;
  std::uint64_t term = 0;
  std::string_view payload;

  std::size_t bytes() const noexcept { return record_header_bytes + payload.size(); }
};

/// "log-0000000000000042.log"
std::string segment_name(std::uint64_t number);

/// The reverse; nothing for names that are not a segment's.
std::optional<std::uint64_t> segment_number(std::string_view name);

std::string segment_header(std::uint64_t number);

/// The format version it is of. Errors name no file: corrupted, wrong_version.
outcome<std::uint32_t> check_segment_header(std::string_view segment, std::uint64_t number);

void append_record(std::string& to, const stored_record& record);

/// The record at `at`, its payload a view into `segment`; nothing if it is cut or damaged.
std::optional<stored_record> read_record(std::string_view segment, std::size_t at) noexcept;

/// Gathers records and puts the opening in front of them.
class batch_builder {
public:
  batch_builder() : bytes_(record_header_bytes, '\0') {
  }

  /// Returns the record's offset within the batch.
  std::size_t add(const stored_record& record);

  bool empty() const noexcept { return count_ == 0; }
  std::size_t size() const noexcept { return bytes_.size(); }

  /// The whole batch, valid until the builder changes.
  std::string_view finish(std::uint64_t number, std::uint64_t synced_through);

private:
  std::string bytes_;
  std::uint32_t count_ = 0;
};

struct manifest {
  std::uint64_t oldest = 1;
  std::vector<std::uint64_t> sealed_bytes; ///< Sizes of the segments oldest .. newest - 1.

  std::uint64_t newest() const noexcept { return oldest + sealed_bytes.size(); }
};

std::string encode_manifest(const manifest& from);

/// Errors name no file.
outcome<manifest> decode_manifest(std::string_view bytes);

/// What reading a segment to its end found.
struct segment_end {
  std::uint64_t good_bytes = 0;   ///< Whatever lies beyond is a torn tail.
  std::uint64_t records_lost = 0; ///< At least so many records are in, or missing from, the tail.
  std::uint64_t last_batch = 0;   ///< The highest number of a whole batch; 0 = no batch.
  std::uint32_t version = 0;      ///< Of the segment.
  std::map<std::uint32_t, std::uint64_t> lost; ///< By group: records that the tail still shows.
};

/// Reads the records of whole batches of a segment in order. `batch_before` is the number of the
/// last batch of the segment before; 0 = unknown. Only in the newest segment a torn tail is
/// admitted. Errors name the offset but no file: corrupted, wrong_version, or what `visit` said.
outcome<segment_end> scan_segment(
  std::string_view segment, std::uint64_t number, std::uint64_t batch_before, bool is_newest,
  const std::function<status(const stored_record&, std::size_t offset)>& visit);

} // namespace grape::storage::log_format
