#include "core/storage/open_files.hpp"

#include <sys/resource.h>

namespace grape::storage {

std::uint64_t open_files_max() noexcept {
  rlimit is{};
  if (::getrlimit(RLIMIT_NOFILE, &is) != 0 || is.rlim_cur == RLIM_INFINITY)
    return 0;
  return is.rlim_cur;
}

std::uint64_t raise_open_files() noexcept {
  rlimit is{};
  if (::getrlimit(RLIMIT_NOFILE, &is) == 0 && is.rlim_cur != is.rlim_max) {
    is.rlim_cur = is.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &is));
  }
  return open_files_max();
}

std::uint64_t kept_files_max(std::uint64_t limit) noexcept {
  constexpr std::uint64_t most = std::uint64_t{1} << 30;
  return limit == 0 ? most : limit / 4;
}

} // namespace grape::storage
