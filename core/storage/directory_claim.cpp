#include "core/storage/directory_claim.hpp"

#include <mutex>
#include <set>
#include <utility>

namespace grape::storage {

namespace {

using claimed_directory = std::pair<const file_system*, std::string>;

struct claims {
  std::mutex lock;
  std::set<claimed_directory> all; // Guarded by lock.
};

claims& of_this_process() {
  static claims only;
  return only;
}

} // namespace

struct directory_claim::held {
  explicit held(claimed_directory what) : directory(std::move(what)) {
  }

  ~held() {
    const std::lock_guard guard{of_this_process().lock};
    of_this_process().all.erase(directory);
  }

  held(const held&) = delete;
  held& operator=(const held&) = delete;

  const claimed_directory directory;
};

outcome<directory_claim> directory_claim::take(const file_system& files, const std::string& path) {
  {
    const std::lock_guard guard{of_this_process().lock};
    if (!of_this_process().all.emplace(&files, path).second)
      return status{errc::unavailable, path + ": already open in this process"};
  }
  return directory_claim{std::make_shared<const held>(claimed_directory{&files, path})};
}

} // namespace grape::storage
