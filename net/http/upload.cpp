#include "net/http/upload.hpp"

#include "net/http/server_answer.hpp"

#include <filesystem>
#include <limits>
#include <utility>

namespace grape::http {

namespace {

constexpr std::uint64_t look_every = std::uint64_t{8} << 20;

status check_size(const upload_limits& limits, std::optional<std::uint64_t> length,
                  std::uint64_t bytes) {
  if (limits.bytes_max == 0 || bytes <= limits.bytes_max)
    return {};
  return {errc::too_large, too_large_text(length, limits.bytes_max)};
}

/// A disk of which nothing is known has room.
status check_room(const upload_limits& limits, std::uint64_t bytes) {
  std::error_code unknown;
  const auto space = std::filesystem::space(limits.folder, unknown);
  if (unknown || (space.available >= bytes && space.available - bytes >= limits.free_bytes_min))
    return {};
  return {errc::no_space, "the disk has no room for an upload of " + std::to_string(bytes)
                              + " bytes: " + std::to_string(space.available) + " are free, and "
                              + std::to_string(limits.free_bytes_min) + " are to stay free"};
}

} // namespace

upload::upload(const upload_limits& limits, received_file into,
               std::optional<multipart_reader> parts)
  : limits_(&limits)
  , file_(std::move(into))
  , parts_(std::move(parts)) {}

outcome<upload> upload::begin(const upload_limits& limits, std::string_view content_type,
                              std::optional<std::uint64_t> length) {
  if (auto fits = check_size(limits, length, length.value_or(0)); !fits.ok())
    return fits;
  std::optional<multipart_reader> parts;
  if (is_multipart(content_type)) {
    auto made = multipart_reader::create(content_type, "snapshot");
    if (!made)
      return std::move(made).error();
    parts = std::move(*made);
  }
  auto file = received_file::create(limits.folder);
  if (!file)
    return std::move(file).error();
  if (auto room = check_room(limits, length.value_or(0)); !room.ok())
    return room;
  upload made{limits, std::move(*file), std::move(parts)};
  made.look_at_ = look_every;
  return made;
}

status upload::take(std::string_view bytes) {
  taken_ += bytes.size();
  if (auto fits = check_size(*limits_, {}, taken_); !fits.ok())
    return fits;
  if (taken_ >= look_at_) {
    look_at_ = taken_ + look_every;
    if (auto room = check_room(*limits_, 0); !room.ok())
      return room;
  }
  if (parts_)
    return parts_->take(bytes, [this](std::string_view piece) { return write(piece); });
  return write(bytes);
}

status upload::write(std::string_view bytes) {
  return file_.append(bytes);
}

outcome<std::shared_ptr<const received_file>> upload::finish() && {
  if (parts_)
    if (auto whole = parts_->finish(); !whole.ok())
      return whole;
  return std::make_shared<const received_file>(std::move(file_));
}

} // namespace grape::http
