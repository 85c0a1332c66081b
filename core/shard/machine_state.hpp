#pragma once

#include "core/index/multi_rows.hpp"
#include "core/index/sparse_index.hpp"
#include "core/index/vector_index.hpp"
#include "core/payload/field_columns.hpp"
#include "core/request/write.hpp"
#include "core/shard/id_table.hpp"
#include "core/shard/machine.hpp"
#include "core/shard/segment_files.hpp"
#include "core/shard/view_state.hpp"
#include "core/shard/write_sessions.hpp"
#include "core/storage/point_store.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grape::shard {

/// One dense vector field: its index and the files of its segments. Of a multivector every row is
/// in the index, at the place that `places` gave it.
struct vector_part {
  index::vector_index index;
  segment_files files;
  vector_field field;
  index::multi_rows places{};

  /// Puts a stored vector into the index; one of another kind counts as none.
  void put(slot where, const point_id& id, std::uint64_t vector_version,
           const vector_value& stored);

  /// The point has no such vector any more; fine if it had none.
  void remove(slot where);

  /// Whether the index has all of the point's vector, or there is nothing it should have.
  bool is_complete(slot where) const noexcept;

  /// Where a row of the field's segments belongs; nullopt if it is not current.
  std::optional<slot> place_of(slot where, std::uint64_t point_version,
                               std::uint64_t row_version) const noexcept;
};

/// One sparse vector field. Its index is in memory only.
struct sparse_part {
  index::sparse_index index;
  sparse_field field;
};

/// What is held in memory about the points, beside the store. All of it can be rebuilt from the
/// store; none of it is written to disk but the segments.
struct point_tables {
  id_table ids;
  cow_array<point_id> id_of;
  cow_array<std::uint64_t> version_of;
  std::shared_ptr<slot_set> live = std::make_shared<slot_set>();
  std::vector<slot> free; ///< Slots of deleted points, to be used again.

  /// The slot of `id`; a new one if the point is new.
  slot place(const point_id& id);

  /// Takes the point out; its former slot, if it had one.
  std::optional<slot> remove(const point_id& id);

private:
  slot_set& own_live();
};

struct machine::state {
  machine_options options;
  std::unique_ptr<storage::point_store> store;
  std::shared_ptr<const collection_schema> schema;
  write_sessions sessions;
  point_tables points;
  payload::field_columns columns;
  std::map<std::string, vector_part> vectors;
  std::map<std::string, sparse_part> sparse;
  std::shared_ptr<const view> current; ///< Null after a change, until somebody asks.
  std::optional<std::string> job_of;   ///< The vector field whose job is out.
  std::uint64_t bytes_unsynced = 0;
  bool failed = false; ///< The store refused a write: what it holds is unknown until reopened.
  std::vector<std::string> notes;

  std::shared_ptr<const view> snapshot();
  void show_vectors(view_state& in) const;

  /// By slot, the version of each point's vectors; needed only while opening.
  using vector_versions = std::vector<std::uint64_t>;

  status load();
  status load_sessions();
  outcome<vector_versions> load_points();
  status load_columns();
  status adopt_segments(const std::string& name, vector_part& part,
                        const vector_versions& versions);
  status load_tails(const vector_versions& versions);

  /// Fills the sparse indexes, and gives the rows of multivectors their places.
  status load_sparse_and_places();

  /// The point's vectors as they are now.
  void put_vectors(slot where, const point_id& id, std::uint64_t vector_version,
                   const named_vectors& stored);
  void remove_vectors(slot where);

  /// Takes vectors that the schema will know no more, or that are others of the same name, from
  /// all points. Done again after a crash: the entry counts as applied only when it is complete.
  status drop_vectors(log_index index, const collection_schema& wanted);

  /// Creates, keeps and drops vector parts so that they are those of the schema.
  status match_vectors(const collection_schema& wanted);

  /// Goes past an entry that changes nothing.
  outcome<applied_entry> pass(log_index index, applied_entry told);
  outcome<applied_entry> refuse(log_index index, status why);

  outcome<applied_entry> apply_schema(log_index index, const collection_schema& wanted);
  outcome<applied_entry> apply_command(log_index index, const stamped_command& entry);
  outcome<applied_entry> apply_write(log_index index,
                                     const std::vector<write_operation>& operations,
                                     const std::optional<write_stamp>& stamp);
};

/// Where codes of the field's segments belong.
index::code_place place_of_codes(const collection_options& options, const vector_field& field);

/// The parameters with which a field's index is built: the field's, then the collection's, then
/// the defaults.
index::vector_index_options index_options(const collection_options& options,
                                          const vector_field& field, std::uint64_t seed);

} // namespace grape::shard
