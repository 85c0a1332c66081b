#pragma once

#include "actors/data_directory.hpp"
#include "actors/house.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace grape::actors {

/// A name for a file that comes from elsewhere, which is gone when this is.
class fetched_file {
public:
  explicit fetched_file(const house& home)
    : files_(*home.files)
    , path_(home.path(incoming_folder) + "/fetched-" + std::to_string(++count_) + ".snapshot") {}

  ~fetched_file() {
    if (files_.exists(path_))
      (void)files_.remove(path_); // The next start tries again.
  }

  fetched_file(const fetched_file&) = delete;
  fetched_file& operator=(const fetched_file&) = delete;

  const std::string& path() const noexcept { return path_; }

private:
  static inline std::atomic<std::uint64_t> count_{0};

  storage::file_system& files_;
  std::string path_;
};

} // namespace grape::actors
