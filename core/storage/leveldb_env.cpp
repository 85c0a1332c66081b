#include "core/storage/leveldb_env.hpp"

#include "core/storage/open_files.hpp"

#include <leveldb/env.h>
#include <leveldb/slice.h>
#include <leveldb/status.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
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

/// Logs that LevelDB has let go of and that were not synced since. Most never are: once a table has
/// what such a log holds it is removed, and its bytes need not go to the disk at all. Thread-safe.
class unsynced_logs {
public:
  /// So that each of them is as durable in the end as one that was never let go of.
  ~unsynced_logs() { static_cast<void>(sync()); }

  void keep(const std::string& path, std::unique_ptr<append_file> log) {
    const std::lock_guard guard{lock_};
    logs_[path] = std::move(log);
  }

  void removed(const std::string& path) {
    const std::lock_guard guard{lock_};
    logs_.erase(path);
  }

  /// One could not be completed: nothing that comes after it may be taken for durable.
  void broke() { broken_.store(true); }

  Status sync() {
    const std::lock_guard guard{lock_};
    for (auto log = logs_.begin(); log != logs_.end(); log = logs_.erase(log)) {
      log->second->begin_writing();
      if (auto done = log->second->sync(); !done.ok()) {
        broke();
        return to_leveldb(done);
      }
    }
    return whole();
  }

  Status whole() const {
    if (!broken_.load())
      return Status::OK();
    return to_leveldb({errc::io_error, "an earlier log file could not be completed"});
  }

private:
  std::atomic<bool> broken_{false};
  std::mutex lock_; // Guards what follows.
  std::map<std::string, std::unique_ptr<append_file>> logs_;
};

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
/// LevelDB takes a lost table for an absent key if it hears "not found".
Status to_leveldb_of_table(const status& from) {
  return to_leveldb(from.code == errc::not_found ? status{errc::corrupted, from.detail} : from);
}

class random_access_file final : public leveldb::RandomAccessFile {
public:
  random_access_file(file_system& files, const std::string& path, std::unique_ptr<random_file> of)
    : files_(files)
    , path_(path)
    , kept_(keeps_ ? std::move(of) : nullptr) {}

  Status Read(std::uint64_t offset, std::size_t count, Slice* result,
              char* scratch) const override {
    if (kept_)
      return read(*kept_, offset, count, result, scratch);
    const auto file = files_.open_random(path_);
    return file ? read(**file, offset, count, result, scratch) : to_leveldb_of_table(file.error());
  }

private:
  static Status read(const random_file& from, std::uint64_t offset, std::size_t count,
                     Slice* result, char* scratch) {
    const auto got = from.read(offset, count, scratch);
    if (!got)
      return to_leveldb_of_table(got.error());
    *result = Slice(scratch, *got);
    return Status::OK();
  }

  file_system& files_;
  std::string path_;
  right_to_keep keeps_; // Before what it decides.
  std::unique_ptr<random_file> kept_;
};

class writable_file final : public leveldb::WritableFile {
public:
  writable_file(file_system& files, std::string path, std::unique_ptr<append_file> to,
                std::shared_ptr<unsynced_logs> logs)
    : files_(files), path_(std::move(path)), to_(std::move(to)), logs_(std::move(logs)) {
  }

  // LevelDB lets go of a full log without a word and starts the next one. What that holds must not
  // survive a power cut without what came before it: whoever syncs it syncs this one first, and
  // whoever mends it sees where this one ended too early.
  ~writable_file() override {
    if (!is_log(path_))
      return;
    if (!Flush().ok())
      logs_->broke();
    else if (!named_)
      static_cast<void>(sync_this()); // Empty, but its name is as durable as all others.
    else if (!synced_)
      logs_->keep(path_, std::move(to_));
  }

  writable_file(const writable_file&) = delete;
  writable_file& operator=(const writable_file&) = delete;

  Status Append(const Slice& bytes) override {
    if (auto whole = logs_->whole(); !whole.ok())
      return whole;
    synced_ = false;
    waiting_.append(bytes.data(), bytes.size());
    return waiting_.size() < waiting_max ? Status::OK() : Flush();
  }

  Status Close() override { return is_log(path_) && !synced_ ? Sync() : Flush(); }

  // What a log begins with is synced: one that is found empty never held anything.
  Status Flush() override {
    if (waiting_.empty())
      return Status::OK();
    if (auto written = write(); !written.ok() || !is_log(path_) || named_)
      return written;
    return sync_this();
  }

  Status Sync() override {
    if (auto older = is_log(path_) ? logs_->sync() : logs_->whole(); !older.ok())
      return older;
    if (auto written = write(); !written.ok())
      return written;
    return sync_this();
  }

private:
  static constexpr std::size_t waiting_max = 64 << 10;

  // A table that lies in the system's memory as a whole until its sync holds up whoever else syncs
  // on this disk then: the log of the node, and with it every write.
  static constexpr std::size_t unwritten_max = 256 << 10;

  Status sync_this() {
    if (unwritten_ >= unwritten_max)
      to_->begin_writing();
    unwritten_ = 0;
    auto done = to_->sync();
    if (done.ok() && !named_)
      done = files_.sync_directory(directory_of(path_));
    if (done.ok())
      named_ = synced_ = true;
    else if (is_log(path_))
      logs_->broke(); // A sync is never retried.
    return to_leveldb(done);
  }

  Status write() {
    if (waiting_.empty())
      return Status::OK();
    const auto written = to_->append(waiting_);
    unwritten_ += waiting_.size();
    waiting_.clear(); // After an error the file's end is unknown: never append the same again.
    if (written.ok() && unwritten_ >= unwritten_max && !is_log(path_)) {
      to_->begin_writing();
      unwritten_ = 0;
    }
    return to_leveldb(written);
  }

  file_system& files_;
  std::string path_;
  std::unique_ptr<append_file> to_;
  std::shared_ptr<unsynced_logs> logs_;
  std::string waiting_;
  std::size_t unwritten_ = 0; ///< Bytes since the disk was last asked to begin.
  bool synced_ = true;        ///< All that was appended is.
  bool named_ = false;        ///< The file's name survives a power cut as well.
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
    if (!file)
      return to_leveldb_of_table(file.error());
    *result = new random_access_file(files_, path, std::move(*file));
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
    *result = new writable_file(files_, path, std::move(*file), logs_);
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

  Status RemoveFile(const std::string& path) override {
    logs_->removed(path);
    return to_leveldb(gone_.remove(path));
  }

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
  std::shared_ptr<unsynced_logs> logs_ = std::make_shared<unsynced_logs>();
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
