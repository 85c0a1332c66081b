#include "core/storage/snapshot_install.hpp"

#include <algorithm>

namespace grape::storage {

namespace {

constexpr std::string_view whole_start = "staged-";
constexpr std::string_view difference_start = "difference-";

bool is_staged(const std::string& name) {
  return name.starts_with(whole_start) || name.starts_with(difference_start);
}

status replace_points(file_system& files, const std::string& directory, const std::string& by) {
  for (const auto* old : {"/points", "/segments"})
    if (auto removed = files.remove_all(directory + old); !removed.ok())
      return removed;
  if (auto moved = files.rename(directory + "/" + by, directory + "/points"); !moved.ok())
    return moved;
  return files.sync_directory(directory);
}

} // namespace

outcome<std::string> stage_received(file_system& files, const std::string& directory,
                                    const raft::snapshot_mark& of, staged_content what) {
  const auto start = what == staged_content::whole ? whole_start : difference_start;
  const auto name
    = std::string(start) + std::to_string(of.index.value) + "-" + std::to_string(of.term.value);
  const auto received = directory + "/" + std::string(receiving_folder);
  if (auto removed = files.remove_all(directory + "/" + name); !removed.ok())
    return removed;
  if (auto named = files.sync_directory(received); !named.ok())
    return named;
  if (auto moved = files.rename(received, directory + "/" + name); !moved.ok())
    return moved;
  if (auto named = files.sync_directory(directory); !named.ok())
    return named;
  return name;
}

// rule 29: the log's word decides; what lies on the disk beside it is only work left to do.
outcome<std::string> settle_staging(file_system& files, const std::string& directory,
                                    const log_base& said) {
  const auto names = files.list(directory);
  if (!names)
    return names.error();
  const auto has = [&](const std::string& name) {
    return std::find(names->begin(), names->end(), name) != names->end();
  };
  const auto is_here = !said.staged.empty() && has(said.staged);
  const auto is_whole = said.staged.starts_with(whole_start);
  if (!said.staged.empty() && !has("points") && !(is_here && is_whole))
    return status{errc::corrupted,
                  directory + "/" + said.staged + ": missing, but the log names it"};
  if (is_here && is_whole)
    if (auto replaced = replace_points(files, directory, said.staged); !replaced.ok())
      return replaced;
  for (const auto& name : *names)
    if (is_staged(name) && name != said.staged)
      if (auto removed = files.remove_all(directory + "/" + name); !removed.ok())
        return removed;
  return is_here && !is_whole ? said.staged : std::string{};
}

status drop_staged(file_system& files, const std::string& directory, const std::string& staged) {
  if (auto removed = files.remove_all(directory + "/" + staged); !removed.ok())
    return removed;
  return files.sync_directory(directory);
}

} // namespace grape::storage
