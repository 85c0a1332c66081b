#include "core/storage/leveldb_env.hpp"

#include <leveldb/env.h>
#include <leveldb/slice.h>
#include <leveldb/status.h>

#include <algorithm>
#include <atomic>
#include <string_view>
#include <utility>

namespace grape::storage {

namespace {

using leveldb::Slice;
using leveldb::Status;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

bool is_log(std::string_view path) {
  return path.ends_with(".log");
}

/// Our code travels through LevelDB as the first word of the message.
Status to_leveldb(const status& from) {
  if (from.ok())
    return Status::OK();
  const auto text = std::string(to_string(from.code)) + ": " + from.detail;
  if (from.code == errc::not_found)
    return Status::NotFound(text);
  return from.code == errc::corrupted ? Status::Corruption(text) : Status::IOError(text);
}

/// Set once a log file could not be completed after its writer had let go of it.
using broken_flag = std::atomic<bool>;

Status log_incomplete() {
  return to_leveldb({errc::io_error, "an earlier log file could not be completed"});
}

class sequential_file final : public leveldb::SequentialFile {
public:
  explicit sequential_file(std::unique_ptr<random_file> of) : of_(std::move(of)) {
  }

  Status Read(std::size_t count, Slice* result, char* scratch) override {
    const auto got = of_->read(at_, count, scratch);
    if (!got)
      return to_leveldb(got.error());
    at_ += *got;
    *result = Slice(scratch, *got);
    return Status::OK();
  }

  Status Skip(std::uint64_t count) override {
    at_ = std::min(of_->size(), at_ + count);
    return Status::OK();
  }

private:
  std::unique_ptr<random_file> of_;
  std::uint64_t at_ = 0;
};

// Reads rather than maps: a failing disk must be an error, not a signal, and the block cache holds
// blocks that were read only.
class random_access_file final : public leveldb::RandomAccessFile {
public:
  explicit random_access_file(std::unique_ptr<random_file> of) : of_(std::move(of)) {
  }

  Status Read(std::uint64_t offset, std::size_t count, Slice* result,
              char* scratch) const override {
    const auto got = of_->read(offset, count, scratch);
    if (!got)
      return to_leveldb(got.error());
    *result = Slice(scratch, *got);
    return Status::OK();
  }

private:
  std::unique_ptr<random_file> of_;
};

class writable_file final : public leveldb::WritableFile {
public:
  writable_file(file_system& files, std::string path, std::unique_ptr<append_file> to,
                std::shared_ptr<broken_flag> broken)
    : files_(files), path_(std::move(path)), to_(std::move(to)), broken_(std::move(broken)) {
  }

  // LevelDB lets go of a full log without a word and starts the next one. What the next log holds
  // must never survive a power cut without what came before it, so a log is synced at its end.
  ~writable_file() override {
    if (is_log(path_) && !synced_ && !Sync().ok())
      broken_->store(true);
  }

  writable_file(const writable_file&) = delete;
  writable_file& operator=(const writable_file&) = delete;

  Status Append(const Slice& bytes) override {
    if (broken_->load())
      return log_incomplete();
    synced_ = false;
    waiting_.append(bytes.data(), bytes.size());
    return waiting_.size() < waiting_max ? Status::OK() : Flush();
  }

  Status Close() override { return is_log(path_) && !synced_ ? Sync() : Flush(); }

  Status Flush() override {
    if (waiting_.empty())
      return Status::OK();
    const auto written = to_->append(waiting_);
    waiting_.clear(); // After an error the file's end is unknown: never append the same again.
    return to_leveldb(written);
  }

  Status Sync() override {
    if (broken_->load())
      return log_incomplete();
    if (auto flushed = Flush(); !flushed.ok())
      return flushed;
    if (auto done = to_->sync(); !done.ok())
      return to_leveldb(done);
    if (!named_) {
      if (auto done = files_.sync_directory(directory_of(path_)); !done.ok())
        return to_leveldb(done);
      named_ = true;
    }
    synced_ = true;
    return Status::OK();
  }

private:
  static constexpr std::size_t waiting_max = 64 << 10;

  file_system& files_;
  std::string path_;
  std::unique_ptr<append_file> to_;
  std::shared_ptr<broken_flag> broken_;
  std::string waiting_;
  bool synced_ = false;
  bool named_ = false; // The file's name survives a power cut as well.
};

// Whoever opens a LevelDB here claims its directory before that (directory_claim).
class no_lock final : public leveldb::FileLock {};

class file_env final : public leveldb::Env {
public:
  file_env(file_system& files, std::shared_ptr<background_lane> lane, removals& gone)
    : files_(files)
    , lane_(std::move(lane))
    , gone_(gone) {}

  Status NewSequentialFile(const std::string& path, leveldb::SequentialFile** result) override {
    *result = nullptr;
    auto file = files_.open_random(path);
    if (!file)
      return to_leveldb(file.error());
    *result = new sequential_file(std::move(*file));
    return Status::OK();
  }

  Status NewRandomAccessFile(const std::string& path,
                             leveldb::RandomAccessFile** result) override {
    *result = nullptr;
    auto file = files_.open_random(path);
    // LevelDB takes a lost table for an absent key if it hears "not found".
    if (!file && file.error().code == errc::not_found)
      return to_leveldb({errc::corrupted, file.error().detail});
    if (!file)
      return to_leveldb(file.error());
    *result = new random_access_file(std::move(*file));
    return Status::OK();
  }

  Status NewWritableFile(const std::string& path, leveldb::WritableFile** result) override {
    *result = nullptr;
    if (files_.exists(path))
      if (auto removed = files_.remove(path); !removed.ok())
        return to_leveldb(removed);
    auto file = files_.open_append(path);
    if (!file)
      return to_leveldb(file.error());
    *result = new writable_file(files_, path, std::move(*file), broken_);
    return Status::OK();
  }

  bool FileExists(const std::string& path) override { return files_.exists(path); }

  Status GetChildren(const std::string& directory, std::vector<std::string>* result) override {
    result->clear();
    auto names = files_.list(directory);
    if (!names)
      return to_leveldb(names.error());
    *result = std::move(*names);
    return Status::OK();
  }

  Status RemoveFile(const std::string& path) override { return to_leveldb(gone_.remove(path)); }

  Status CreateDir(const std::string& path) override {
    return to_leveldb(files_.create_directories(path));
  }

  Status RemoveDir(const std::string& path) override {
    return Status::NotSupported("removing a directory", path);
  }

  Status GetFileSize(const std::string& path, std::uint64_t* size) override {
    *size = 0;
    const auto found = files_.size(path);
    if (!found)
      return to_leveldb(found.error());
    *size = *found;
    return Status::OK();
  }

  // LevelDB renames CURRENT only, and from then on relies on what it names.
  Status RenameFile(const std::string& from, const std::string& to) override {
    if (auto renamed = files_.rename(from, to); !renamed.ok())
      return to_leveldb(renamed);
    return to_leveldb(files_.sync_directory(directory_of(to)));
  }

  Status LockFile(const std::string&, leveldb::FileLock** lock) override {
    *lock = new no_lock;
    return Status::OK();
  }

  Status UnlockFile(leveldb::FileLock* lock) override {
    delete lock;
    return Status::OK();
  }

  void Schedule(void (*work)(void*), void* argument) override {
    lane_->post([work, argument] { work(argument); });
  }

  void StartThread(void (*work)(void*), void* argument) override { Schedule(work, argument); }

  Status GetTestDirectory(std::string*) override {
    return Status::NotSupported("a test directory");
  }

  Status NewLogger(const std::string&, leveldb::Logger** result) override {
    *result = nullptr;
    return Status::NotSupported("a text log");
  }

  std::uint64_t NowMicros() override { return 0; } // Read for LevelDB's own text log only.

  // LevelDB wants to slow a writer down that is ahead of the compaction; a writer far ahead waits
  // for the compaction anyway, and a thread is not ours to put to sleep.
  void SleepForMicroseconds(int) override {}

private:
  file_system& files_;
  std::shared_ptr<background_lane> lane_;
  removals& gone_;
  std::shared_ptr<broken_flag> broken_ = std::make_shared<broken_flag>(false);
};

} // namespace

std::unique_ptr<leveldb::Env>
make_leveldb_env(file_system& files, std::shared_ptr<background_lane> lane, removals& gone) {
  return std::make_unique<file_env>(files, std::move(lane), gone);
}

status from_leveldb(const Status& reported, const std::string& directory) {
  if (reported.ok())
    return {};
  const auto text = reported.ToString();
  const auto detail = directory + ": " + text;
  if (reported.IsCorruption() || reported.IsNotFound())
    return {errc::corrupted, detail};
  for (const auto code : {errc::no_space, errc::corrupted})
    if (text.find(": " + std::string(to_string(code)) + ": ") != std::string::npos)
      return {code, detail};
  return {errc::io_error, detail};
}

} // namespace grape::storage
