#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape::storage {

/// What a commit promises when it returns.
enum class durability : std::uint8_t {
  buffered, ///< Survives the death of the process, not of the machine. Order is kept all the same.
  synced,   ///< Survives a power cut, together with everything committed before it.
};

/// Where a store runs its background work (compactions). Whoever hosts core gives it threads.
/// Thread-safe.
class background_lane {
public:
  virtual ~background_lane() = default;

  /// Runs `job` soon, on another thread than the caller's: the caller may hold locks that the job
  /// needs. Every job posted must run, or the store that posted it never closes.
  virtual void post(std::function<void()> job) = 0;
};

/// Changes in order; a later one on the same key wins. A value type.
class write_batch {
public:
  /// One change; the views live as long as the batch is not changed.
  struct change {
    std::string_view key;
    std::optional<std::string_view> value; ///< None: the key goes.
  };

  void put(std::string_view key, std::string_view value);
  void erase(std::string_view key);
  void clear() noexcept;

  bool empty() const noexcept { return entries_.empty(); }

  /// Number of changes.
  std::size_t size() const noexcept { return entries_.size(); }

  /// Bytes of all keys and values.
  std::size_t bytes() const noexcept { return text_.size(); }

  /// The changes in the order in which they were made. Precondition: index < size().
  change operator[](std::size_t index) const noexcept;

private:
  struct entry {
    std::size_t offset;
    std::size_t key_size;
    std::size_t value_size;
    bool erases;
  };

  std::string text_; // Keys and values end to end: two growing buffers instead of two per change.
  std::vector<entry> entries_;
};

/// A moment of one store, frozen. Keeps the store's files open while it lives.
class store_snapshot {
public:
  virtual ~store_snapshot() = default;
};

/// Walks keys upwards over one frozen moment. Keeps the store's files open while it lives. Not
/// thread-safe.
class cursor {
public:
  virtual ~cursor() = default;

  /// False at the end and after an error: look at `error` to tell them apart.
  virtual bool valid() const = 0;

  /// Precondition: valid().
  virtual void next() = 0;

  /// Precondition: valid(). The view lives until `next`.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;

  /// Ok, or why the walk ended early (corrupted, io_error).
  virtual status error() const = 0;
};

/// What a store occupies and how well its cache serves.
struct store_stats {
  std::uint64_t bytes = 0;        ///< In files.
  std::uint64_t memory_bytes = 0; ///< Unwritten changes and cached blocks, roughly.
  std::uint64_t cache_hits = 0;   ///< Of the block cache, which stores may share.
  std::uint64_t cache_misses = 0;
};

/// Ordered keys and values, compared as unsigned bytes. Thread-safe. Errors of all calls: io_error,
/// no_space, corrupted; the detail names the store's directory. After a failed commit all later
/// commits fail in the same way (what the failed one left behind is unknown until reopened); reads
/// go on.
class store {
public:
  virtual ~store() = default;

  /// All of `batch` or none of it, also across a crash.
  virtual status commit(const write_batch& batch, durability wanted) = 0;

  /// The value under `key` at `at` (a snapshot of this very store), or now; none if absent.
  virtual outcome<std::optional<std::string>> get(std::string_view key,
                                                  const store_snapshot* at = nullptr) const = 0;

  virtual std::shared_ptr<const store_snapshot> snapshot() const = 0;

  /// Stands on the first key not below `from`, at `at` or now; later commits do not show.
  virtual std::unique_ptr<cursor> scan(std::string_view from,
                                       const store_snapshot* at = nullptr) const = 0;

  /// Returns once everything committed so far survives a power cut.
  virtual status flush() = 0;

  /// Rewrites the files without what is no longer needed. May take long.
  virtual status compact() = 0;

  /// Makes `directory`, which must not exist, a store with the state of some moment during the
  /// call; commits go on meanwhile. What does not change any more is shared, not copied: it costs
  /// room only once this store has no use for it. Error: bad_request, where the store has no files.
  virtual status copy_to(const std::string& directory) = 0;

  virtual store_stats stats() const = 0;

  /// What the keys from `first` up to, not including, `last` occupy: roughly, compressed, and
  /// without what was written lately and is in no file yet.
  virtual std::uint64_t bytes_of(std::string_view first, std::string_view last) const = 0;
};

} // namespace grape::storage
