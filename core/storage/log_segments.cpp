#include "core/storage/log_segments.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace grape::storage {

namespace {

using namespace log_format;

outcome<std::string> whole_file(file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  if (!file)
    return file.error();
  std::string bytes(static_cast<std::size_t>((*file)->size()), '\0');
  auto got = (*file)->read(0, bytes.size(), bytes.data());
  if (!got)
    return got.error();
  if (*got != bytes.size())
    return status{errc::io_error, path + ": shrank while it was read"};
  return bytes;
}

/// After a failed sync nobody knows what the disk holds, also if only room was missing.
status synced(status done) {
  if (done.code == errc::no_space)
    done.code = errc::io_error;
  return done;
}

} // namespace

log_segments::log_segments(file_system& files, std::string directory)
  : files_(files)
  , directory_(std::move(directory)) {
}

std::string log_segments::path(std::uint64_t number) const {
  return directory_ + "/" + segment_name(number);
}

status log_segments::open() {
  if (auto made = files_.create_directories(directory_); !made.ok())
    return made;
  if (!files_.exists(directory_ + "/" + std::string(manifest_name)))
    return start_afresh(files_.exists(path(1)));
  if (auto loaded = load_manifest(); !loaded.ok())
    return loaded;
  return check_files();
}

status log_segments::start_afresh(bool has_first) {
  auto names = files_.list(directory_);
  if (!names)
    return names.error();
  const auto segments = std::count_if(names->begin(), names->end(), [](const std::string& name) {
    return segment_number(name).has_value();
  });
  // Only a first start that was interrupted leaves a segment, an empty one, without a manifest.
  if (segments > (has_first ? 1 : 0))
    return {errc::corrupted, directory_ + "/" + std::string(manifest_name) + ": missing"};
  if (has_first) {
    if (auto removed = remove_leftover(1); !removed.ok())
      return removed;
  }
  auto created = create_segment(1);
  if (!created)
    return created.error();
  tail_ = std::move(*created);
  return store_manifest({});
}

status log_segments::load_manifest() {
  const auto file = directory_ + "/" + std::string(manifest_name);
  auto bytes = whole_file(files_, file);
  if (!bytes)
    return bytes.error();
  auto read = decode_manifest(*bytes);
  if (!read)
    return {read.error().code == errc::wrong_version ? errc::wrong_version : errc::corrupted,
            file + ": " + read.error().detail};
  manifest_ = std::move(*read);
  return {};
}

status log_segments::check_files() {
  auto names = files_.list(directory_);
  if (!names)
    return names.error();
  for (const auto& name : *names) {
    const auto number = segment_number(name);
    if (!number || (*number >= oldest() && *number <= newest()))
      continue;
    auto removed = *number < oldest() ? files_.remove(path(*number)) : remove_leftover(*number);
    if (!removed.ok())
      return removed;
  }
  for (auto number = oldest(); number <= newest(); ++number) {
    auto bytes = files_.size(path(number));
    if (!bytes && bytes.error().code == errc::not_found)
      return {errc::corrupted, path(number) + ": missing"};
    if (!bytes)
      return bytes.error();
    if (number < newest() && *bytes != size(number))
      return {errc::corrupted, path(number) + ": has " + std::to_string(*bytes) + " bytes, not "
                                 + std::to_string(size(number))};
  }
  return {};
}

status log_segments::remove_leftover(std::uint64_t number) {
  auto bytes = files_.size(path(number));
  if (!bytes)
    return bytes.error();
  if (*bytes > segment_header_bytes)
    return {errc::corrupted, path(number) + ": not in " + std::string(manifest_name)};
  return files_.remove(path(number));
}

outcome<std::unique_ptr<append_file>> log_segments::create_segment(std::uint64_t number) {
  if (files_.exists(path(number))) // An attempt that found no room.
    if (auto removed = remove_leftover(number); !removed.ok())
      return removed;
  auto file = files_.open_append(path(number));
  if (!file)
    return file.error();
  if (auto written = (*file)->append(segment_header(number)); !written.ok())
    return written;
  if (auto durable = synced((*file)->sync()); !durable.ok())
    return durable;
  if (auto named = synced(files_.sync_directory(directory_)); !named.ok())
    return named;
  return file;
}

status log_segments::store_manifest(const manifest& next) {
  const auto final_name = directory_ + "/" + std::string(manifest_name);
  const auto draft = final_name + ".new";
  if (files_.exists(draft))
    if (auto removed = files_.remove(draft); !removed.ok())
      return removed;
  {
    auto file = files_.open_append(draft);
    if (!file)
      return file.error();
    if (auto written = (*file)->append(encode_manifest(next)); !written.ok())
      return written;
    if (auto durable = synced((*file)->sync()); !durable.ok())
      return durable;
  }
  if (auto renamed = files_.rename(draft, final_name); !renamed.ok())
    return renamed;
  if (auto named = synced(files_.sync_directory(directory_)); !named.ok())
    return named;
  manifest_ = next;
  return {};
}

outcome<std::string> log_segments::content(std::uint64_t number) const {
  return whole_file(files_, path(number));
}

status log_segments::begin(std::uint64_t good_bytes) {
  const auto newest_path = path(newest());
  auto bytes = files_.size(newest_path);
  if (!bytes)
    return bytes.error();
  if (*bytes > good_bytes)
    if (auto cut = files_.truncate(newest_path, good_bytes); !cut.ok())
      return cut;
  auto file = files_.open_append(newest_path);
  if (!file)
    return file.error();
  tail_ = std::move(*file);
  // What an earlier process wrote may still be in the kernel only.
  return synced(tail_->sync());
}

status log_segments::append(std::string_view bytes) {
  return tail_->append(bytes);
}

status log_segments::sync() {
  return synced(tail_->sync());
}

status log_segments::add_zeros(std::uint64_t count) {
  auto added = tail_->add_zeros(count);
  if (added.ok() || added.code == errc::no_space)
    zeros_through_ = tail_->size() + count; // Or tried, which is not worth another trial.
  return added.code == errc::no_space ? status{} : added;
}

status log_segments::cut_zeros() {
  if (ends_bare())
    return {};
  zeros_through_ = 0;
  return synced(files_.truncate(path(newest()), tail_->size()));
}

status log_segments::cut_back(std::uint64_t size) {
  if (auto cut = synced(files_.truncate(path(newest()), size)); !cut.ok())
    return cut;
  zeros_through_ = 0;
  auto file = files_.open_append(path(newest()));
  if (!file)
    return synced(file.error());
  tail_ = std::move(*file);
  return {};
}

status log_segments::roll() {
  if (auto cut = cut_zeros(); !cut.ok())
    return cut;
  auto next = manifest_;
  next.sealed_bytes.push_back(tail_->size());
  auto created = create_segment(next.newest());
  if (!created)
    return created.error();
  if (auto stored = store_manifest(next); !stored.ok())
    return stored;
  tail_ = std::move(*created);
  return {};
}

status log_segments::drop_oldest() {
  GRAPE_CHECK(oldest() < newest());
  const auto doomed = oldest();
  auto next = manifest_;
  ++next.oldest;
  next.sealed_bytes.erase(next.sealed_bytes.begin());
  if (auto stored = store_manifest(next); !stored.ok())
    return stored;
  {
    const std::lock_guard guard{readers_lock_};
    readers_.erase(doomed);
  }
  return files_.remove(path(doomed));
}

outcome<std::shared_ptr<const random_file>> log_segments::reader(std::uint64_t number) const {
  const std::lock_guard guard{readers_lock_};
  auto& reader = readers_[number];
  if (!reader) {
    auto opened = files_.open_random(path(number));
    if (!opened)
      return opened.error();
    reader = std::move(*opened);
  }
  return reader;
}

outcome<std::string> log_segments::read(const random_file& file, std::uint64_t number,
                                        std::uint64_t offset, std::size_t count) const {
  std::string bytes(count, '\0');
  auto got = file.read(offset, count, bytes.data());
  if (!got)
    return got.error();
  if (*got != count)
    return status{errc::corrupted, path(number) + ": ends before offset "
                                     + std::to_string(offset + count)};
  return bytes;
}

std::uint64_t log_segments::size(std::uint64_t number) const noexcept {
  return number == newest() ? tail_->size() : manifest_.sealed_bytes[number - oldest()];
}

std::uint64_t log_segments::bytes() const noexcept {
  auto sum = tail_->size();
  for (const auto sealed : manifest_.sealed_bytes)
    sum += sealed;
  return sum;
}

} // namespace grape::storage
