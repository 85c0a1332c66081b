#include "core/storage/open_files.hpp"

#include <atomic>

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

namespace {

/// By the limit as it was when the first table was opened.
std::atomic<std::int64_t>& rights_left() {
  static std::atomic<std::int64_t> count{
      static_cast<std::int64_t>(kept_files_max(open_files_max()))};
  return count;
}

} // namespace

right_to_keep::right_to_keep() noexcept
  : given_(rights_left().fetch_sub(1) > 0) {
  if (!given_)
    rights_left().fetch_add(1);
}

right_to_keep::~right_to_keep() {
  if (given_)
    rights_left().fetch_add(1);
}

} // namespace grape::storage
