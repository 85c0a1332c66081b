#include "core/storage/leveldb_copy.hpp"

#include <utility>

namespace grape::storage {

namespace {

/// "MANIFEST-000004\n" without its end.
std::string first_line(std::string text) {
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

status write_new(file_system& files, const std::string& path, const std::string& bytes) {
  const auto file = files.open_append(path);
  if (!file)
    return file.error();
  if (auto written = (*file)->append(bytes); !written.ok())
    return written;
  return (*file)->sync();
}

} // namespace

status removals::remove(const std::string& path) {
  {
    const std::lock_guard guard{lock_};
    if (holds_ > 0) {
      waiting_.push_back(path);
      return {};
    }
  }
  return files_.remove(path);
}

removals::hold::hold(removals& of)
  : of_(of) {
  const std::lock_guard guard{of_.lock_};
  ++of_.holds_;
}

removals::hold::~hold() {
  std::vector<std::string> due;
  {
    const std::lock_guard guard{of_.lock_};
    if (--of_.holds_ == 0)
      due = std::exchange(of_.waiting_, {});
  }
  // What stays behind is found when the store is opened next.
  for (const auto& path : due)
    static_cast<void>(of_.files_.remove(path));
}

// The manifest first: it says which tables and which logs count, and all of those are still there
// when the folder is listed. Of the logs listed only the newest can still grow: LevelDB begins one
// when the one before is complete. So what is copied is the state of the manifest and, of what came
// after, a prefix.
status copy_leveldb(file_system& files, const std::string& from, const std::string& to) {
  const auto current = read_file(files, from + "/CURRENT");
  if (!current)
    return current.error();
  const auto name_of_manifest = first_line(*current);
  const auto manifest = read_file(files, from + "/" + name_of_manifest);
  if (!manifest)
    return manifest.error();
  const auto names = files.list(from);
  if (!names)
    return names.error();
  if (files.exists(to))
    return {errc::already_exists, to + ": is there already"};
  if (auto made = files.create_directories(to); !made.ok())
    return made;
  for (const auto& name : *names) {
    status done;
    if (name.ends_with(".ldb") || name.ends_with(".sst"))
      done = files.link(from + "/" + name, to + "/" + name);
    else if (name.ends_with(".log"))
      done = copy_file(files, from + "/" + name, to + "/" + name);
    if (!done.ok())
      return done;
  }
  if (auto written = write_new(files, to + "/" + name_of_manifest, *manifest); !written.ok())
    return written;
  if (auto written = write_new(files, to + "/CURRENT", *current); !written.ok())
    return written;
  return files.sync_directory(to);
}

} // namespace grape::storage
