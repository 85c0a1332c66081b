// The half of the faulty disk that decides what fails and what survives.

#include "core/storage/faulty_disk.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace grape::storage {

namespace {

constexpr std::size_t sector_bytes = 512;

} // namespace

void faulty_files::disk::announce(file_operation what, const std::string& path) {
  if (hook_)
    hook_(what, path);
}

faulty_files::disk::admission faulty_files::disk::admit(file_operation what,
                                                        const std::string& path) {
  if (off_)
    return {{errc::io_error, path + ": the power is off"}};
  if (what != file_operation::read) {
    ++changes_;
    if (changes_until_off_ && (*changes_until_off_)-- == 0) {
      off_ = true;
      return {{errc::io_error, path + ": the power went off"}, true};
    }
  }
  auto verdict = status{};
  std::erase_if(faults_, [&](planned_fault& fault) {
    if (fault.what != what || --fault.left > 0)
      return false;
    verdict = {fault.with, path + ": fault on demand"};
    return true;
  });
  const auto torn = !verdict.ok();
  return {std::move(verdict), torn};
}

status faulty_files::disk::admit_handle(std::uint64_t power, const std::string& path) const {
  if (power != power_)
    return {errc::io_error, path + ": opened before the power was cut"};
  return {};
}

bool faulty_files::disk::is_directory(const std::string& path) const {
  return path == "." || path == "/" || directories_.contains(path);
}

void faulty_files::disk::change_names(name_change change) {
  if (!change.removed.empty())
    now_.erase(change.removed);
  if (!change.added.empty())
    now_[change.added] = change.what;
  pending_.push_back(std::move(change));
}

void faulty_files::disk::make_durable(const name_change& change) {
  if (!change.removed.empty())
    durable_.erase(change.removed);
  if (!change.added.empty())
    durable_[change.added] = change.what;
}

void faulty_files::disk::power_cut(torn_tail left) {
  const std::lock_guard hold(mutex_);
  // Half of the time nothing that waited in the file system's journal made it.
  auto kept = left == torn_tail::nothing || below(2) == 0 ? 0 : below(pending_.size() + 1);
  while (kept > 0 && kept < pending_.size() && pending_[kept].act != 0
         && pending_[kept].act == pending_[kept - 1].act)
    ++kept;
  for (std::size_t i = 0; i < kept; ++i)
    make_durable(pending_[i]);
  pending_.clear();
  now_ = durable_;
  for (const auto& [path, file] : now_) {
    tear(*file, left);
    for (auto above = path.rfind('/'); above != std::string::npos && above > 0;
         above = path.rfind('/', above - 1))
      directories_.insert(path.substr(0, above));
  }
  faults_.clear();
  changes_until_off_.reset();
  off_ = false;
  ++power_;
}

void faulty_files::disk::tear(content& of, torn_tail left) {
  const auto begin = std::min(of.durable, of.dirty);
  const auto unsynced = of.bytes.size() - begin;
  std::size_t kept = 0;
  if (left != torn_tail::nothing && below(4) > 0)
    kept = below(4) == 0 ? unsynced : below(unsynced + 1);
  of.bytes.resize(begin + kept);
  of.bytes.resize(std::max(of.durable, of.bytes.size()), '\0');
  if (left == torn_tail::holes)
    for (auto from = begin; from < of.bytes.size();) {
      const auto to = std::min(of.bytes.size(), (from / sector_bytes + 1) * sector_bytes);
      if (below(2) == 0)
        std::fill(of.bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  of.bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
      from = to;
    }
  of.durable = of.bytes.size();
  of.dirty = std::string::npos;
  of.sync_failed = false;
}

/// False: there was room for a part only. What lies behind the end of whoever writes are zeros.
bool faulty_files::disk::put(content& to, std::size_t at, std::string_view bytes) {
  const auto grown = at + bytes.size() - std::min(at + bytes.size(), to.bytes.size());
  const auto fits = bytes.size() - (grown - std::min(grown, space_left()));
  if (at < to.durable)
    to.dirty = std::min(to.dirty, at);
  to.bytes.resize(std::max(to.bytes.size(), at + fits));
  bytes.copy(to.bytes.data() + at, fits);
  return fits == bytes.size();
}

void faulty_files::disk::power_off_after(std::uint64_t changes) {
  const std::lock_guard hold(mutex_);
  changes_until_off_ = changes;
}

void faulty_files::disk::fail(file_operation what, std::uint64_t nth, errc with) {
  const std::lock_guard hold(mutex_);
  faults_.push_back({what, nth, with});
}

void faulty_files::disk::limit_bytes(std::uint64_t most) {
  const std::lock_guard hold(mutex_);
  bytes_max_ = most;
}

disk_space faulty_files::disk::space() {
  const std::lock_guard hold(mutex_);
  return bytes_max_ ? disk_space{*bytes_max_, space_left()} : disk_space{};
}

bool faulty_files::disk::flip_byte(const std::string& path, std::uint64_t offset,
                                   std::uint8_t mask) {
  const std::lock_guard hold(mutex_);
  const auto found = now_.find(path);
  if (found == now_.end() || offset >= found->second->bytes.size())
    return false;
  auto& byte = found->second->bytes[static_cast<std::size_t>(offset)];
  byte = static_cast<char>(byte ^ static_cast<char>(mask));
  return true;
}

void faulty_files::disk::on_operation(
  std::function<void(file_operation, const std::string&)> hook) {
  hook_ = std::move(hook);
}

std::uint64_t faulty_files::disk::changes() {
  const std::lock_guard hold(mutex_);
  return changes_;
}

std::size_t faulty_files::disk::below(std::size_t bound) {
  return static_cast<std::size_t>(engine_() % bound);
}

std::size_t faulty_files::disk::space_left() const {
  if (!bytes_max_)
    return std::numeric_limits<std::size_t>::max();
  std::uint64_t used = 0;
  for (const auto& [path, file] : now_)
    used += file->bytes.size();
  return static_cast<std::size_t>(*bytes_max_ - std::min(*bytes_max_, used));
}

} // namespace grape::storage
