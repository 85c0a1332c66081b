#include "net/http/received_file.hpp"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace grape::http {

namespace {

status failure(const std::string& path, int error) {
  return {error == ENOSPC || error == EDQUOT ? errc::no_space : errc::io_error,
          path + ": " + std::strerror(error)};
}

} // namespace

received_file::received_file(int descriptor, std::string path)
  : descriptor_(descriptor)
  , path_(std::move(path)) {}

received_file::~received_file() {
  if (descriptor_ < 0)
    return;
  ::close(descriptor_);
  ::unlink(path_.c_str());
}

received_file::received_file(received_file&& from) noexcept
  : descriptor_(std::exchange(from.descriptor_, -1))
  , path_(std::move(from.path_))
  , size_(from.size_) {}

received_file& received_file::operator=(received_file&& from) noexcept {
  std::swap(descriptor_, from.descriptor_);
  std::swap(path_, from.path_);
  std::swap(size_, from.size_);
  return *this;
}

outcome<received_file> received_file::create(const std::string& folder) {
  static std::atomic<std::uint64_t> count{0};
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return failure(folder, failed.value());
  for (;;) {
    auto path = folder + "/received-" + std::to_string(++count);
    const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0)
      return received_file{made, std::move(path)};
    if (errno != EEXIST)
      return failure(path, errno);
  }
}

status received_file::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return failure(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

} // namespace grape::http
