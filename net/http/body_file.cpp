#include "net/http/body_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace grape::http {

body_file::body_file(int descriptor, std::uint64_t size, std::string name)
  : descriptor_(descriptor)
  , size_(size)
  , name_(std::move(name)) {}

body_file::~body_file() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

body_file::body_file(body_file&& from) noexcept
  : descriptor_(std::exchange(from.descriptor_, -1))
  , size_(from.size_)
  , name_(std::move(from.name_)) {}

body_file& body_file::operator=(body_file&& from) noexcept {
  std::swap(descriptor_, from.descriptor_);
  std::swap(size_, from.size_);
  std::swap(name_, from.name_);
  return *this;
}

outcome<body_file> body_file::open(const std::string& path, std::string shown_name) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return status{errno == ENOENT ? errc::not_found : errc::io_error,
                  path + ": " + std::strerror(errno)};
  struct stat about {};
  if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) {
    ::close(descriptor);
    return status{errc::io_error, path + " is no file"};
  }
  return body_file{descriptor, static_cast<std::uint64_t>(about.st_size), std::move(shown_name)};
}

std::size_t body_file::read(std::uint64_t offset, std::span<char> into) const noexcept {
  std::size_t have = 0;
  while (have < into.size()) {
    const auto got = ::pread(descriptor_, into.data() + have, into.size() - have,
                             static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

} // namespace grape::http
