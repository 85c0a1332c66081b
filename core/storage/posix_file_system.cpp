#include "core/storage/file_system.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

namespace grape::storage {

namespace {

errc code_of(int error) noexcept {
  switch (error) {
  case ENOENT: return errc::not_found;
  case ENOSPC:
  case EDQUOT:
  case EFBIG:
  case EMFILE:
  case ENFILE: return errc::no_space;
  default: return errc::io_error;
  }
}

status failed(const std::string& path, const char* what, int error) {
  const auto* advice = error == EMFILE ? "; raise the limit of the process (`ulimit -n`)" : "";
  return {code_of(error),
          path + ": cannot " + what + ": " + std::generic_category().message(error) + advice};
}

/// An open file, closed when it goes.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int number) noexcept : number_(number) {
  }
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {
  }
  descriptor& operator=(descriptor&&) = delete;

  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  bool is_open() const noexcept { return number_ >= 0; }
  int number() const noexcept { return number_; }

private:
  int number_ = -1;
};

descriptor open_file(const std::string& path, int flags) {
  int number = -1;
  do
    number = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  while (number < 0 && errno == EINTR);
  return descriptor(number);
}

outcome<std::uint64_t> size_of(const descriptor& file, const std::string& path) {
  struct stat found {};
  if (::fstat(file.number(), &found) != 0)
    return failed(path, "look up its size", errno);
  if (S_ISDIR(found.st_mode))
    return failed(path, "open", EISDIR);
  return static_cast<std::uint64_t>(found.st_size);
}

class posix_append_file final : public append_file {
public:
  posix_append_file(descriptor file, std::string path, std::uint64_t size)
    : file_(std::move(file))
    , path_(std::move(path))
    , size_(size)
    , begun_through_(size) {
  }

  status append(std::string_view bytes) override {
    auto written = write_at(size_, bytes);
    if (written.ok())
      size_ += bytes.size();
    return written;
  }

  status add_zeros(std::uint64_t count) override {
    static const std::array<char, 64 << 10> zeros{};
    for (auto at = size_, end = size_ + count; at < end;) {
      const auto part = std::min<std::uint64_t>(end - at, zeros.size());
      if (auto written = write_at(at, {zeros.data(), part}); !written.ok())
        return written;
      at += part;
    }
    return {};
  }

  // Much at once goes piece by piece, so that the syncs of others come in between.
  void begin_writing() override {
#ifdef SYNC_FILE_RANGE_WRITE
    constexpr std::uint64_t piece = 256 << 10;
    const unsigned waiting = size_ - begun_through_ > 2 * piece
                                 ? SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WAIT_AFTER
                                 : 0U;
    while (begun_through_ < size_) {
      const auto count = std::min(piece, size_ - begun_through_);
      static_cast<void>(::sync_file_range(file_.number(), static_cast<off_t>(begun_through_),
                                          static_cast<off_t>(count),
                                          SYNC_FILE_RANGE_WRITE | waiting));
      begun_through_ += count;
    }
#endif
  }

  status sync() override {
    if (::fdatasync(file_.number()) != 0)
      return failed(path_, "sync", errno);
    return {};
  }

  std::uint64_t size() const noexcept override { return size_; }

private:
  status write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto written =
          ::pwrite(file_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return failed(path_, "append", errno);
      offset += static_cast<std::uint64_t>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  descriptor file_;
  std::string path_;
  std::uint64_t size_;
  std::uint64_t begun_through_; ///< Nobody asked the disk yet to write what lies behind.
};

class posix_random_file final : public random_file {
public:
  posix_random_file(descriptor file, std::string path, std::uint64_t size)
    : file_(std::move(file))
    , path_(std::move(path))
    , size_(size) {
  }

  ~posix_random_file() override {
    if (mapped_ != MAP_FAILED)
      ::munmap(mapped_, size_);
  }

  std::uint64_t size() const noexcept override { return size_; }

  outcome<std::size_t> read(std::uint64_t offset, std::size_t count, char* to) const override {
    std::size_t done = 0;
    while (done < count) {
      const auto got = ::pread(file_.number(), to + done, count - done,
                               static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return failed(path_, "read", errno);
      if (got == 0)
        break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  std::string_view map() const override {
    std::call_once(once_, [this] {
      if (size_ > 0)
        mapped_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file_.number(), 0);
    });
    if (mapped_ == MAP_FAILED)
      return {};
    return {static_cast<const char*>(mapped_), size_};
  }

  void expect_scattered_reads() const override {
    if (!map().empty())
      static_cast<void>(::madvise(mapped_, size_, MADV_RANDOM));
  }

  // Reading tells of errors; touching a mapped page would be a signal.
  status read_in() const override {
    if (auto read = random_file::read_in(); !read.ok())
      return {read.code, path_ + ": " + read.detail};
#ifdef MADV_POPULATE_READ
    if (!map().empty())
      static_cast<void>(::madvise(mapped_, size_, MADV_POPULATE_READ));
#endif
    return {};
  }

private:
  descriptor file_;
  std::string path_;
  std::uint64_t size_;
  mutable std::once_flag once_;
  mutable void* mapped_ = MAP_FAILED;
};

std::string parent_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

bool is_directory(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

class posix final : public file_system {
public:
  outcome<std::unique_ptr<append_file>> open_append(const std::string& path) override {
    auto file = open_file(path, O_WRONLY | O_CREAT);
    if (!file.is_open())
      return failed(path, "open for appending", errno);
    auto size = size_of(file, path);
    if (!size)
      return size.error();
    return std::unique_ptr<append_file>(new posix_append_file(std::move(file), path, *size));
  }

  outcome<std::unique_ptr<random_file>> open_random(const std::string& path) override {
    auto file = open_file(path, O_RDONLY);
    if (!file.is_open())
      return failed(path, "open for reading", errno);
    auto size = size_of(file, path);
    if (!size)
      return size.error();
    return std::unique_ptr<random_file>(new posix_random_file(std::move(file), path, *size));
  }

  status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0)
      return failed(from, "rename", errno);
    return {};
  }

  status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0)
      return failed(path, "remove", errno);
    return {};
  }

  status link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0)
      return {};
    const auto error = errno;
    if (error == EXDEV || error == EPERM || error == EMLINK || error == EOPNOTSUPP)
      return copy_file(*this, from, to);
    return failed(from, "link", error);
  }

  status truncate(const std::string& path, std::uint64_t size) override {
    const auto file = open_file(path, O_WRONLY);
    if (!file.is_open())
      return failed(path, "open for truncation", errno);
    if (::ftruncate(file.number(), static_cast<off_t>(size)) != 0)
      return failed(path, "truncate", errno);
    if (::fsync(file.number()) != 0)
      return failed(path, "sync", errno);
    return {};
  }

  outcome<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
      names.push_back(entry->path().filename().string());
    if (error)
      return failed(directory, "list", error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  outcome<std::uint64_t> size(const std::string& path) override {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0)
      return failed(path, "look up its size", errno);
    return static_cast<std::uint64_t>(found.st_size);
  }

  bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }

  status create_directories(const std::string& directory) override {
    if (is_directory(directory))
      return {};
    const auto parent = parent_of(directory);
    if (parent != directory)
      if (auto above = create_directories(parent); !above.ok())
        return above;
    if (::mkdir(directory.c_str(), 0755) != 0 && (errno != EEXIST || !is_directory(directory)))
      return failed(directory, "create", errno);
    return sync_directory(parent);
  }

  status remove_all(const std::string& directory) override {
    std::error_code error;
    std::filesystem::remove_all(directory, error);
    if (error)
      return failed(directory, "remove", error.value());
    return {};
  }

  outcome<disk_space> space(const std::string& directory) override {
    struct statvfs found {};
    if (::statvfs(directory.c_str(), &found) != 0)
      return failed(directory, "look up the room on its disk", errno);
    const std::uint64_t unit = found.f_frsize;
    return disk_space{found.f_blocks * unit, found.f_bavail * unit};
  }

  status sync_directory(const std::string& directory) override {
    const auto file = open_file(directory, O_RDONLY | O_DIRECTORY);
    if (!file.is_open())
      return failed(directory, "open", errno);
    if (::fsync(file.number()) != 0)
      return failed(directory, "sync", errno);
    return {};
  }
};

} // namespace

file_system& posix_file_system() {
  static posix only;
  return only;
}

} // namespace grape::storage
