#pragma once

#include <cstdint>

/// The limit on what a process may have open at a time (RLIMIT_NOFILE).
namespace grape::storage {

/// As it is now; 0 = not known, or none.
std::uint64_t open_files_max() noexcept;

/// Raises it as far as the system lets the process by itself; what it is then. For programs, before
/// they open anything: a library leaves it to its host.
std::uint64_t raise_open_files() noexcept;

/// How many tables stay open, of a process with such a limit: a quarter. Others are opened for each
/// read.
std::uint64_t kept_files_max(std::uint64_t limit) noexcept;

/// The right to keep one table open, while it lives. Tables grow with the data, and must not take
/// what sockets and new files need. Thread-safe.
class right_to_keep {
public:
  right_to_keep() noexcept;
  ~right_to_keep();

  right_to_keep(const right_to_keep&) = delete;
  right_to_keep& operator=(const right_to_keep&) = delete;

  explicit operator bool() const noexcept { return given_; }

private:
  bool given_;
};

} // namespace grape::storage
