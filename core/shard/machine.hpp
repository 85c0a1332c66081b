#pragma once

#include "core/executor.hpp"
#include "core/ids.hpp"
#include "core/index/segment.hpp"
#include "core/outcome.hpp"
#include "core/request/collection.hpp"
#include "core/shard/optimizations.hpp"
#include "core/shard/segment_policy.hpp"
#include "core/shard/view.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace grape::storage {
class file_system;
class point_reader;
class store;
} // namespace grape::storage

namespace grape::shard {

class write_sessions;

/// Where a replica lives and what it starts from.
struct machine_options {
  storage::file_system* files = nullptr;      ///< Not null; outlives the machine and its views.
  std::shared_ptr<storage::store> points;     ///< The replica's point store, open.
  std::string segments_directory;             ///< For derived files; created if absent.
  collection_schema schema;                   ///< Used only if the store holds none yet.
  std::uint64_t seed = 0;                     ///< For graph building.
};

/// What applying one entry did.
struct applied_entry {
  /// ok, or why the whole entry changed nothing: stale_route (another schema version), corrupted
  /// or wrong_version (it cannot be read); of a stamped write also those of
  /// write_sessions::fate. Every replica gives the same answer.
  status result;
  log_index took_effect; ///< Where it did: earlier than this entry if that repeats a write.
};

/// How far a background job has come. Thread-safe.
using job_progress = index::build_progress;

/// A piece of background work on the vector indexes: seal, merge or vacuum. Immutable.
class index_job {
public:
  struct content;
  explicit index_job(std::shared_ptr<const content> from) noexcept : content_(std::move(from)) {
  }
  const content& get() const noexcept { return *content_; }

  /// E.g. "seal 25,000 rows of `` into segment 3".
  std::string describe() const;

  job_sketch sketch() const;

private:
  std::shared_ptr<const content> content_;
};

/// The product of an index_job, ready to be installed.
class finished_job {
public:
  struct content;
  explicit finished_job(std::shared_ptr<content> from) noexcept : content_(std::move(from)) {
  }
  content& get() const noexcept { return *content_; }

private:
  std::shared_ptr<content> content_;
};

/// The replicated state of one shard: applies its log's entries in order, and makes views.
/// A function of the log alone: reads no catalog, clock or random source.
/// Not thread-safe: one thread at a time. Views and jobs may be used anywhere.
class machine {
public:
  /// Opens the store and its derived files, and rebuilds what is held in memory. Derived files
  /// that are damaged or stale are dropped and rebuilt; `notes` then says so.
  /// Errors: corrupted, io_error, wrong_version: the store itself cannot be used.
  static outcome<std::unique_ptr<machine>> open(machine_options options);

  ~machine();

  /// The last entry applied; it may still be lost to a power cut.
  log_index applied() const noexcept;

  /// The last entry that survives a power cut: the log may drop everything through it.
  log_index applied_durable() const noexcept;

  /// Bytes applied since `applied_durable`: reason to sync before long.
  std::uint64_t bytes_unsynced() const noexcept;

  const collection_schema& schema() const noexcept;

  /// Which stamped writes it has applied.
  const write_sessions& sessions() const noexcept;

  /// The store as it is now, for snapshots.
  storage::point_reader read() const;

  /// Applies the entry after `applied()`; an empty one changes nothing. An error (corrupted,
  /// io_error, no_space) means that the store failed: this machine must be closed and opened again;
  /// nothing of the entry is visible.
  outcome<applied_entry> apply(log_index index, std::string_view command_bytes);

  /// Makes everything applied durable.
  status sync();

  /// The state as of now; never null.
  std::shared_ptr<const view> snapshot();

  /// What would improve the indexes now, if anything. Freezes its input: until the job is
  /// installed or abandoned no other is given out.
  std::optional<index_job> plan(pace now = pace::busy);

  /// Does the work, on any thread; touches no machine. `cancelled` when `stop` was set.
  static outcome<finished_job> run(const index_job& job, executor& on,
                                   const std::atomic<bool>& stop, job_progress& progress);

  /// Puts the product in place; points that changed meanwhile keep their newer vectors. The
  /// product of a job that was abandoned is dropped.
  void install(const finished_job& done);

  /// The job given out last will not be finished.
  void abandon();

  /// What the start had to repair or give up, in words.
  const std::vector<std::string>& notes() const noexcept;

private:
  struct state;
  explicit machine(std::unique_ptr<state> from);
  std::unique_ptr<state> state_;
};

} // namespace grape::shard
