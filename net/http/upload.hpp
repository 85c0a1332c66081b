#pragma once

#include "core/outcome.hpp"
#include "net/http/multipart.hpp"
#include "net/http/received_file.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace grape::http {

/// What uploads may cost.
struct upload_limits {
  std::string folder;               ///< Where they lie; empty: there are none.
  std::uint64_t bytes_max = 0;      ///< Of one; 0: as much as there is room for.
  std::uint64_t free_bytes_min = 0; ///< What they leave of the disk.
  std::uint32_t at_once_max = 4;
};

/// A body on its way to the disk: as it is, or the field `snapshot` of a multipart one. What is in
/// memory does not depend on its size. Not thread-safe. Errors: malformed, too_large (see
/// `bytes_max`), no_space, io_error.
class upload {
public:
  /// `length` of the body, if it is known before.
  static outcome<upload> begin(const upload_limits& limits, std::string_view content_type,
                               std::optional<std::uint64_t> length);

  status take(std::string_view bytes);

  outcome<std::shared_ptr<const received_file>> finish() &&;

private:
  upload(const upload_limits& limits, received_file into, std::optional<multipart_reader> parts);
  status write(std::string_view bytes);

  const upload_limits* limits_;
  received_file file_;
  std::optional<multipart_reader> parts_; ///< Nothing: the body is the file.
  std::uint64_t taken_ = 0;
  std::uint64_t look_at_ = 0; ///< So many bytes, and the disk is looked at again.
};

} // namespace grape::http
