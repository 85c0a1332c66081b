#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace grape::archive {

/// "words-1-2026-11-29-03-05-07.snapshot", with "-2" before the dot if that is taken, and so on.
/// `owner`: a collection, or "full-snapshot"; of a long one the first 160 bytes, whole characters.
std::string snapshot_name(std::string_view owner, std::uint32_t node, std::uint64_t unix_s,
                          const std::set<std::string>& taken);

/// "2026-11-29-03-05-07"
std::string time_stamp(std::uint64_t unix_s);

/// Whether a file of this name in the folder of snapshots is one, and the name leads nowhere else.
bool is_snapshot_name(std::string_view name) noexcept;

/// The file beside a snapshot that says its checksum.
std::string checksum_name(std::string_view snapshot);

/// The absolute path of a file URL ("file:///x", "file://localhost/x"), percent-decoded. Error:
/// bad_request.
outcome<std::string> path_of_file_url(std::string_view url);

bool is_file_url(std::string_view url) noexcept;

/// 64 hexadecimal digits of either case.
bool is_sha256_text(std::string_view text) noexcept;

} // namespace grape::archive
