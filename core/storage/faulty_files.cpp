#include "core/storage/faulty_files.hpp"

#include "core/storage/faulty_disk.hpp"

#include <filesystem>
#include <utility>

namespace grape::storage {

namespace {

/// One spelling per path: no "..", no doubled or trailing slash.
std::string clean(const std::string& path) {
  auto normal = std::filesystem::path(path).lexically_normal().string();
  if (normal.size() > 1 && normal.back() == '/')
    normal.pop_back();
  return normal;
}

} // namespace

faulty_files::faulty_files(std::uint64_t seed) : disk_(std::make_shared<disk>(seed)) {
}

faulty_files::~faulty_files() = default;

outcome<std::unique_ptr<append_file>> faulty_files::open_append(const std::string& path) {
  return disk_->open_append(clean(path));
}

outcome<std::unique_ptr<random_file>> faulty_files::open_random(const std::string& path) {
  return disk_->open_random(clean(path));
}

status faulty_files::rename(const std::string& from, const std::string& to) {
  return disk_->rename(clean(from), clean(to));
}

status faulty_files::remove(const std::string& path) {
  return disk_->remove(clean(path));
}

status faulty_files::truncate(const std::string& path, std::uint64_t size) {
  return disk_->truncate(clean(path), size);
}

outcome<std::vector<std::string>> faulty_files::list(const std::string& directory) {
  return disk_->list(clean(directory));
}

outcome<std::uint64_t> faulty_files::size(const std::string& path) {
  return disk_->size(clean(path));
}

bool faulty_files::exists(const std::string& path) {
  return disk_->exists(clean(path));
}

status faulty_files::create_directories(const std::string& directory) {
  return disk_->create_directories(clean(directory));
}

status faulty_files::remove_all(const std::string& directory) {
  return disk_->remove_all(clean(directory));
}

outcome<disk_space> faulty_files::space(const std::string&) {
  return disk_->space();
}

status faulty_files::sync_directory(const std::string& directory) {
  return disk_->sync_directory(clean(directory));
}

void faulty_files::power_cut(torn_tail left) {
  disk_->power_cut(left);
}

void faulty_files::power_off_after(std::uint64_t changes) {
  disk_->power_off_after(changes);
}

void faulty_files::fail(file_operation what, std::uint64_t nth, errc with) {
  disk_->fail(what, nth, with);
}

void faulty_files::limit_bytes(std::uint64_t most) {
  disk_->limit_bytes(most);
}

bool faulty_files::flip_byte(const std::string& path, std::uint64_t offset, std::uint8_t mask) {
  return disk_->flip_byte(clean(path), offset, mask);
}

void faulty_files::on_operation(std::function<void(file_operation, const std::string&)> hook) {
  disk_->on_operation(std::move(hook));
}

std::uint64_t faulty_files::changes() const {
  return disk_->changes();
}

} // namespace grape::storage
