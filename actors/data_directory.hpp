#pragma once

#include "core/cluster/node_identity.hpp"
#include "core/outcome.hpp"

#include <memory>
#include <string>

namespace grape::actors {

/// A data directory that this process alone has, until the object dies.
class data_directory {
public:
  /// Creates it if there is none. Errors: unavailable (another process has it), io_error,
  /// no_space, corrupted (identity.toml is damaged, or missing beside data), bad_config (it is
  /// another node's).
  static outcome<std::unique_ptr<data_directory>> open(const std::string& path,
                                                       const std::string& node_id);

  ~data_directory();

  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  const cluster::node_identity& who() const noexcept { return who_; }

private:
  explicit data_directory(int lock) noexcept : lock_(lock) {
  }

  int lock_; // A file descriptor; closing it unlocks.
  cluster::node_identity who_;
};

} // namespace grape::actors
