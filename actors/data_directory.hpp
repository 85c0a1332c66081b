#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace grape::actors {

/// Who a data directory belongs to; stands in `identity.toml`.
struct identity {
  std::string node_id;
  std::string cluster_id; ///< Made when the directory was.
  std::uint64_t incarnation = 0; ///< One more with each start.
};

/// A data directory that this process alone has, until the object dies.
class data_directory {
public:
  /// Creates it if there is none. Errors: unavailable (another process has it), io_error,
  /// corrupted (identity.toml makes no sense), bad_config (it is another node's).
  static outcome<std::unique_ptr<data_directory>> open(const std::string& path,
                                                       const std::string& node_id);

  ~data_directory();

  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  const identity& who() const noexcept { return who_; }

private:
  explicit data_directory(int lock) noexcept : lock_(lock) {
  }

  int lock_; // A file descriptor; closing it unlocks.
  identity who_;
};

} // namespace grape::actors
