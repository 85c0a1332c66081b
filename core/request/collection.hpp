#pragma once

#include "core/ids.hpp"
#include "core/payload/value.hpp"
#include "core/request/options.hpp"
#include "core/vector/datatype.hpp"
#include "core/vector/metric.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace grape {

/// Graph parameters. Absent means: as the level above says (vector -> collection -> default).
struct hnsw_options {
  static constexpr std::uint32_t m_max = 2'000; ///< As many links as a graph can count.
  static constexpr std::uint32_t ef_construct_min = 4;
  static constexpr std::uint32_t ef_construct_max = 10'000; ///< More takes days for nothing.

  std::optional<std::uint32_t> m;                      ///< Default 16; 0 = no graph.
  std::optional<std::uint32_t> ef_construct;           ///< Default 100.
  std::optional<std::uint64_t> full_scan_threshold_kb; ///< Default 10,000, at least 10.
  payload::object echoed; ///< Settings accepted and shown, without effect here.

  friend bool operator==(const hnsw_options&, const hnsw_options&) = default;
};

/// One dense vector field of a collection.
struct vector_field {
  std::uint32_t size = 0; ///< Dimension, 1..65536.
  metric distance = metric::cosine;
  std::optional<hnsw_options> hnsw;
  payload::object echoed; ///< on_disk, quantization_config, ...: shown as given.
  std::optional<vector_datatype> datatype{}; ///< Absent: float32.
  bool multi = false;    ///< Each point has rows of it; compared by max_sim.
  schema_version born{}; ///< The schema that brought it, if it came later than the collection.

  vector_datatype stored_as() const noexcept {
    return datatype.value_or(vector_datatype::float32);
  }

  friend bool operator==(const vector_field&, const vector_field&) = default;
};

/// What the values of a sparse query are multiplied with. Numbers stand on disk: append.
enum class sparse_modifier : std::uint8_t {
  none = 0,
  idf = 1, ///< ln((N - n + 0.5) / (n + 0.5) + 1): N vectors in the collection, n with the index.
};

/// One sparse vector field of a collection.
struct sparse_field {
  std::optional<sparse_modifier> modifier; ///< Absent: none.
  std::optional<payload::object> index;    ///< full_scan_threshold, on_disk, ...: shown as given.
  schema_version born{}; ///< As in vector_field.

  bool uses_idf() const noexcept { return modifier == sparse_modifier::idf; }

  friend bool operator==(const sparse_field&, const sparse_field&) = default;
};

/// When segments are sealed, merged and vacuumed. Absent means the default.
struct optimizer_options {
  std::optional<double> deleted_threshold;           ///< Default 0.2, 0..1.
  std::optional<std::uint64_t> vacuum_min_vectors;   ///< Default 1,000, at least 100.
  std::optional<std::uint64_t> indexing_threshold_kb; ///< Default 10,000; 0 = never index.
  payload::object echoed;

  friend bool operator==(const optimizer_options&, const optimizer_options&) = default;
};

/// Where acknowledged writes live before they are acknowledged.
enum class sync_mode : std::uint8_t { async = 0, quorum = 1, all = 2 };

/// What the `grape` object of a collection's creation says.
struct replication_options {
  sync_mode mode = sync_mode::quorum;
  std::uint32_t batch_size = 0;  ///< Most entries of one message to a follower; 0 = no limit.
  read_level level = read_level::linearizable; ///< For reads that name none.

  friend bool operator==(const replication_options&, const replication_options&) = default;
};

/// The type of a payload index. Numbers stand on disk: append, never renumber.
enum class field_type : std::uint8_t {
  keyword = 0,
  integer = 1,
  floating = 2,
  boolean = 3,
  datetime = 4,
  uuid = 5,
  geo = 6,
  text = 7,
};

/// "keyword", "integer", "float", "bool", "datetime", "uuid", "geo", "text".
std::string_view to_string(field_type type) noexcept;

/// One payload index.
struct field_schema {
  field_type type = field_type::keyword;
  std::optional<payload::object> params; ///< Shown again if the index was made from an object.

  friend bool operator==(const field_schema&, const field_schema&) = default;
};

/// Everything a client chose about a collection.
struct collection_options {
  std::map<std::string, vector_field> vectors; ///< "" = the unnamed vector.
  bool single_unnamed = false; ///< True: `vectors` was given as one config, and is shown so.
  std::map<std::string, sparse_field> sparse_vectors;
  std::uint32_t shard_number = 1;             ///< At least 1.
  std::uint32_t replication_factor = 1;       ///< At least 1.
  /// Replicas that have an acknowledged write durably; at least 1, at most all that there are.
  std::uint32_t write_consistency_factor = 1;
  bool on_disk_payload = true;
  hnsw_options hnsw;
  optimizer_options optimizers;
  replication_options replication;
  payload::object echoed_params; ///< sharding_method, read_fan_out_factor, payload, ...
  std::optional<payload::value> wal;
  std::optional<payload::value> quantization;
  std::optional<payload::value> strict_mode;
  std::optional<payload::value> metadata;

  friend bool operator==(const collection_options&, const collection_options&) = default;
};

/// Whether its points are spread by the keys that writes name: it has the shards of its keys, and
/// `shard_number` is that of each new key.
bool is_sharded_by_keys(const collection_options& options);

/// What all shards of a collection agree on. A new version is committed as a log entry.
struct collection_schema {
  schema_version version{1};
  collection_options options;
  std::map<std::string, field_schema> fields; ///< Payload indexes by payload path.
  bool filling = false; ///< A recovery writes the points: what is there is not yet the whole.

  friend bool operator==(const collection_schema&, const collection_schema&) = default;
};

/// Changes to an existing collection: what is given replaces, what is absent stays.
struct collection_changes {
  std::map<std::string, vector_field> vectors; ///< Only `hnsw` and `echoed` are read.
  std::optional<hnsw_options> hnsw;
  std::optional<optimizer_options> optimizers;
  std::optional<std::uint32_t> replication_factor;
  std::optional<std::uint32_t> write_consistency_factor;
  std::optional<bool> on_disk_payload;
  payload::object echoed_params;
  std::map<std::string, sparse_field> sparse_vectors; ///< `born` is not read.
  std::optional<payload::value> quantization; ///< The string "Disabled" removes it.
  std::optional<payload::value> strict_mode;
  std::optional<payload::value> metadata; ///< Merged at the top level; null removes a key.
};

struct create_collection_request {
  std::string collection;
  collection_options options; ///< `shard_number`, `replication_factor`: 0 = as the node says.
};

struct update_collection_request {
  std::string collection;
  collection_changes changes;
};

struct delete_collection_request {
  std::string collection;
};

struct describe_collection_request {
  std::string collection;
  read_options read{};
};

struct collection_exists_request {
  std::string collection;
};

struct list_collections_request {};

struct create_alias {
  std::string collection;
  std::string alias;
};

struct delete_alias {
  std::string alias;
};

struct rename_alias {
  std::string from;
  std::string to;
};

using alias_action = std::variant<create_alias, delete_alias, rename_alias>;

/// Actions in order, all or nothing.
struct change_aliases_request {
  std::vector<alias_action> actions;
};

/// All aliases, or those of one collection.
struct list_aliases_request {
  std::optional<std::string> collection;
};

/// Creates or replaces a payload index.
struct create_field_index_request {
  std::string collection;
  std::string field; ///< A payload path.
  field_schema schema;
  write_options write;
};

struct delete_field_index_request {
  std::string collection;
  std::string field;
  write_options write;
};

/// What a named vector is made of.
using vector_definition = std::variant<vector_field, sparse_field>;

/// Adds a vector that no point has yet. The same once more changes nothing.
struct create_vector_request {
  std::string collection;
  std::string name;
  vector_definition what;
  write_options write;
};

/// Takes a vector away, from the schema and from all points.
struct delete_vector_request {
  std::string collection;
  std::string name;
  write_options write;
};

/// True, or false where the thing asked for was not there to begin with.
struct changed {
  bool yes = true;
};

struct collection_names {
  std::vector<std::string> names; ///< Ascending.
};

struct alias_entry {
  std::string alias;
  std::string collection;
};

struct alias_list {
  std::vector<alias_entry> entries; ///< Ascending by alias.
};

/// Green: all is indexed. Yellow: indexing. Red: a shard failed.
enum class collection_health : std::uint8_t { green, yellow, grey, red };

struct collection_description {
  collection_health health = collection_health::green;
  std::string optimizer_error; ///< Empty = ok.
  std::vector<std::string> warnings;
  std::uint64_t points = 0;
  std::uint64_t vectors = 0;         ///< Dense vectors, all fields.
  std::uint64_t indexed_vectors = 0; ///< Vectors that live in a graph.
  std::uint64_t segments = 0;
  std::uint64_t vector_bytes = 0;    ///< As stored: dense ones by their datatype.
  std::uint64_t payload_bytes = 0;   ///< What payloads occupy in files, roughly.
  std::uint64_t memory_bytes = 0;    ///< Of vector indexes and payload indexes, each replica once.
  std::uint64_t mapped_bytes = 0;    ///< Of these, mapped pages of files.
  collection_schema schema;
  std::map<std::string, std::uint64_t> field_points; ///< Points that have the field.
};

} // namespace grape
