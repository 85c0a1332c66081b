#pragma once

#include "core/executor.hpp"
#include "core/index/locator.hpp"
#include "core/index/segment.hpp"
#include "core/index/vector_view.hpp"
#include "core/outcome.hpp"
#include "core/shard/segment_policy.hpp"
#include "core/vector/metric.hpp"
#include "core/vector/point.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace grape::index {

/// What one vector field asks of its index.
struct vector_index_options {
  std::uint32_t dimension = 0; ///< At least 1.
  metric distance = metric::cosine;
  row_form form = row_form::float32; ///< How rows are kept.
  graph_options graph; ///< m = 0: nothing is sealed, every search is a scan.
  shard::segment_policy_options policy;
};

/// Work for a background thread: rebuild some parts as one sealed segment. Immutable; holds what
/// it needs, so that writes and searches go on meanwhile.
class seal_job {
public:
  struct content;
  explicit seal_job(std::shared_ptr<const content> from) noexcept;

  /// The segment that will come out.
  segment_id id() const noexcept;

  /// Rows to be built.
  std::uint64_t rows() const noexcept;

  /// E.g. "seal 25000 rows into segment 3".
  std::string describe() const;

  const content& get() const noexcept { return *content_; }

private:
  std::shared_ptr<const content> content_;
};

/// The product of a seal_job. Without live input `built` is null.
struct sealed_rows {
  std::shared_ptr<const segment> built;
  std::vector<std::uint32_t> slot_of_row; ///< By row of `built`: whose vector it was.
  std::vector<locator> origin_of_row;     ///< By row of `built`: where it lay before.
};

/// Segments that the index refers to no longer; views may still do. Their files can go when the
/// last reference dies.
struct retired {
  std::vector<std::shared_ptr<const segment>> segments;
};

/// The writer's side of one vector field of one shard replica: a tail that takes new vectors and
/// is scanned, and sealed segments with graphs. Not thread-safe: one thread at a time; views and
/// jobs may be used on any.
class vector_index {
public:
  explicit vector_index(const vector_index_options& options);
  ~vector_index();
  vector_index(vector_index&&) noexcept;
  vector_index& operator=(vector_index&&) noexcept;

  /// Gives the slot a vector, instead of its earlier one. `values` has the field's dimension and is
  /// in its stored form: it can be kept in options.form.
  void put(slot where, const point_id& id, std::uint64_t vector_version,
           std::span<const float> values);

  /// The slot has no vector any more; fine if it had none.
  void remove(slot where);

  bool contains(slot where) const noexcept;

  /// The state as of now; later changes do not show.
  vector_view view() const;

  /// Other thresholds or graph parameters from now on; `dimension`, `distance` and `form` stay.
  void configure(const vector_index_options& options);

  /// What would improve the index now, if anything. The tail that goes into the job is frozen (it
  /// is still searched). Until the job is installed or abandoned no other is given out.
  std::optional<seal_job> plan(shard::pace now = shard::pace::busy);

  /// Does the work, on any thread; touches no index. `progress` may be null. Errors: those of
  /// segment::build (cancelled once `stop` is true).
  static outcome<sealed_rows> run(const seal_job& job, executor& on, const std::atomic<bool>& stop,
                                  build_progress* progress);

  /// Puts the product of the job given out last in place of its input. Vectors that were replaced
  /// or removed meanwhile stay so.
  retired install(const seal_job& job, sealed_rows product);

  /// The job given out last will not be installed. What it froze is planned again.
  void abandon();

  /// Tells, for a point and a version of its vector, its slot; nullopt if the point is gone or has
  /// its vector in another version, as the store has them.
  using current_fn
    = std::function<std::optional<slot>(const point_id& id, std::uint64_t vector_version)>;

  /// At start: adopts a segment that was read from its file. A row counts only if its version is
  /// the store's and its slot has no vector yet (restore the newest segment first). Returns how
  /// many count. Errors: corrupted (dimension or metric are not the field's, or the id is taken).
  outcome<std::uint64_t> restore(std::shared_ptr<const segment> from, const current_fn& current);

  /// Ids through this one will not be given to new segments; for files that could not be restored.
  void reserve(segment_id through);

  /// Sealed segments, oldest id first: the files that a restart needs.
  std::vector<segment_id> sealed() const;

  /// Memory held for vectors, graphs and tables, this index's own state only.
  std::uint64_t bytes() const;

  /// Of these, in mapped pages of segment files, which the system may take back.
  std::uint64_t mapped_bytes() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace grape::index
