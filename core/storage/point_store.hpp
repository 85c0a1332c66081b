#pragma once

#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/payload/value.hpp"
#include "core/request/collection.hpp"
#include "core/storage/store.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace grape::storage {

class field_keys;

/// When a point last changed, as log indexes.
struct point_meta {
  std::uint64_t version = 0;        ///< The last change of anything.
  std::uint64_t vector_version = 0; ///< The last change of the vectors; never above `version`.

  friend bool operator==(const point_meta&, const point_meta&) = default;
};

/// A point as the store has it, its records byte for byte: what a snapshot is made of.
struct stored_point {
  point_id id;
  point_meta meta;
  std::string vectors;
  std::string payload;

  friend bool operator==(const stored_point&, const stored_point&) = default;
};

/// A place in the order in which `scan_changes` visits.
struct change_place {
  log_index at;
  point_id id;

  friend bool operator==(const change_place&, const change_place&) = default;
};

/// Reads a point store as it was at one moment. A value type: copies share the moment and keep the
/// store's files open. Thread-safe. Errors of all calls: corrupted, io_error.
class point_reader {
public:
  /// None if there is no such point.
  outcome<std::optional<point_meta>> meta(const point_id& id) const;

  /// Error: not_found if there is no such point.
  outcome<named_vectors> vectors(const point_id& id) const;
  outcome<payload::object> payload(const point_id& id) const;

  /// Visits the points at `from` (none: the first) and above, ascending by id, until the visitor
  /// says false.
  status scan_metas(const std::optional<point_id>& from,
                    const std::function<bool(const point_id&, const point_meta&)>& visit) const;

  /// The same with the payloads, empty ones as well.
  status scan_payloads(const std::optional<point_id>& from,
                       const std::function<bool(const point_id&, payload::object&&)>& visit) const;

  /// The same with the vectors.
  status scan_vectors(const std::optional<point_id>& from,
                      const std::function<bool(const point_id&, named_vectors&&)>& visit) const;

  /// Visits (value, point) for every value that the index of `field` holds, ascending by value,
  /// then by id; a point once per different value. Complete only while the schema lists the field.
  status scan_field(std::string_view field,
                    const std::function<bool(const payload::value&, const point_id&)>& visit) const;

  /// Visits what changed after log index `after`, ascending by index. A point that still exists
  /// comes with its last change; `erased` ones come with their end, and may come again later
  /// if they were created anew.
  status scan_changes(
    log_index after,
    const std::function<bool(log_index at, const point_id&, bool erased)>& visit) const;

  /// The same, from this place on.
  status scan_changes(
    const change_place& from,
    const std::function<bool(log_index at, const point_id&, bool erased)>& visit) const;

  /// The last entry that was applied by this moment.
  outcome<log_index> applied() const;

  /// Of points erased at or below this index `scan_changes` may not know any more.
  outcome<log_index> forgotten() const;

  outcome<std::optional<collection_schema>> schema() const;

  /// None if there is no such point.
  outcome<std::optional<stored_point>> stored(const point_id& id) const;

  /// Visits whole points as `scan_metas` does.
  status scan_stored(const std::optional<point_id>& from,
                     const std::function<bool(stored_point&&)>& visit) const;

  /// The store it reads from, for its files: nobody changes a key through it.
  store& below() const noexcept { return *from_; }

  /// What all payloads occupy now, as store::bytes_of says.
  std::uint64_t payload_bytes() const;

  /// What was noted under `name`; none if nothing was.
  outcome<std::optional<std::string>> note(std::string_view name) const;

  /// Visits the notes whose names begin with `prefix`, ascending by name.
  status scan_notes(std::string_view prefix,
                    const std::function<void(std::string_view name, std::string_view note)>& visit)
      const;

private:
  friend class point_store;
  friend class point_transaction;
  point_reader(std::shared_ptr<store> from, std::shared_ptr<const store_snapshot> at);

  using visit_record = std::function<outcome<bool>(std::string_view rest, std::string_view value)>;
  using visit_point = std::function<outcome<bool>(const point_id&, std::string_view value)>;

  status walk(std::string_view prefix, const std::string& start, const visit_record& visit) const;
  status walk_points(std::string_view prefix, const std::optional<point_id>& from,
                     const visit_point& visit) const;
  outcome<std::string> record(std::string_view prefix, const point_id& id) const;

  std::shared_ptr<store> from_;
  std::shared_ptr<const store_snapshot> at_; ///< Null: always the newest state.
};

/// The changes of one log entry. Reads see the transaction's own changes; nobody else does before
/// `point_store::commit`; destroying it drops them. Not thread-safe. Errors: corrupted, io_error.
class point_transaction {
public:
  point_transaction(point_transaction&&) noexcept;
  point_transaction& operator=(point_transaction&&) noexcept;
  ~point_transaction();

  /// As in `point_reader`.
  outcome<std::optional<point_meta>> meta(const point_id& id) const;
  outcome<named_vectors> vectors(const point_id& id) const;
  outcome<payload::object> payload(const point_id& id) const;

  /// Creates the point or replaces all of it. `version` is the index of the log entry, at least
  /// every version already stored for the point.
  status put(const point& what, std::uint64_t version);

  /// Removes the point; fine if it does not exist.
  status erase(const point_id& id, std::uint64_t version);

  /// Replaces the whole payload, or all vectors. Error: not_found if there is no such point.
  status put_payload(const point_id& id, const payload::object& payload, std::uint64_t version);
  status put_vectors(const point_id& id, const named_vectors& vectors, std::uint64_t version);

  /// Takes vectors away; those that stay count as unchanged, and so does a point without any of
  /// `names`. True: the point had one. Error: not_found if there is no such point.
  outcome<bool> drop_vectors(const point_id& id, std::span<const std::string> names,
                             std::uint64_t version);

  /// Replaces the schema from this commit on. A transaction that does so changes no points.
  /// Whichever index it adds must have been built before (`build_field_keys`).
  void put_schema(const collection_schema& schema);

  /// Makes a point what it is in another store of the same history, or erases it as of `at`, which
  /// is remembered even if the point is unknown or newer here. Error: corrupted, also if the point
  /// here is newer than `what`.
  status put_stored(stored_point what);
  status put_erased(const point_id& id, log_index at);

  /// Of points erased at or below `through` nothing may be known.
  void put_forgotten(log_index through);

  /// Keeps a note beside the points under `name`, or removes it if it is empty.
  void put_note(std::string_view name, std::string_view note);

private:
  friend class point_store;
  struct state;
  struct change;
  struct growth {
    std::int64_t points = 0;
    std::map<log_index, std::uint64_t> ends; ///< Of points, by log index.
  };
  point_transaction(std::shared_ptr<store> over, const field_keys& indexes, std::uint64_t number);

  outcome<change*> touch(const point_id& id) const;
  outcome<change*> existing(const point_id& id) const;
  outcome<change*> changing(const point_id& id, std::uint64_t version) const;
  outcome<std::string> stored_payload(change& of) const;
  std::uint64_t number() const noexcept;
  const std::optional<collection_schema>& new_schema() const noexcept;
  status write_field_keys(change& of, write_batch& to) const;
  static void write_records(const change& of, write_batch& to);

  log_index forgotten() const noexcept;

  /// Puts everything into `to`; returns what the store has more then.
  outcome<growth> write(write_batch& to) const;

  std::unique_ptr<state> state_;
};

/// The truth of one shard replica: points, payloads, field keys and the index of the last applied
/// log entry change together or not at all. One writer at a time; `read` and readers from any
/// thread.
class point_store {
public:
  /// Errors: corrupted, io_error, wrong_version (written by another program version).
  static outcome<std::unique_ptr<point_store>> open(std::shared_ptr<store> from);

  ~point_store();

  /// The index of the last committed log entry; 0 = none.
  log_index applied() const noexcept;

  /// The applied index that surely survives a power cut; the log is needed above it.
  log_index durable() const noexcept;

  const std::optional<collection_schema>& schema() const noexcept;

  /// How many points there are, exactly.
  std::uint64_t points() const noexcept;

  /// At most one transaction is open at a time.
  point_transaction begin();

  /// Makes the changes visible, all or nothing, with `applied` (never below the current one) as
  /// the new applied index. After an error the store must be reopened.
  status commit(point_transaction&& changes, log_index applied, durability wanted);

  /// Returns once everything committed so far survives a power cut.
  status flush();

  /// A reader of this moment.
  point_reader read() const;

  /// Writes the keys of an index over `field` for all points, dropping what was there under that
  /// name. If the schema lists the field it is taken off the stored schema first, so that a crash
  /// on the way leaves no half index trusted; commit a schema with the field afterwards. Not to be
  /// called while a transaction is open.
  status build_field_keys(const std::string& field, field_type type);

  /// Removes the keys of an index. Call it after the schema without the field was committed.
  status drop_field_keys(const std::string& field);

  /// Of points erased at or below this index `scan_changes` may not know any more.
  log_index forgotten() const noexcept;

  /// Forgets points that were erased at or below `through` for `scan_changes`.
  status forget_erased(log_index through);

  /// Forgets the oldest ends of points beyond so many, as far as they are durable.
  status keep_erased(std::uint64_t count_max);

  /// The store below, for statistics and compaction.
  store& below() const noexcept;

private:
  struct state;
  explicit point_store(std::unique_ptr<state> from);

  std::unique_ptr<state> state_;
};

} // namespace grape::storage
