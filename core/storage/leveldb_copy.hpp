#pragma once

#include "core/status.hpp"
#include "core/storage/file_system.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace grape::storage {

/// Removes the files that LevelDB lets go of; not while somebody copies them. Thread-safe.
class removals {
public:
  explicit removals(file_system& files)
    : files_(files) {}

  /// At once, or when the last hold ends.
  status remove(const std::string& path);

  /// While it lives nothing is removed.
  class hold {
  public:
    explicit hold(removals& of);
    ~hold();

    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;

  private:
    removals& of_;
  };

private:
  file_system& files_;
  std::mutex lock_; // Guards what follows.
  std::size_t holds_ = 0;
  std::vector<std::string> waiting_;
};

/// Makes `to`, which must not exist, a LevelDB with the state that the one in `from` has at some
/// moment meanwhile: all that was committed before, and a prefix of what is committed during the
/// call. `from` may be open and written to, as long as none of its files goes: hold its removals.
/// Tables are shared between the two, for they never change; the rest is small and copied. Durable
/// on return. Errors: those of the file system; what was begun in `to` is left there.
status copy_leveldb(file_system& files, const std::string& from, const std::string& to);

} // namespace grape::storage
