#pragma once

#include "core/archive/archive.hpp"
#include "core/codec/sha256.hpp"
#include "core/storage/file_system.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace grape::archive {

/// Writes an archive from its beginning to its end under `path`, which exists only once it is
/// whole and synced. Not thread-safe. Errors are those of the file system, which name the path.
class archive_writer {
public:
  /// Writes beside `path` first, over what was left there.
  static outcome<archive_writer> create(storage::file_system& files, std::string path);

  status begin(const collection_head& of);
  status add(shard_id shard, std::string_view encoded_chunk);
  status end_collection();

  /// The archive is complete. Returns the SHA-256 of the file, 64 hexadecimal digits.
  outcome<std::string> finish();

  std::uint64_t bytes() const noexcept { return file_->size(); }

private:
  archive_writer(storage::file_system& files, std::string path,
                 std::unique_ptr<storage::append_file> file);
  status append(std::string_view body);

  storage::file_system* files_;
  std::string path_;
  std::unique_ptr<storage::append_file> file_;
  codec::sha256_stream sum_;
  std::uint64_t pieces_ = 0;
  std::uint64_t collections_ = 0;
  std::size_t heads_bytes_ = 0;
};

/// Where an archive is written until it is whole.
std::string unfinished_path(const std::string& path);

/// Reads an archive once, from the front. Not thread-safe. Errors: corrupted with the offset of
/// what does not fit, wrong_version, and those of the file system.
class archive_reader {
public:
  static outcome<archive_reader> open(storage::file_system& files, const std::string& path);

  /// The next entry; after `archive_end` nothing may follow, and nothing may be asked.
  outcome<entry> next();

private:
  archive_reader(std::string path, std::unique_ptr<storage::random_file> file);
  outcome<std::string> read(std::size_t count);
  status wrong(const std::string& what) const;

  std::string path_;
  std::unique_ptr<storage::random_file> file_;
  std::uint64_t at_ = 0;
};

/// What an archive holds.
struct archive_summary {
  std::vector<collection_head> collections;
  std::vector<std::set<shard_id>> shards; ///< Of each collection, those that are in it.
  std::string sha256; ///< Of the whole file, 64 hexadecimal digits.
};

/// Reads all of it, so that nothing is begun with a file that does not end well. Errors: as
/// `archive_reader`; corrupted also where the entries contradict each other.
outcome<archive_summary> check_archive(storage::file_system& files, const std::string& path);

} // namespace grape::archive
