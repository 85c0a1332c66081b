#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// What LevelDB's own files say of themselves, as far as mending them needs it.
namespace grape::storage {

/// The writes in a log of LevelDB: it numbers all of a store's without gaps, through all logs.
struct written_range {
  std::uint64_t first = 0;
  std::uint64_t end = 0; ///< The number that the next write gets.
};

/// Of the whole records in a log, which was mended; nothing: there is none.
std::optional<written_range> writes_in(std::string_view log);

/// The oldest log that still counts, by a manifest that was mended: the tables have what older ones
/// held. Corrupted if it does not say; the detail names no file.
outcome<std::uint64_t> oldest_log(std::string_view manifest);

} // namespace grape::storage
