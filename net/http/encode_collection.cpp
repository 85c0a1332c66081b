#include "net/http/encode_collection.hpp"

namespace grape::http {

namespace {

using payload::object;
using payload::value;

/// What stands in `over` replaces or joins what stands in `base`.
object overlaid(object base, const object& over) {
  for (const auto& [key, to] : over)
    base.set(key, to);
  return base;
}

object hnsw_given(const hnsw_options& of) {
  object out;
  if (of.m)
    out.set("m", value{std::uint64_t{*of.m}});
  if (of.ef_construct)
    out.set("ef_construct", value{std::uint64_t{*of.ef_construct}});
  if (of.full_scan_threshold_kb)
    out.set("full_scan_threshold", value{*of.full_scan_threshold_kb});
  return overlaid(std::move(out), of.echoed);
}

object hnsw_effective(const hnsw_options& of) {
  const object defaults{{"m", value{std::int64_t{16}}},
                        {"ef_construct", value{std::int64_t{100}}},
                        {"full_scan_threshold", value{std::int64_t{10'000}}},
                        {"max_indexing_threads", value{std::int64_t{0}}},
                        {"on_disk", value{false}}};
  return overlaid(defaults, hnsw_given(of));
}

object optimizers_effective(const optimizer_options& of) {
  const object defaults{{"default_segment_number", value{std::int64_t{0}}},
                        {"max_segment_size", value{}},
                        {"memmap_threshold", value{}},
                        {"flush_interval_sec", value{std::int64_t{5}}},
                        {"max_optimization_threads", value{}}};
  auto out = overlaid(defaults, of.echoed);
  out.set("deleted_threshold", value{of.deleted_threshold.value_or(0.2)});
  out.set("vacuum_min_vector_number", value{of.vacuum_min_vectors.value_or(1'000)});
  out.set("indexing_threshold", value{of.indexing_threshold_kb.value_or(10'000)});
  return out;
}

object wal_effective(const std::optional<value>& given) {
  const object defaults{{"wal_capacity_mb", value{std::int64_t{32}}},
                        {"wal_segments_ahead", value{std::int64_t{0}}},
                        {"wal_retain_closed", value{std::int64_t{1}}}};
  const auto* over = given ? given->as_object() : nullptr;
  return over == nullptr ? defaults : overlaid(defaults, *over);
}

void write_vector_field(json_writer& out, const vector_field& field) {
  out.open_object().key("size").whole(field.size);
  out.key("distance").text(to_string(field.distance));
  if (field.hnsw)
    if (const auto given = hnsw_given(*field.hnsw); !given.empty())
      out.key("hnsw_config").tree(given);
  for (const auto& [key, to] : field.echoed)
    out.key(key).tree(to);
  if (field.datatype)
    out.key("datatype").text(to_string(*field.datatype));
  if (field.multi)
    out.key("multivector_config").open_object().key("comparator").text("max_sim").close_object();
  out.close_object();
}

void write_sparse_field(json_writer& out, const sparse_field& field) {
  out.open_object();
  if (field.index)
    out.key("index").tree(*field.index);
  if (field.modifier)
    out.key("modifier").text(field.uses_idf() ? "idf" : "none");
  out.close_object();
}

std::string_view level_text(read_level level) {
  switch (level) {
    case read_level::eventual: return "eventual";
    case read_level::read_quorum: return "read_quorum";
    case read_level::all_replicas: return "all";
    case read_level::collection_default:
    case read_level::linearizable: break;
  }
  return "linearizable";
}

std::string_view mode_text(sync_mode mode) {
  switch (mode) {
    case sync_mode::async: return "async";
    case sync_mode::quorum: return "quorum";
    case sync_mode::all: return "all";
  }
  return "quorum";
}

/// Shown only where it differs from the default: some clients refuse members they don't know.
void write_grape(json_writer& out, const replication_options& of) {
  if (of == replication_options{})
    return;
  out.key("grape").open_object().key("replication").open_object();
  out.key("protocol").text("leader").key("sync_mode").text(mode_text(of.mode));
  out.key("batch_size").whole(of.batch_size).close_object();
  out.key("read_level").text(level_text(of.level)).close_object();
}

void write_payload_schema(json_writer& out, const collection_description& about) {
  out.open_object();
  for (const auto& [name, field] : about.schema.fields) {
    out.key(name).open_object().key("data_type").text(to_string(field.type));
    if (field.params)
      out.key("params").tree(*field.params);
    const auto points = about.field_points.find(name);
    out.key("points").whole(points == about.field_points.end() ? 0 : points->second);
    out.close_object();
  }
  out.close_object();
}

} // namespace

void write_collection_params(json_writer& out, const collection_options& options) {
  out.open_object().key("vectors");
  const auto unnamed = options.vectors.find("");
  if (options.single_unnamed && unnamed != options.vectors.end()) {
    write_vector_field(out, unnamed->second);
  } else {
    out.open_object();
    for (const auto& [name, field] : options.vectors) {
      out.key(name);
      write_vector_field(out, field);
    }
    out.close_object();
  }
  out.key("shard_number").whole(options.shard_number);
  out.key("replication_factor").whole(options.replication_factor);
  out.key("write_consistency_factor").whole(options.write_consistency_factor);
  out.key("on_disk_payload").boolean(options.on_disk_payload);
  for (const auto& [key, to] : options.echoed_params)
    out.key(key).tree(to);
  if (!options.sparse_vectors.empty()) {
    out.key("sparse_vectors").open_object();
    for (const auto& [name, field] : options.sparse_vectors) {
      out.key(name);
      write_sparse_field(out, field);
    }
    out.close_object();
  }
  out.close_object();
}

void write_collection_config(json_writer& out, const collection_options& options) {
  out.open_object().key("params");
  write_collection_params(out, options);
  out.key("hnsw_config").tree(hnsw_effective(options.hnsw));
  out.key("optimizer_config").tree(optimizers_effective(options.optimizers));
  out.key("wal_config").tree(wal_effective(options.wal));
  out.key("quantization_config").tree(options.quantization.value_or(value{}));
  if (options.strict_mode)
    out.key("strict_mode_config").tree(*options.strict_mode);
  if (options.metadata)
    out.key("metadata").tree(*options.metadata);
  write_grape(out, options.replication);
  out.close_object();
}

std::string_view health_text(collection_health health) {
  switch (health) {
    case collection_health::green: return "green";
    case collection_health::yellow: return "yellow";
    case collection_health::grey: return "grey";
    case collection_health::red: return "red";
  }
  return "red";
}

void write_optimizer_status(json_writer& out, const collection_description& about) {
  if (about.optimizer_error.empty())
    out.text("ok");
  else
    out.open_object().key("error").text(about.optimizer_error).close_object();
}

void write_changed(json_writer& out, const changed& answer) {
  out.boolean(answer.yes);
}

void write_fulfilled(json_writer& out, const changed&) {
  out.boolean(true);
}

void write_exists(json_writer& out, const changed& answer) {
  out.open_object().key("exists").boolean(answer.yes).close_object();
}

void write_collection_names(json_writer& out, const collection_names& all) {
  out.open_object().key("collections").open_array();
  for (const auto& name : all.names)
    out.open_object().key("name").text(name).close_object();
  out.close_array().close_object();
}

void write_collection(json_writer& out, const collection_description& about) {
  out.open_object().key("status").text(health_text(about.health)).key("optimizer_status");
  write_optimizer_status(out, about);
  if (!about.warnings.empty()) {
    out.key("warnings").open_array();
    for (const auto& warning : about.warnings)
      out.open_object().key("message").text(warning).close_object();
    out.close_array();
  }
  out.key("indexed_vectors_count").whole(about.indexed_vectors);
  out.key("points_count").whole(about.points).key("segments_count").whole(about.segments);
  out.key("config");
  write_collection_config(out, about.schema.options);
  out.key("payload_schema");
  write_payload_schema(out, about);
  // Every acknowledged update is visible in a description: nothing is ever seen to wait.
  out.key("update_queue").open_object().key("length").whole(0).close_object();
  out.close_object();
}

void write_aliases(json_writer& out, const alias_list& all) {
  out.open_object().key("aliases").open_array();
  for (const auto& entry : all.entries) {
    out.open_object().key("alias_name").text(entry.alias);
    out.key("collection_name").text(entry.collection).close_object();
  }
  out.close_array().close_object();
}

} // namespace grape::http
