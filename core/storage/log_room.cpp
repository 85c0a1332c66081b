// What the ordered log does about a disk that is full, or nearly; and the room it makes ahead.

#include "core/storage/log_file_state.hpp"

#include <algorithm>
#include <utility>

namespace grape::storage {

namespace {

/// Of a small disk the reserve is this part.
constexpr std::uint64_t reserve_part = 20;

/// A batch is small if it is at most this part of what is written ahead of it.
constexpr std::uint64_t small_part = 16;

/// Zeros are written only where so many times as much would find room: on a disk that is nearly
/// full they would take what stores need to apply what is in the log.
constexpr std::uint64_t plenty_factor = 64;

constexpr std::uint64_t mebibyte = 1u << 20;

std::string in_mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes / mebibyte) + "." + std::to_string(bytes % mebibyte * 10 / mebibyte)
         + " MiB";
}

} // namespace

// rule 35: entries are refused early, so that hard states and marks still find room, and so do the
// stores that must apply what is in the log before it can be let go.
status log_file::state::room_for(std::uint64_t bytes) const {
  const auto disk = segments_.space();
  if (!disk || disk->total_bytes == 0)
    return {}; // Nobody knows; the write itself will tell.
  const auto reserve = std::min(options_.reserve_bytes_max, disk->total_bytes / reserve_part);
  if (disk->free_bytes >= reserve + bytes)
    return {};
  return {errc::no_space, segments_.path(segments_.newest()) + ": no room for "
                            + std::to_string(bytes) + " bytes: " + in_mebibytes(disk->free_bytes)
                            + " of the disk are free, of which " + in_mebibytes(reserve)
                            + " are kept back"};
}

/// For batches so small that it is their syncs that take long. The reserve is not for this.
status log_file::state::look_ahead(std::uint64_t batch_bytes) {
  if (batch_bytes > options_.ahead_bytes / small_part || !segments_.ends_bare())
    return {};
  const auto used = std::min(segments_.size(segments_.newest()), options_.segment_bytes);
  const auto count = std::min(options_.ahead_bytes, options_.segment_bytes - used);
  const auto plenty = plenty_factor * count;
  return count == 0 || !room_for(plenty).ok() ? status{} : segments_.add_zeros(count);
}

status log_file::state::take_back(std::uint64_t offset, status why) {
  if (why.code != errc::no_space)
    return stop(std::move(why));
  if (auto cut = segments_.cut_back(offset); !cut.ok())
    return stop(std::move(cut));
  return why;
}

} // namespace grape::storage
