#pragma once

#include "core/budget.hpp"
#include "core/executor.hpp"
#include "core/ids.hpp"
#include "core/index/code_use.hpp"
#include "core/outcome.hpp"
#include "core/storage/file_system.hpp"
#include "core/vector/metric.hpp"
#include "core/vector/point.hpp"
#include "core/vector/quantizer.hpp"
#include "core/vector/stored_row.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace grape::index {

struct graph;

/// A row and its exact float32 distance (see distance_function); smaller is nearer.
struct scored_row {
  float distance = 0;
  row where{};

  friend bool operator==(const scored_row&, const scored_row&) = default;
};

/// Which rows may be found. A row passes if its `live` bit is set (or `live` is null) and, when
/// `allowed` is given, the bit of its slot is set there. Does not own what it points to.
struct row_filter {
  const std::uint64_t* live = nullptr;        ///< A bit per row; null: all rows live.
  const std::uint32_t* slot_of_row = nullptr; ///< Needed with `allowed`; read for live rows only.
  const std::uint64_t* allowed = nullptr;     ///< A bit per slot; null: no filter.
  std::uint32_t live_count = 0;               ///< Bits set in `live`; 0: not known.
};

/// Where the codes of a segment are that was read from a file.
enum class code_place : std::uint8_t {
  memory, ///< Copied.
  file,   ///< In its mapped pages, which the system may take back.
};

/// The rows a segment is built from.
struct segment_source {
  metric distance = metric::cosine;
  std::uint32_t dimension = 0; ///< 1..65536.
  row_form form = row_form::float32;
  /// The i-th row as row_layout stores it, 0 <= i < ids.size(). Called from several threads at
  /// once; what it points to must stay until the build has returned.
  std::function<const void*(std::size_t)> vector_at;
  std::vector<point_id> ids;                  ///< One per row; fewer than 2^31 rows.
  std::vector<std::uint64_t> vector_versions; ///< One per row.
  /// Not null: a graph over the first rows, of at least one and at most all, that the new one goes
  /// on from; see segment::links. Not used unless it has graph_options::m links per row.
  const graph* base = nullptr;
};

struct graph_options {
  std::uint32_t m = 16; ///< Links per row and level (twice that on the lowest); 0 = no graph.
  std::uint32_t ef_construct = 100; ///< Candidates considered per insertion; at least 4.
  std::uint64_t seed = 1;           ///< Decides levels; with one thread, the whole graph.
  /// What the walk is to compare, where it can be (see plan_coding) and tells the rows apart; else
  /// int8, else floats. None: plan_coding chooses.
  std::optional<coding> code = std::nullopt;
  /// For int8: the share of component values within the range that codes tell apart, 0.5..1; the
  /// others are clipped. None: nearly all.
  std::optional<double> quantile = std::nullopt;
};

/// How far a build has come, for whoever watches it from another thread.
struct build_progress {
  std::atomic<std::uint64_t> rows_total = 0;
  std::atomic<std::uint64_t> rows_done = 0;
};

/// Rows of one vector field with a graph over them: immutable, shared, safe for any number of
/// reading threads. Rows are numbered anew by the build (near rows lie close together in memory).
class segment {
public:
  virtual ~segment() = default;

  /// Builds from at least one row. Errors: cancelled once `stop` is true; invalid for a source
  /// that makes no sense; no_space when memory is refused. `progress` may be null.
  static outcome<std::shared_ptr<const segment>> build(segment_id id, const segment_source& source,
                                                       const graph_options& options, executor& with,
                                                       const std::atomic<bool>& stop,
                                                       build_progress* progress);

  /// Reads and verifies a whole file. Errors: corrupted (naming file and block) for any damage,
  /// wrong_version, not_found, io_error. The graph is copied into memory, and so are codes unless
  /// `codes` says otherwise; the vectors stay mapped where the file system can map.
  static outcome<std::shared_ptr<const segment>> open(storage::file_system& files,
                                                      const std::string& path,
                                                      code_place codes = code_place::memory);

  /// Writes to `path` + ".tmp", syncs, renames and syncs the folder: afterwards `path` holds all
  /// of it, and before, nothing of it.
  virtual status write(storage::file_system& files, const std::string& path) const = 0;

  virtual segment_id id() const noexcept = 0;
  virtual std::uint32_t rows() const noexcept = 0;
  virtual std::uint32_t dimension() const noexcept = 0;
  virtual metric distance() const noexcept = 0;

  /// What its walk compares.
  virtual coding code() const noexcept = 0;

  /// Memory this object holds, mapped pages included; see memory_of.
  virtual std::uint64_t bytes() const noexcept = 0;

  /// Of these, in mapped pages of its file, which the system may take back.
  virtual std::uint64_t mapped_bytes() const noexcept = 0;

  /// What its codes occupy, mapped or not.
  virtual std::uint64_t code_bytes() const noexcept = 0;

  /// Reads what is mapped of its file into memory. Returns how many bytes that are; 0: nothing is
  /// mapped. Errors: io_error.
  virtual outcome<std::uint64_t> warm() const = 0;

  /// Its graph; null if it has none. Valid while the segment lives.
  virtual const graph* links() const noexcept = 0;

  /// Needs where < rows(), like all that take a row.
  virtual point_id id_of(row where) const noexcept = 0;
  virtual std::uint64_t vector_version_of(row where) const noexcept = 0;

  /// How its rows are stored.
  virtual row_layout layout() const noexcept = 0;

  /// Valid while the segment lives.
  virtual const void* stored(row where) const noexcept = 0;

  /// A copy of the row as it is compared.
  std::vector<float> vector(row where) const;

  /// For each row its position in the segment_source. Empty for a segment read from a file.
  virtual std::span<const std::uint32_t> source_of_row() const noexcept = 0;

  /// About the `k` nearest passing rows, best first, ties by row; exact distances unless `how`
  /// forgoes them. Fewer than k come back only if fewer pass, or if `limit.over()` says that the
  /// walk was stopped: then they are the best so far.
  virtual std::vector<scored_row> search(std::span<const float> query, std::size_t k,
                                         const effort& how, const row_filter& filter,
                                         budget& limit) const = 0;

  /// Exactly the `k` nearest of the rows in `only`, each assumed to pass; best first. Incomplete
  /// only if `limit.over()`.
  virtual std::vector<scored_row> scan(std::span<const float> query, std::size_t k,
                                       std::span<const row> only, budget& limit) const = 0;

  /// Exactly the `k` nearest passing rows by looking at all of them; best first. Incomplete only
  /// if `limit.over()`.
  virtual std::vector<scored_row> scan_all(std::span<const float> query, std::size_t k,
                                           const row_filter& filter, budget& limit) const = 0;
};

} // namespace grape::index
