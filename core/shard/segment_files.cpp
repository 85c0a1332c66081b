#include "core/shard/segment_files.hpp"

#include "core/codec/sha256.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <optional>
#include <utility>

namespace grape::shard {

namespace {

constexpr std::string_view ending = ".seg";

constexpr std::string_view digits = "0123456789ABCDEF";

/// File systems take 255 bytes. What is cut off goes on as its SHA-256; "%-" is in no other name.
std::string cut_to_fit(std::string name, const std::string& field) {
  constexpr std::size_t bytes_max = 255;
  constexpr std::size_t bytes_kept = 100;
  if (name.size() <= bytes_max)
    return name;
  name.resize(bytes_kept);
  name += "%-";
  for (const auto byte : codec::sha256(field)) {
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  return name;
}

/// A vector's name as a folder name: anything but letters, digits, '_' and '-' becomes %XX.
std::string folder_name(const std::string& field) {
  std::string name = "v-";
  for (const auto c : field) {
    const auto byte = static_cast<unsigned char>(c);
    const auto plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
                       || (byte >= '0' && byte <= '9') || byte == '_' || byte == '-';
    if (plain) {
      name += c;
    } else {
      name += '%';
      name += digits[byte >> 4];
      name += digits[byte & 15];
    }
  }
  return cut_to_fit(std::move(name), field);
}

std::optional<segment_id> id_of_name(std::string_view name) {
  if (!name.ends_with(ending))
    return {};
  name.remove_suffix(ending.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number == 0)
    return {};
  return segment_id{number};
}

} // namespace

/// Holds the segment and knows its file; the last reference to it may take the file along.
struct segment_files::tie {
  tie(std::shared_ptr<const index::segment> held, storage::file_system& in, std::string at)
    : inner(std::move(held))
    , files(&in)
    , path(std::move(at)) {
  }

  tie(const tie&) = delete;
  tie& operator=(const tie&) = delete;

  ~tie() {
    inner.reset(); // Unmaps before the file goes.
    // A file that stays behind costs space, not truth: the next start finds it stale.
    if (retired)
      static_cast<void>(files->remove(path));
  }

  std::shared_ptr<const index::segment> inner;
  storage::file_system* files;
  std::string path;
  std::atomic<bool> retired{false};
};

segment_files::segment_files(storage::file_system& files, const std::string& directory,
                             const std::string& field)
  : files_(&files)
  , directory_(directory + "/" + folder_name(field)) {
}

std::string segment_files::path_of(segment_id id) const {
  auto number = std::to_string(id.value);
  return directory_ + "/" + std::string(10 - std::min<std::size_t>(10, number.size()), '0')
         + number + std::string(ending);
}

status segment_files::prepare() {
  if (auto made = files_->create_directories(directory_); !made.ok())
    return made;
  const auto names = files_->list(directory_);
  if (!names)
    return names.error();
  for (const auto& name : *names)
    if (name.ends_with(".tmp"))
      if (auto removed = files_->remove(directory_ + "/" + name); !removed.ok())
        return removed;
  return {};
}

outcome<std::vector<segment_id>> segment_files::present() const {
  const auto names = files_->list(directory_);
  if (!names)
    return names.error();
  std::vector<segment_id> ids;
  for (const auto& name : *names)
    if (const auto id = id_of_name(name))
      ids.push_back(*id);
  std::sort(ids.begin(), ids.end(), std::greater<>{});
  return ids;
}

outcome<std::shared_ptr<const index::segment>> segment_files::open(segment_id id,
                                                                   index::code_place codes) {
  auto opened = index::segment::open(*files_, path_of(id), codes);
  if (!opened)
    return opened;
  if ((*opened)->id() != id)
    return status{errc::corrupted, path_of(id) + ": holds segment "
                                     + std::to_string((*opened)->id().value)};
  return adopt(std::move(*opened));
}

std::shared_ptr<const index::segment> segment_files::adopt(
  std::shared_ptr<const index::segment> from) {
  const auto id = from->id();
  const auto* segment = from.get();
  auto tied = std::make_shared<tie>(std::move(from), *files_, path_of(id));
  ties_[id] = tied;
  return {std::move(tied), segment};
}

void segment_files::retire(segment_id id) {
  const auto known = ties_.find(id);
  if (known == ties_.end())
    return;
  if (const auto held = known->second.lock())
    held->retired = true;
  ties_.erase(known);
}

status segment_files::retire_all() {
  const auto all = present();
  if (!all)
    return all.error();
  for (const auto id : *all) {
    if (ties_.contains(id))
      retire(id);
    else if (auto removed = discard(id); !removed.ok())
      return removed;
  }
  return {};
}

status segment_files::discard(segment_id id) {
  return files_->remove(path_of(id));
}

} // namespace grape::shard
