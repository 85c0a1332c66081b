#pragma once

#include "core/cluster/node_identity.hpp"
#include "core/outcome.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace grape::actors {

/// A random one, as 36 characters of hexadecimal digits and dashes.
std::string draw_uuid();

/// Below the data directory: what comes from outside and is not in its place yet. A start empties
/// it.
inline constexpr const char* incoming_folder = "incoming";

/// From the operating system; never 0.
std::uint64_t draw_number();

/// A data directory that this process alone has, until the object dies.
class data_directory {
public:
  /// Creates it if there is none. That of a lone node gets the id of a cluster of its own, that of
  /// a node in a cluster none, until `write` gives it one. Errors: unavailable (another process has
  /// it), io_error, no_space, corrupted (identity.toml is damaged, or missing beside data),
  /// bad_config (it is another node's, or it belongs to a lone node and this one is clustered, or
  /// the reverse).
  static outcome<std::unique_ptr<data_directory>> open(const std::string& path,
                                                       const std::string& node_id,
                                                       bool is_clustered = false);

  ~data_directory();

  data_directory(const data_directory&) = delete;
  data_directory& operator=(const data_directory&) = delete;

  /// Not while another thread is in `write`.
  const cluster::node_identity& who() const noexcept { return who_; }

  /// Replaces identity.toml; durable when it returns. Errors: io_error, no_space; then the old one
  /// stands, or the new one.
  status write(const cluster::node_identity& who);

private:
  data_directory(int lock, std::string path) noexcept : lock_(lock), path_(std::move(path)) {
  }

  int lock_; // A file descriptor; closing it unlocks.
  std::string path_;
  cluster::node_identity who_;
};

} // namespace grape::actors
