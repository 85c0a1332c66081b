#include "actors/data_directory.hpp"

#include "core/storage/file_system.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <random>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace grape::actors {

namespace {

/// Replaces the file so that a crash leaves the old one or the new one.
status write_durably(storage::file_system& files, const std::string& directory,
                     const std::string& name, const std::string& text) {
  const auto path = directory + "/" + name;
  if (files.exists(path + ".new"))
    if (auto removed = files.remove(path + ".new"); !removed.ok())
      return removed;
  auto file = files.open_append(path + ".new");
  if (!file)
    return file.error();
  if (auto written = (*file)->append(text); !written.ok())
    return written;
  if (auto synced = (*file)->sync(); !synced.ok())
    return synced;
  if (auto moved = files.rename(path + ".new", path); !moved.ok())
    return moved;
  return files.sync_directory(directory);
}

outcome<cluster::node_identity> read_identity(storage::file_system& files,
                                              const std::string& directory,
                                              const std::string& node_id) {
  const auto path = directory + "/identity.toml";
  if (!files.exists(path)) {
    // It is written before anything else.
    if (files.exists(directory + "/log") || files.exists(directory + "/meta"))
      return status{errc::corrupted, path + ": missing, but there is data: put back a copy of it"};
    cluster::node_identity fresh;
    fresh.node_id = node_id;
    return fresh;
  }
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  auto who = cluster::parse_identity(text.str());
  if (!who)
    return status{who.error().code, path + ": " + who.error().detail};
  if (who->node_id != node_id)
    return status{errc::bad_config, path + ": the data is node `" + who->node_id
                                      + "`'s, but [node] id is `" + node_id + "`"};
  return who;
}

/// A directory stays with the mode in which it was made.
status check_mode(const cluster::node_identity& who, const std::string& directory,
                  bool is_clustered) {
  const auto is_founding = who.founding != cluster::founding_stage::empty;
  if (is_clustered && !is_founding && !who.cluster_id.empty())
    return {errc::bad_config, directory + ": it holds the data of a node that was alone, but "
                                  "[cluster] founders or join is given: a node of a cluster starts "
                                  "with an empty data directory"};
  if (!is_clustered && is_founding)
    return {errc::bad_config, directory + ": it belongs to a node of the cluster " + who.cluster_id
                                  + ", but [cluster] founders is not given"};
  return {};
}

} // namespace

std::string draw_uuid() {
  std::ifstream source{"/proc/sys/kernel/random/uuid"};
  std::string id;
  std::getline(source, id);
  return id;
}

std::uint64_t draw_number() {
  std::random_device source;
  const auto drawn = std::uint64_t{source()} << 32 | source();
  return std::max<std::uint64_t>(drawn, 1);
}

outcome<std::unique_ptr<data_directory>> data_directory::open(const std::string& path,
                                                              const std::string& node_id,
                                                              bool is_clustered) {
  auto& files = storage::posix_file_system();
  if (auto made = files.create_directories(path); !made.ok())
    return made;
  const auto lock_path = path + "/lock";
  const int lock = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0)
    return status{errc::io_error, lock_path + ": " + std::strerror(errno)};
  std::unique_ptr<data_directory> own{new data_directory{lock, path}};
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0)
    return status{errc::unavailable, path + ": another process uses this data directory"};
  auto who = read_identity(files, path, node_id);
  if (!who)
    return std::move(who).error();
  if (auto fits = check_mode(*who, path, is_clustered); !fits.ok())
    return fits;
  ++who->incarnation;
  if (who->disk == 0)
    who->disk = draw_number();
  if (who->cluster_id.empty() && !is_clustered)
    who->cluster_id = draw_uuid();
  if (auto written = own->write(*who); !written.ok())
    return written;
  return own;
}

status data_directory::write(const cluster::node_identity& who) {
  auto written = write_durably(storage::posix_file_system(), path_, "identity.toml",
                               cluster::print_identity(who));
  if (written.ok())
    who_ = who;
  return written;
}

data_directory::~data_directory() {
  ::close(lock_);
}

} // namespace grape::actors
