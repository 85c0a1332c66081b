#pragma once

#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"

#include <memory>
#include <string>

namespace grape::storage {

/// The right to use a directory, which only one holder in this process has at a time; given back
/// at its end. Whether another process uses the directory is the node's concern. Thread-safe.
class directory_claim {
public:
  /// Error: unavailable if somebody holds it. `path` is compared as it is written.
  static outcome<directory_claim> take(const file_system& files, const std::string& path);

private:
  struct held;
  explicit directory_claim(std::shared_ptr<const held> what) : held_(std::move(what)) {
  }

  std::shared_ptr<const held> held_;
};

} // namespace grape::storage
