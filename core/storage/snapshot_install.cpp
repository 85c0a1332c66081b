#include "core/storage/snapshot_install.hpp"

#include "core/codec/crc32c.hpp"

#include <algorithm>

namespace grape::storage {

namespace {

constexpr std::string_view staged_start = "staged-";
constexpr std::size_t read_bytes = 256u << 10;

outcome<std::uint32_t> checksum_of(const random_file& file, const std::string& path) {
  std::string bytes(read_bytes, '\0');
  std::uint32_t sum = 0;
  for (std::uint64_t at = 0; at < file.size();) {
    const auto got = file.read(at, bytes.size(), bytes.data());
    if (!got)
      return got.error();
    if (*got == 0)
      return status{errc::io_error, path + ": shrank while it was read"};
    sum = codec::crc32c(std::string_view{bytes}.substr(0, *got), sum);
    at += *got;
  }
  return sum;
}

status seal_file(file_system& files, const std::string& path, const staged_file& sent) {
  auto file = files.open_random(path);
  if (!file && file.error().code == errc::not_found)
    return {errc::corrupted, path + ": missing in the snapshot"};
  if (!file)
    return file.error();
  const auto sum = checksum_of(**file, path);
  if (!sum)
    return sum.error();
  if ((*file)->size() != sent.bytes || *sum != sent.crc32c)
    return {errc::corrupted, path + ": not what was sent"};
  auto again = files.open_append(path);
  return again ? (*again)->sync() : again.error();
}

} // namespace

outcome<std::string> begin_staging(file_system& files, const std::string& directory,
                                   const raft::snapshot_mark& of) {
  const auto name = std::string(staged_start) + std::to_string(of.index.value) + "-"
                    + std::to_string(of.term.value);
  if (auto removed = files.remove_all(directory + "/" + name); !removed.ok())
    return removed;
  if (auto made = files.create_directories(directory + "/" + name); !made.ok())
    return made;
  return name;
}

status seal_staging(file_system& files, const std::string& directory, const std::string& staged,
                    std::span<const staged_file> sent) {
  const auto folder = directory + "/" + staged;
  const auto names = files.list(folder);
  if (!names)
    return names.error();
  for (const auto& name : *names)
    if (std::none_of(sent.begin(), sent.end(), [&](const auto& one) { return one.name == name; }))
      return {errc::corrupted, folder + "/" + name + ": not in the snapshot"};
  for (const auto& one : sent)
    if (auto sealed = seal_file(files, folder + "/" + one.name, one); !sealed.ok())
      return sealed;
  if (auto named = files.sync_directory(folder); !named.ok())
    return named;
  return files.sync_directory(directory);
}

// rule 29: the log's word decides; what lies on the disk beside it is only work left to do.
status settle_staging(file_system& files, const std::string& directory, const log_base& said) {
  const auto names = files.list(directory);
  if (!names)
    return names.error();
  const auto has = [&](const std::string& name) {
    return std::find(names->begin(), names->end(), name) != names->end();
  };
  if (!said.staged.empty() && has(said.staged)) {
    for (const auto* old : {"/points", "/segments"})
      if (auto removed = files.remove_all(directory + old); !removed.ok())
        return removed;
    if (auto moved = files.rename(directory + "/" + said.staged, directory + "/points");
        !moved.ok())
      return moved;
    if (auto named = files.sync_directory(directory); !named.ok())
      return named;
  } else if (!said.staged.empty() && !has("points")) {
    return {errc::corrupted, directory + "/" + said.staged + ": missing, but the log names it"};
  }
  for (const auto& name : *names)
    if (name.starts_with(staged_start) && name != said.staged)
      if (auto removed = files.remove_all(directory + "/" + name); !removed.ok())
        return removed;
  return {};
}

} // namespace grape::storage
