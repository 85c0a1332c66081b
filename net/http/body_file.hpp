#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace grape::http {

/// A file that is sent as the body of an answer, piece by piece. It stays readable if its name goes
/// meanwhile. Not thread-safe.
class body_file {
public:
  /// `shown_name` is what the client is told to call it. Errors: not_found, io_error.
  static outcome<body_file> open(const std::string& path, std::string shown_name);

  ~body_file();
  body_file(body_file&& from) noexcept;
  body_file& operator=(body_file&& from) noexcept;

  /// Bytes it had when it was opened.
  std::uint64_t size() const noexcept { return size_; }
  const std::string& name() const noexcept { return name_; }

  /// Fills `into` from `offset` on; fewer bytes only where the file ends, 0 also if it cannot be
  /// read any more.
  std::size_t read(std::uint64_t offset, std::span<char> into) const noexcept;

private:
  body_file(int descriptor, std::uint64_t size, std::string name);

  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::string name_;
};

} // namespace grape::http
