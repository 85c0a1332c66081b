#include "tools/bench/disk_syncs.hpp"

#include "core/storage/file_system.hpp"
#include "tools/bench/stopwatch.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace grape::bench {

outcome<std::vector<double>> measure_disk_syncs(const std::string& folder, double seconds) {
  const auto name = folder + "/syncs-" + std::to_string(::getpid());
  auto file = storage::posix_file_system().open_append(name);
  if (!file)
    return file.error();
  const std::string block(4'096, 'x');
  std::vector<double> took;
  const stopwatch clock;
  do {
    const auto before = clock.wall();
    if (auto written = (*file)->append(block); !written.ok())
      return written;
    if (auto synced = (*file)->sync(); !synced.ok())
      return synced;
    took.push_back(clock.wall() - before);
  } while (clock.wall() < seconds);
  std::error_code error;
  std::filesystem::remove(name, error);
  std::sort(took.begin(), took.end());
  return took;
}

} // namespace grape::bench
