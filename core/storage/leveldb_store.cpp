#include "core/storage/leveldb_store.hpp"

#include "core/check.hpp"
#include "core/storage/directory_claim.hpp"
#include "core/storage/leveldb_env.hpp"
#include "core/storage/leveldb_mend.hpp"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace grape::storage {

namespace {

leveldb::Slice slice(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view view(const leveldb::Slice& text) {
  return {text.data(), text.size()};
}

/// LevelDB's own cache, counting.
class counting_cache final : public leveldb::Cache {
public:
  explicit counting_cache(std::size_t bytes_max) : below_(leveldb::NewLRUCache(bytes_max)) {
  }

  Handle* Insert(const leveldb::Slice& key, void* value, std::size_t charge,
                 void (*deleter)(const leveldb::Slice&, void*)) override {
    return below_->Insert(key, value, charge, deleter);
  }

  Handle* Lookup(const leveldb::Slice& key) override {
    auto* found = below_->Lookup(key);
    (found != nullptr ? hits : misses).fetch_add(1, std::memory_order_relaxed);
    return found;
  }

  void Release(Handle* handle) override { below_->Release(handle); }
  void* Value(Handle* handle) override { return below_->Value(handle); }
  void Erase(const leveldb::Slice& key) override { below_->Erase(key); }
  std::uint64_t NewId() override { return below_->NewId(); }
  void Prune() override { below_->Prune(); }
  std::size_t TotalCharge() const override { return below_->TotalCharge(); }

  std::atomic<std::uint64_t> hits{0};
  std::atomic<std::uint64_t> misses{0};

private:
  std::unique_ptr<leveldb::Cache> below_;
};

/// LevelDB must have a text log, or it makes one of its own; core writes none.
class silent_log final : public leveldb::Logger {
public:
  void Logv(const char*, std::va_list) override {}
};

} // namespace

struct block_cache::state {
  explicit state(std::size_t bytes_max) : blocks(bytes_max) {
  }

  counting_cache blocks;
};

block_cache::block_cache(std::size_t bytes_max) : state_(std::make_unique<state>(bytes_max)) {
}

block_cache::~block_cache() = default;

std::uint64_t block_cache::hits() const noexcept {
  return state_->blocks.hits.load(std::memory_order_relaxed);
}

std::uint64_t block_cache::misses() const noexcept {
  return state_->blocks.misses.load(std::memory_order_relaxed);
}

std::uint64_t block_cache::bytes() const noexcept {
  return state_->blocks.TotalCharge();
}

/// An open LevelDB with all it leans on; whoever still reads keeps it open.
class leveldb_store final : public store, public std::enable_shared_from_this<leveldb_store> {
public:
  leveldb_store(file_system& files, std::string directory, directory_claim claim,
                leveldb_options options)
    : files_(files)
    , directory_(std::move(directory))
    , claim_(std::move(claim))
    , cache_(std::move(options.cache))
    , write_buffer_bytes_(options.write_buffer_bytes)
    , gone_(files)
    , env_(make_leveldb_env(files, std::move(options.lane), gone_))
    , filter_(leveldb::NewBloomFilterPolicy(10)) {}

  status open() {
    leveldb::Options options;
    options.create_if_missing = true;
    // rule 37: without it LevelDB drops bad records and says nothing.
    options.paranoid_checks = true;
    options.env = env_.get();
    options.info_log = &text_log_;
    options.write_buffer_size = write_buffer_bytes_;
    options.max_file_size = 8 << 20;
    options.block_cache = &cache_->state_->blocks;
    options.filter_policy = filter_.get();
    leveldb::DB* opened = nullptr;
    const auto done = leveldb::DB::Open(options, directory_, &opened);
    db_.reset(opened);
    return from_leveldb(done, directory_);
  }

  status commit(const write_batch& batch, durability wanted) override {
    leveldb::WriteBatch native;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto change = batch[i];
      if (change.value)
        native.Put(slice(change.key), slice(*change.value));
      else
        native.Delete(slice(change.key));
    }
    return write(native, wanted);
  }

  outcome<std::optional<std::string>> get(std::string_view key,
                                          const store_snapshot* at) const override {
    std::string value;
    const auto done = db_->Get(reading(at), slice(key), &value);
    if (done.IsNotFound())
      return std::optional<std::string>{};
    if (!done.ok())
      return from_leveldb(done, directory_);
    return std::optional<std::string>{std::move(value)};
  }

  std::shared_ptr<const store_snapshot> snapshot() const override;
  std::unique_ptr<cursor> scan(std::string_view from, const store_snapshot* at) const override;

  // An empty synced batch: earlier logs are complete on disk (leveldb_env), and syncing this one
  // takes along all that was committed before.
  status flush() override {
    leveldb::WriteBatch nothing;
    return write(nothing, durability::synced);
  }

  status compact() override {
    db_->CompactRange(nullptr, nullptr);
    return flush(); // CompactRange tells no errors; a failed background job fails every write.
  }

  status copy_to(const std::string& directory) override {
    const removals::hold all_of_it{gone_};
    return copy_leveldb(files_, directory_, directory);
  }

  store_stats stats() const override {
    store_stats out;
    out.cache_hits = cache_->hits();
    out.cache_misses = cache_->misses();
    std::string memory;
    if (db_->GetProperty("leveldb.approximate-memory-usage", &memory))
      out.memory_bytes = std::strtoull(memory.c_str(), nullptr, 10);
    if (const auto names = files_.list(directory_))
      for (const auto& name : *names)
        if (const auto size = files_.size(directory_ + "/" + name))
          out.bytes += *size;
    return out;
  }

  std::uint64_t bytes_of(std::string_view first, std::string_view last) const override {
    const leveldb::Range range{slice(first), slice(last)};
    std::uint64_t bytes = 0;
    db_->GetApproximateSizes(&range, 1, &bytes);
    return bytes;
  }

  leveldb::DB& native() const noexcept { return *db_; }
  const std::string& directory() const noexcept { return directory_; }

private:
  leveldb::ReadOptions reading(const store_snapshot* at) const;

  status write(leveldb::WriteBatch& batch, durability wanted) {
    {
      const std::lock_guard guard{failure_lock_};
      if (!failure_.ok())
        return failure_;
    }
    leveldb::WriteOptions options;
    options.sync = wanted == durability::synced;
    auto done = from_leveldb(db_->Write(options, &batch), directory_);
    if (!done.ok()) {
      // LevelDB would go on behind a record that it wrote in part, and lose what follows.
      const std::lock_guard guard{failure_lock_};
      failure_ = done;
    }
    return done;
  }

  file_system& files_;
  std::string directory_;
  directory_claim claim_;
  std::shared_ptr<block_cache> cache_;
  std::size_t write_buffer_bytes_;
  removals gone_;
  std::unique_ptr<leveldb::Env> env_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  silent_log text_log_;
  std::mutex failure_lock_;
  status failure_; // Guarded by failure_lock_. The first failed commit; ok = none.
  std::unique_ptr<leveldb::DB> db_; // Last: its end uses all of the above.
};

namespace {

class leveldb_snapshot final : public store_snapshot {
public:
  explicit leveldb_snapshot(std::shared_ptr<const leveldb_store> of)
    : of_(std::move(of)), native_(of_->native().GetSnapshot()) {
  }

  ~leveldb_snapshot() override { of_->native().ReleaseSnapshot(native_); }

  leveldb_snapshot(const leveldb_snapshot&) = delete;
  leveldb_snapshot& operator=(const leveldb_snapshot&) = delete;

  const leveldb_store* of() const noexcept { return of_.get(); }
  const leveldb::Snapshot* native() const noexcept { return native_; }

private:
  std::shared_ptr<const leveldb_store> of_;
  const leveldb::Snapshot* native_;
};

class leveldb_cursor final : public cursor {
public:
  leveldb_cursor(std::shared_ptr<const leveldb_store> of, const leveldb::ReadOptions& options,
                 std::string_view from)
    : of_(std::move(of)), native_(of_->native().NewIterator(options)) {
    native_->Seek(slice(from));
  }

  bool valid() const override { return native_->Valid(); }

  void next() override {
    GRAPE_CHECK(native_->Valid());
    native_->Next();
  }

  std::string_view key() const override { return view(native_->key()); }
  std::string_view value() const override { return view(native_->value()); }
  status error() const override { return from_leveldb(native_->status(), of_->directory()); }

private:
  std::shared_ptr<const leveldb_store> of_;
  std::unique_ptr<leveldb::Iterator> native_;
};

} // namespace

leveldb::ReadOptions leveldb_store::reading(const store_snapshot* at) const {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  if (at != nullptr) {
    const auto* ours = dynamic_cast<const leveldb_snapshot*>(at);
    GRAPE_CHECK(ours != nullptr);
    GRAPE_CHECK(ours->of() == this);
    options.snapshot = ours->native();
  }
  return options;
}

std::shared_ptr<const store_snapshot> leveldb_store::snapshot() const {
  return std::make_shared<leveldb_snapshot>(shared_from_this());
}

std::unique_ptr<cursor> leveldb_store::scan(std::string_view from,
                                            const store_snapshot* at) const {
  auto options = reading(at);
  options.fill_cache = false; // A scan of everything must not push out what point reads need.
  return std::make_unique<leveldb_cursor>(shared_from_this(), options, from);
}

std::size_t write_buffer_for(std::size_t least_bytes, std::size_t stores) noexcept {
  constexpr std::size_t most = 4;    // Times the least, for one store,
  constexpr std::size_t shared = 16; // and for all of them, as long as there are not more.
  const auto share = shared / std::max<std::size_t>(stores, 1);
  return least_bytes * std::clamp<std::size_t>(share, 1, most);
}

outcome<std::shared_ptr<store>> open_leveldb(file_system& files, const std::string& directory,
                                             leveldb_options options) {
  constexpr std::size_t own_cache_bytes = 8 << 20;
  GRAPE_CHECK(options.lane != nullptr);
  if (options.cache == nullptr)
    options.cache = std::make_shared<block_cache>(own_cache_bytes);
  auto claim = directory_claim::take(files, directory);
  if (!claim)
    return std::move(claim).error();
  if (auto made = files.create_directories(directory); !made.ok())
    return made;
  if (auto mended = mend_leveldb(files, directory); !mended.ok())
    return mended;
  auto opened = std::make_shared<leveldb_store>(files, directory, std::move(*claim),
                                                std::move(options));
  if (auto done = opened->open(); !done.ok())
    return done;
  return std::shared_ptr<store>{std::move(opened)};
}

bool has_room(file_system& files, const std::string& directory, std::uint64_t bytes) {
  const auto disk = files.space(directory);
  return !disk || disk->total_bytes == 0 || disk->free_bytes >= bytes;
}

bool has_room_to_open(file_system& files, const std::string& directory) {
  constexpr std::uint64_t small_files_bytes = 1 << 20;
  auto needed = small_files_bytes;
  if (const auto names = files.list(directory))
    for (const auto& name : *names)
      if (const auto bytes = files.size(directory + "/" + name); bytes && name.ends_with(".log"))
        needed += *bytes;
  return has_room(files, directory, needed);
}

} // namespace grape::storage
