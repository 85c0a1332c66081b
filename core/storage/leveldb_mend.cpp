#include "core/storage/leveldb_mend.hpp"

#include "core/codec/crc32c.hpp"
#include "core/codec/little_endian.hpp"
#include "core/outcome.hpp"
#include "core/storage/leveldb_records.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace grape::storage {

namespace {

// LevelDB's log format (its logs and manifests): blocks of 32 KiB; in a block, records of
// checksum (4), length (2), type (1), bytes; a block's last bytes are unused if less than a header.
constexpr std::size_t block_size = 32'768;
constexpr std::size_t header_size = 7;
constexpr std::size_t sector_size = 512;

std::uint32_t masked(std::uint32_t checksum) noexcept {
  return (checksum >> 15 | checksum << 17) + 0xa282ead8u;
}

/// Where a file's whole records end, and what comes after.
struct tail {
  std::size_t whole = 0;
  enum { none, torn, damaged } rest = none;
};

bool is_zero(std::string_view bytes) noexcept {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

/// A sector that was never written: what a power cut leaves in the middle of unsynced bytes.
bool has_hole(std::string_view file, std::size_t from) noexcept {
  for (auto at = from; at < file.size(); at = (at / sector_size + 1) * sector_size) {
    const auto end = std::min(file.size(), (at / sector_size + 1) * sector_size);
    if (is_zero(file.substr(at, end - at)))
      return true;
  }
  return false;
}

/// Whether some shorter length makes the checksum right: then the length was flipped, and the
/// record is not the victim of a power cut. `body` is type and bytes.
bool fits_shorter(std::string_view body, std::uint32_t wanted) noexcept {
  std::uint32_t checksum = 0;
  for (std::size_t at = 0; at < body.size(); ++at) {
    checksum = codec::crc32c(body.substr(at, 1), checksum);
    if (masked(checksum) == wanted)
      return true;
  }
  return false;
}

tail examine(std::string_view file) {
  std::size_t at = 0;
  while (at < file.size()) {
    const auto in_block = block_size - at % block_size;
    if (in_block < header_size) {
      at += std::min(in_block, file.size() - at);
      continue;
    }
    if (file.size() - at < header_size)
      return {at, tail::torn};
    const auto wanted = codec::read_little<std::uint32_t>(file.data() + at);
    const std::size_t length = codec::read_little<std::uint16_t>(file.data() + at + 4);
    const auto body = file.substr(at + 6, in_block - 6);
    if (header_size + length <= in_block && length + 1 > body.size())
      return {at, fits_shorter(body, wanted) ? tail::damaged : tail::torn};
    if (header_size + length > in_block
        || masked(codec::crc32c(body.substr(0, length + 1))) != wanted)
      return {at, has_hole(file, at) ? tail::torn : tail::damaged};
    at += header_size + length;
  }
  return {at, tail::none};
}

outcome<std::string> read_all(file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  if (!file)
    return std::move(file).error();
  std::string bytes((*file)->size(), '\0');
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto got = (*file)->read(at, bytes.size() - at, bytes.data() + at);
    if (!got)
      return got.error();
    if (*got == 0)
      break;
    at += *got;
  }
  bytes.resize(at);
  return bytes;
}

status cut(file_system& files, const std::string& path, std::uint64_t size) {
  if (auto done = files.truncate(path, size); !done.ok())
    return done;
  auto file = files.open_append(path);
  return file ? (*file)->sync() : std::move(file).error();
}

/// Brings one file, of which the end may never have been synced, to a whole one. Returns what is
/// left of it.
outcome<std::string> mend(file_system& files, const std::string& path) {
  auto bytes = read_all(files, path);
  if (!bytes)
    return bytes;
  const auto found = examine(*bytes);
  if (found.rest == tail::none)
    return bytes;
  if (found.rest == tail::damaged)
    return status{errc::corrupted, path + ": damaged at offset " + std::to_string(found.whole)};
  if (auto done = cut(files, path, found.whole); !done.ok())
    return done;
  bytes->resize(found.whole);
  return bytes;
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

struct numbered_log {
  std::uint64_t number;
  std::string path;
};

/// The logs from a number on that hold anything, oldest first.
outcome<std::vector<numbered_log>> filled_logs(file_system& files, const std::string& directory,
                                               const std::vector<std::string>& names,
                                               std::uint64_t oldest) {
  std::vector<numbered_log> logs;
  for (const std::string_view name : names) {
    if (!name.ends_with(".log") || !all_digits(name.substr(0, name.size() - 4)))
      continue;
    numbered_log log{0, directory + "/" + std::string(name)};
    std::from_chars(name.data(), name.data() + name.size() - 4, log.number);
    if (log.number < oldest)
      continue;
    const auto size = files.size(log.path);
    if (!size)
      return size.error();
    if (*size > 0)
      logs.push_back(std::move(log));
  }
  std::sort(logs.begin(), logs.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return logs;
}

// A log may end anywhere until one that came after it is synced, but what it began with is durable
// before that has begun (leveldb_env). So where writes are missing between two logs nothing behind
// the gap was ever synced.
status mend_logs(file_system& files, const std::vector<numbered_log>& logs) {
  std::optional<std::uint64_t> next;
  auto log = logs.begin();
  for (; log != logs.end(); ++log) {
    const auto bytes = read_all(files, log->path);
    if (!bytes)
      return bytes.error();
    const auto found = examine(*bytes);
    if (found.rest == tail::damaged)
      return {errc::corrupted, log->path + ": damaged at offset " + std::to_string(found.whole)};
    const auto written = writes_in(std::string_view{*bytes}.substr(0, found.whole));
    if (next && (!written || written->first != *next))
      break;
    next = written ? written->end : UINT64_MAX;
  }
  // From behind: else a second power cut could leave what follows a gap that is no more to be seen.
  for (auto last = logs.end(); last != log;)
    if (auto done = cut(files, (--last)->path, 0); !done.ok())
      return done;
  for (auto last = log; last != logs.begin();)
    if (auto mended = mend(files, (--last)->path); !mended.ok())
      return mended.error();
  return {};
}

/// The path of the manifest that CURRENT names.
outcome<std::string> manifest_of(file_system& files, const std::string& directory) {
  constexpr std::string_view stem = "MANIFEST-";
  const auto current = directory + "/CURRENT";
  const auto text = read_all(files, current);
  if (!text)
    return text.error();
  const std::string_view name{*text};
  if (!name.starts_with(stem) || !name.ends_with('\n')
      || !all_digits(name.substr(stem.size(), name.size() - stem.size() - 1)))
    return status{errc::corrupted, current + ": names no manifest"};
  auto path = directory + "/" + std::string(name.substr(0, name.size() - 1));
  if (!files.exists(path))
    return status{errc::corrupted, current + ": names a manifest that is lost"};
  return path;
}

} // namespace

status mend_leveldb(file_system& files, const std::string& directory) {
  const auto names = files.list(directory);
  if (!names)
    return names.error().code == errc::not_found ? status{} : names.error();
  if (!files.exists(directory + "/CURRENT")) {
    const auto holds_something = [](std::string_view name) {
      return name.ends_with(".log") || name.ends_with(".ldb") || name.ends_with(".sst");
    };
    if (std::any_of(names->begin(), names->end(), holds_something))
      return {errc::corrupted, directory + "/CURRENT: lost"};
    return {};
  }
  const auto manifest = manifest_of(files, directory);
  if (!manifest)
    return manifest.error();
  const auto mended = mend(files, *manifest);
  if (!mended)
    return mended.error();
  const auto oldest = oldest_log(*mended);
  if (!oldest)
    return {oldest.error().code, *manifest + ": " + oldest.error().detail};
  const auto logs = filled_logs(files, directory, *names, *oldest);
  return logs ? mend_logs(files, *logs) : logs.error();
}

} // namespace grape::storage
