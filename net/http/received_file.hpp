#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace grape::http {

/// What came with a request and is kept on the disk instead of in memory. The file is gone when
/// this is. Not thread-safe.
class received_file {
public:
  /// An empty one in `folder`, which is made if need be. Errors: io_error, no_space.
  static outcome<received_file> create(const std::string& folder);

  ~received_file();
  received_file(received_file&& from) noexcept;
  received_file& operator=(received_file&& from) noexcept;

  /// Errors: io_error, no_space; what came before stays.
  status append(std::string_view bytes);

  const std::string& path() const noexcept { return path_; }
  std::uint64_t size() const noexcept { return size_; }

private:
  received_file(int descriptor, std::string path);

  int descriptor_ = -1;
  std::string path_;
  std::uint64_t size_ = 0;
};

} // namespace grape::http
