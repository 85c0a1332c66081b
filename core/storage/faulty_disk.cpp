#include "core/storage/faulty_disk.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace grape::storage {

namespace {

std::string parent_of(const std::string& path) {
  auto parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

bool lies_under(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path.starts_with(directory)
         && path[directory.size()] == '/';
}

status no_such(const std::string& path) {
  return {errc::not_found, path + ": no such file or directory"};
}

class append_handle final : public append_file {
public:
  append_handle(std::shared_ptr<faulty_files::disk> on, std::string path, std::uint64_t power,
                faulty_files::disk::content_ptr to)
    : disk_(std::move(on))
    , path_(std::move(path))
    , power_(power)
    , content_(std::move(to))
    , end_(content_->bytes.size()) {
  }

  status append(std::string_view bytes) override {
    return disk_->append(power_, path_, *content_, end_, bytes);
  }

  status add_zeros(std::uint64_t count) override {
    auto behind = end_;
    return disk_->append(power_, path_, *content_, behind,
                         std::string(static_cast<std::size_t>(count), '\0'));
  }

  void begin_writing() override { disk_->announce(file_operation::begin_writing, path_); }
  status sync() override { return disk_->sync(power_, path_, *content_); }
  std::uint64_t size() const noexcept override { return end_; }

private:
  std::shared_ptr<faulty_files::disk> disk_;
  std::string path_;
  std::uint64_t power_;
  faulty_files::disk::content_ptr content_;
  std::size_t end_; // Zeros may lie behind it.
};

class random_handle final : public random_file {
public:
  random_handle(std::shared_ptr<faulty_files::disk> on, std::string path, std::uint64_t power,
                faulty_files::disk::content_ptr from)
    : disk_(std::move(on))
    , path_(std::move(path))
    , power_(power)
    , content_(std::move(from))
    , size_(content_->bytes.size()) {
  }

  std::uint64_t size() const noexcept override { return size_; }

  outcome<std::size_t> read(std::uint64_t offset, std::size_t count, char* to) const override {
    return disk_->read(power_, path_, *content_, offset, count, to);
  }

  std::string_view map() const override { return {}; }

private:
  std::shared_ptr<faulty_files::disk> disk_;
  std::string path_;
  std::uint64_t power_;
  faulty_files::disk::content_ptr content_;
  std::uint64_t size_;
};

} // namespace

outcome<std::unique_ptr<append_file>> faulty_files::disk::open_append(const std::string& path) {
  announce(file_operation::create, path);
  const std::lock_guard hold(mutex_);
  if (is_directory(path))
    return status{errc::io_error, path + ": is a directory"};
  if (!is_directory(parent_of(path)))
    return no_such(path);
  auto found = now_.find(path);
  if (found == now_.end()) {
    if (auto may = admit(file_operation::create, path); !may.verdict.ok())
      return may.verdict;
    change_names({{}, path, std::make_shared<content>()});
    found = now_.find(path);
  } else if (off_) {
    return status{errc::io_error, path + ": the power is off"};
  }
  return std::unique_ptr<append_file>(
    new append_handle(shared_from_this(), path, power_, found->second));
}

outcome<std::unique_ptr<random_file>> faulty_files::disk::open_random(const std::string& path) {
  const std::lock_guard hold(mutex_);
  if (off_)
    return status{errc::io_error, path + ": the power is off"};
  const auto found = now_.find(path);
  if (found == now_.end())
    return no_such(path);
  return std::unique_ptr<random_file>(
    new random_handle(shared_from_this(), path, power_, found->second));
}

status faulty_files::disk::rename(const std::string& from, const std::string& to) {
  announce(file_operation::rename, from);
  const std::lock_guard hold(mutex_);
  if (directories_.contains(from))
    return rename_directory(from, to);
  const auto found = now_.find(from);
  if (found == now_.end() || !is_directory(parent_of(to)))
    return no_such(from);
  if (is_directory(to))
    return {errc::io_error, to + ": is a directory"};
  auto may = admit(file_operation::rename, from);
  if (may.verdict.ok() && from != to)
    change_names({from, to, found->second});
  return may.verdict;
}

status faulty_files::disk::rename_directory(const std::string& from, const std::string& to) {
  if (!is_directory(parent_of(to)) || lies_under(to, from))
    return no_such(from);
  const auto taken = [&](const auto& path) { return path == to || lies_under(path, to); };
  if (is_directory(to)
      || std::any_of(now_.begin(), now_.end(), [&](const auto& one) { return taken(one.first); }))
    return {errc::io_error, to + ": exists"};
  auto may = admit(file_operation::rename, from);
  if (!may.verdict.ok())
    return may.verdict;
  const auto act = ++acts_;
  std::vector<name_change> moves;
  for (const auto& [path, file] : now_)
    if (lies_under(path, from))
      moves.push_back({path, to + path.substr(from.size()), file, parent_of(to), act});
  for (auto& move : moves)
    change_names(std::move(move));
  std::set<std::string> directories;
  for (const auto& path : directories_)
    directories.insert(path == from || lies_under(path, from) ? to + path.substr(from.size())
                                                              : path);
  directories_ = std::move(directories);
  return {};
}

status faulty_files::disk::remove(const std::string& path) {
  announce(file_operation::remove, path);
  const std::lock_guard hold(mutex_);
  if (!now_.contains(path))
    return no_such(path);
  auto may = admit(file_operation::remove, path);
  if (may.verdict.ok())
    change_names({path, {}, nullptr});
  return may.verdict;
}

status faulty_files::disk::truncate(const std::string& path, std::uint64_t size) {
  announce(file_operation::truncate, path);
  const std::lock_guard hold(mutex_);
  const auto found = now_.find(path);
  if (found == now_.end())
    return no_such(path);
  auto may = admit(file_operation::truncate, path);
  if (may.verdict.ok()) {
    auto& file = *found->second;
    file.bytes.resize(static_cast<std::size_t>(size));
    file.durable = file.bytes.size();
    file.dirty = std::string::npos;
  }
  return may.verdict;
}

outcome<std::vector<std::string>> faulty_files::disk::list(const std::string& directory) {
  const std::lock_guard hold(mutex_);
  if (off_)
    return status{errc::io_error, directory + ": the power is off"};
  if (!is_directory(directory))
    return no_such(directory);
  std::vector<std::string> names;
  for (const auto& [path, file] : now_)
    if (parent_of(path) == directory)
      names.push_back(name_of(path));
  for (const auto& path : directories_)
    if (parent_of(path) == directory)
      names.push_back(name_of(path));
  std::sort(names.begin(), names.end());
  return names;
}

outcome<std::uint64_t> faulty_files::disk::size(const std::string& path) {
  const std::lock_guard hold(mutex_);
  const auto found = now_.find(path);
  if (found == now_.end())
    return no_such(path);
  return static_cast<std::uint64_t>(found->second->bytes.size());
}

bool faulty_files::disk::exists(const std::string& path) {
  const std::lock_guard hold(mutex_);
  return now_.contains(path) || is_directory(path);
}

status faulty_files::disk::create_directories(const std::string& directory) {
  announce(file_operation::create, directory);
  const std::lock_guard hold(mutex_);
  if (is_directory(directory))
    return {};
  auto may = admit(file_operation::create, directory);
  if (!may.verdict.ok())
    return may.verdict;
  for (auto path = directory; !is_directory(path); path = parent_of(path)) {
    if (now_.contains(path))
      return {errc::io_error, path + ": is not a directory"};
    directories_.insert(path);
  }
  return {};
}

status faulty_files::disk::remove_all(const std::string& directory) {
  announce(file_operation::remove, directory);
  const std::lock_guard hold(mutex_);
  auto may = admit(file_operation::remove, directory);
  if (!may.verdict.ok())
    return may.verdict;
  std::vector<std::string> doomed;
  for (const auto& [path, file] : now_)
    if (path == directory || lies_under(path, directory))
      doomed.push_back(path);
  for (const auto& path : doomed)
    change_names({path, {}, nullptr, parent_of(directory)});
  std::erase_if(directories_, [&](const std::string& path) {
    return path == directory || lies_under(path, directory);
  });
  return {};
}

status faulty_files::disk::sync_directory(const std::string& directory) {
  announce(file_operation::sync_directory, directory);
  const std::lock_guard hold(mutex_);
  if (!is_directory(directory))
    return no_such(directory);
  auto may = admit(file_operation::sync_directory, directory);
  if (!may.verdict.ok())
    return may.verdict;
  std::erase_if(pending_, [&](const name_change& change) {
    const auto here = (!change.removed.empty() && parent_of(change.removed) == directory)
                      || (!change.added.empty() && parent_of(change.added) == directory)
                      || change.above == directory;
    if (here)
      make_durable(change);
    return here;
  });
  return {};
}

status faulty_files::disk::append(std::uint64_t power, const std::string& path, content& to,
                                  std::size_t& end, std::string_view bytes) {
  announce(file_operation::append, path);
  const std::lock_guard hold(mutex_);
  if (auto alive = admit_handle(power, path); !alive.ok())
    return alive;
  auto may = admit(file_operation::append, path);
  if (may.torn)
    put(to, end, bytes.substr(0, below(bytes.size() + 1)));
  if (!may.verdict.ok())
    return may.verdict;
  if (!put(to, end, bytes))
    return {errc::no_space, path + ": no space left"};
  end += bytes.size();
  return {};
}

status faulty_files::disk::sync(std::uint64_t power, const std::string& path, content& of) {
  announce(file_operation::sync, path);
  const std::lock_guard hold(mutex_);
  if (auto alive = admit_handle(power, path); !alive.ok())
    return alive;
  auto may = admit(file_operation::sync, path);
  // Linux marks the pages clean after a failed write-back: the next fsync succeeds without them.
  of.sync_failed = of.sync_failed || may.torn;
  if (may.verdict.ok() && !of.sync_failed) {
    of.durable = of.bytes.size();
    of.dirty = std::string::npos;
  }
  return may.verdict;
}

outcome<std::size_t> faulty_files::disk::read(std::uint64_t power, const std::string& path,
                                              const content& from, std::uint64_t offset,
                                              std::size_t count, char* to) {
  announce(file_operation::read, path);
  const std::lock_guard hold(mutex_);
  if (auto alive = admit_handle(power, path); !alive.ok())
    return alive;
  if (auto may = admit(file_operation::read, path); !may.verdict.ok())
    return may.verdict;
  if (offset >= from.bytes.size())
    return std::size_t{0};
  return from.bytes.copy(to, count, static_cast<std::size_t>(offset));
}

} // namespace grape::storage
