#include "core/archive/archive_file.hpp"

#include "core/codec/little_endian.hpp"

#include <filesystem>
#include <utility>

namespace grape::archive {

namespace {

/// What opens the file, and the length before each entry.
constexpr std::string_view magic = "GRAPEARC";
using length_type = std::uint32_t;
constexpr std::size_t hashed_at_once = std::size_t{1} << 20;

} // namespace

std::string unfinished_path(const std::string& path) {
  return path + ".unfinished";
}

archive_writer::archive_writer(storage::file_system& files, std::string path,
                               std::unique_ptr<storage::append_file> file)
  : files_(&files)
  , path_(std::move(path))
  , file_(std::move(file)) {}

outcome<archive_writer> archive_writer::create(storage::file_system& files, std::string path) {
  const auto draft = unfinished_path(path);
  if (files.exists(draft))
    if (auto gone = files.remove(draft); !gone.ok())
      return gone;
  auto file = files.open_append(draft);
  if (!file)
    return std::move(file).error();
  archive_writer made{files, std::move(path), std::move(*file)};
  made.sum_.add(magic);
  if (auto written = made.file_->append(magic); !written.ok())
    return written;
  return made;
}

status archive_writer::append(std::string_view body) {
  std::string length;
  codec::append_little(length, static_cast<length_type>(body.size()));
  for (const auto bytes : {std::string_view{length}, body}) {
    sum_.add(bytes);
    if (auto written = file_->append(bytes); !written.ok())
      return written;
  }
  return {};
}

status archive_writer::begin(const collection_head& of) {
  heads_bytes_ += size_of(of);
  if (size_of(of) > head_bytes_max || heads_bytes_ > heads_bytes_max)
    return {errc::too_large, "collection `" + of.name + "` has settings and metadata of "
                                 + std::to_string(size_of(of))
                                 + " bytes, which are too many for a snapshot"};
  pieces_ = 0;
  return append(encode(of));
}

status archive_writer::add(shard_id shard, std::string_view encoded_chunk) {
  ++pieces_;
  return append(encode(shard, encoded_chunk));
}

status archive_writer::end_collection() {
  ++collections_;
  return append(encode(collection_end{pieces_}));
}

outcome<std::string> archive_writer::finish() {
  auto done = append(encode(archive_end{collections_}));
  if (done.ok())
    done = file_->sync();
  if (done.ok())
    done = files_->rename(unfinished_path(path_), path_);
  if (done.ok())
    done = files_->sync_directory(std::filesystem::path(path_).parent_path().string());
  if (!done.ok())
    return done;
  return sum_.digest();
}

archive_reader::archive_reader(std::string path, std::unique_ptr<storage::random_file> file)
  : path_(std::move(path))
  , file_(std::move(file)) {}

outcome<archive_reader> archive_reader::open(storage::file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  if (!file)
    return std::move(file).error();
  archive_reader made{path, std::move(*file)};
  const auto opening = made.read(magic.size());
  if (!opening || *opening != magic)
    return status{errc::corrupted, path + " is no archive of Grape"};
  return made;
}

status archive_reader::wrong(const std::string& what) const {
  return {errc::corrupted, path_ + ", byte " + std::to_string(at_) + ": " + what};
}

outcome<std::string> archive_reader::read(std::size_t count) {
  std::string bytes(count, '\0');
  const auto got = file_->read(at_, count, bytes.data());
  if (!got)
    return got.error();
  if (*got != count)
    return wrong("the file ends here");
  at_ += count;
  return bytes;
}

outcome<entry> archive_reader::next() {
  const auto length = read(sizeof(length_type));
  if (!length)
    return length.error();
  const auto bytes = codec::read_little<length_type>(length->data());
  if (bytes > entry_bytes_max || bytes > file_->size() - at_)
    return wrong("an entry of " + std::to_string(bytes) + " bytes");
  const auto body = read(bytes);
  if (!body)
    return body.error();
  auto found = decode_entry(*body);
  if (!found)
    return status{found.error().code, wrong(found.error().detail).detail};
  if (std::holds_alternative<archive_end>(*found) && at_ != file_->size())
    return wrong("something follows the end");
  return found;
}

namespace {

/// Follows the entries of an archive: in which order may they come?
class entry_order {
public:
  status meet(const entry& next) {
    return std::visit([this](const auto& each) { return take(each); }, next);
  }

  std::vector<collection_head> heads;
  std::vector<std::set<shard_id>> shards; ///< Met so far, by head.

private:
  static status out_of_order(const char* what) { return {errc::corrupted, what}; }

  status take(const collection_head& head) {
    if (open_)
      return out_of_order("a collection begins inside of another one");
    heads_bytes_ += size_of(head);
    if (heads_bytes_ > heads_bytes_max)
      return {errc::too_large, "the heads of its collections have more than "
                                   + std::to_string(heads_bytes_max) + " bytes together"};
    heads.push_back(head);
    shards.emplace_back();
    open_ = true;
    pieces_ = 0;
    return {};
  }

  status take(const shard_piece& piece) {
    if (!open_ || !has_shard(heads.back(), piece.shard))
      return out_of_order("a piece of a shard that its collection does not have");
    ++pieces_;
    shards.back().insert(piece.shard);
    return writes_of(piece).ok() ? status{} : out_of_order("a point that cannot be read");
  }

  status take(const collection_end& end) {
    if (!open_ || end.pieces != pieces_)
      return out_of_order("pieces are missing");
    open_ = false;
    return {};
  }

  status take(const archive_end& end) {
    if (open_ || end.collections != heads.size())
      return out_of_order("collections are missing");
    return {};
  }

  bool open_ = false;
  std::uint64_t pieces_ = 0;
  std::size_t heads_bytes_ = 0;
};

outcome<std::string> sha256_of(storage::file_system& files, const std::string& path) {
  auto file = files.open_random(path);
  if (!file)
    return std::move(file).error();
  codec::sha256_stream sum;
  std::string part(hashed_at_once, '\0');
  for (std::uint64_t at = 0; at < (*file)->size();) {
    const auto got = (*file)->read(at, part.size(), part.data());
    if (!got)
      return got.error();
    if (*got == 0)
      return status{errc::io_error, path + " became shorter while it was read"};
    sum.add({part.data(), *got});
    at += *got;
  }
  return sum.digest();
}

} // namespace

outcome<archive_summary> check_archive(storage::file_system& files, const std::string& path) {
  auto from = archive_reader::open(files, path);
  if (!from)
    return std::move(from).error();
  entry_order order;
  for (bool more = true; more;) {
    const auto next = from->next();
    if (!next)
      return next.error();
    if (auto fits = order.meet(*next); !fits.ok())
      return fits;
    more = !std::holds_alternative<archive_end>(*next);
  }
  auto sum = sha256_of(files, path);
  if (!sum)
    return std::move(sum).error();
  return archive_summary{std::move(order.heads), std::move(order.shards), std::move(*sum)};
}

} // namespace grape::archive
