#include "net/http/decode_collection.hpp"

#include "net/http/api.hpp"
#include "net/http/decode_common.hpp"
#include "net/http/settings.hpp"

#include <utility>

namespace grape::http {

namespace {

constexpr setting hnsw_settings[] = {
  {"max_indexing_threads", setting_kind::whole},
  {"on_disk", setting_kind::flag},
  {"memory", setting_kind::placement},
  {"payload_m", setting_kind::whole},
  {"inline_storage", setting_kind::flag},
};

constexpr setting optimizer_settings[] = {
  {"default_segment_number", setting_kind::whole},
  {.name = "max_segment_size",
   .kind = setting_kind::whole,
   .least = 1,
   .alias = "max_segment_size_kb"},
  {.name = "memmap_threshold", .kind = setting_kind::whole, .alias = "memmap_threshold_kb"},
  {"flush_interval_sec", setting_kind::whole},
  {"max_optimization_threads", setting_kind::threads},
  {"prevent_unoptimized", setting_kind::flag},
};

constexpr setting vector_settings[] = {
  {"on_disk", setting_kind::flag},
  {"memory", setting_kind::storage_placement},
};

constexpr setting fan_out_settings[] = {
  {"read_fan_out_factor", setting_kind::whole},
  {"read_fan_out_delay_ms", setting_kind::whole},
};

/// Bounds that Qdrant leaves to the memory there is.
void refuse_above(const node& of, std::string_view key, std::optional<std::uint32_t> value,
                  std::uint32_t most) {
  if (value && *value > most)
    of.invalid("value " + std::to_string(*value) + " invalid, must be " + std::to_string(most)
                 + " or smaller",
               key);
}

hnsw_options read_hnsw(const node& of) {
  hnsw_options out;
  if (!of.expect_object())
    return out;
  out.m = u32_field(of, "m");
  refuse_above(of, "m", out.m, hnsw_options::m_max);
  out.ef_construct = u32_field(of, "ef_construct", hnsw_options::ef_construct_min);
  refuse_above(of, "ef_construct", out.ef_construct, hnsw_options::ef_construct_max);
  const auto* threshold
    = of.field("full_scan_threshold") ? "full_scan_threshold" : "full_scan_threshold_kb";
  out.full_scan_threshold_kb = whole_field(of, threshold, {.least = 10});
  read_settings(of, hnsw_settings, out.echoed);
  return out;
}

optimizer_options read_optimizers(const node& of) {
  optimizer_options out;
  if (!of.expect_object())
    return out;
  out.deleted_threshold = number_field(of, "deleted_threshold", 0.0, 1.0);
  out.vacuum_min_vectors = whole_field(of, "vacuum_min_vector_number", {.least = 100});
  const auto* threshold
    = of.field("indexing_threshold") ? "indexing_threshold" : "indexing_threshold_kb";
  out.indexing_threshold_kb = whole_field(of, threshold);
  read_settings(of, optimizer_settings, out.echoed);
  return out;
}

void read_quantization_field(const node& of, payload::object& into) {
  if (const auto found = of.field("quantization_config", "quantization"))
    into.set("quantization_config", payload::value{read_quantization(*found)});
}

vector_field read_vector_field(const node& of) {
  vector_field out;
  if (!of.expect_object())
    return out;
  constexpr metric metrics[] = {metric::cosine, metric::euclid, metric::dot, metric::manhattan};
  if (const auto size = of.need("size")) {
    const auto value = size->whole(std::numeric_limits<std::uint64_t>::max(), "a nonzero u64");
    if (value == 0)
      size->malformed("invalid value: integer `0`, expected a nonzero u64");
    else if (value > 65'536)
      size->invalid("value " + std::to_string(value) + " invalid, must be from 1 to 65536");
    out.size = static_cast<std::uint32_t>(value & 0xFFFF'FFFFu);
  }
  if (const auto distance = of.need("distance"))
    out.distance = metrics[distance->variant({"Cosine", "Euclid", "Dot", "Manhattan"})];
  if (const auto hnsw = of.field("hnsw_config"))
    out.hnsw = read_hnsw(*hnsw);
  read_quantization_field(of, out.echoed);
  read_settings(of, vector_settings, out.echoed);
  constexpr vector_datatype datatypes[] = {vector_datatype::float32, vector_datatype::uint8,
                                           vector_datatype::float16, vector_datatype::turbo4};
  if (const auto datatype = of.field("datatype"))
    out.datatype = datatypes[datatype->variant({"float32", "uint8", "float16", "turbo4"})];
  if (const auto multi = of.field("multivector_config"))
    if (const auto comparator = multi->need("comparator"))
      out.multi = comparator->variant({"max_sim"}) == 0;
  return out;
}

/// Names become file names somewhere: short, and without what a file system trips over.
void check_vector_name(const node& of, std::string_view kind, std::string_view name) {
  constexpr std::size_t bytes_max = 200;
  constexpr std::string_view forbidden{"<>:\"/\\|?*\0\x1F", 11};
  const auto opening
    = "Invalid " + std::string(kind) + " vector name `" + std::string(name) + "`: ";
  if (name.size() > bytes_max)
    return of.refuse(errc::wrong_input, opening + "vector name must be at most 200 bytes long");
  const auto at = name.find_first_of(forbidden);
  if (at != std::string_view::npos)
    of.refuse(errc::wrong_input,
              opening + "vector name cannot contain \"" + std::string(1, name[at]) + "\" char");
}

void read_vectors(const node& of, collection_options& into) {
  const auto size = of.value().find("size");
  if (size && size->type() != json::kind::object) {
    into.single_unnamed = true;
    into.vectors.emplace(std::string(), read_vector_field(of));
    return;
  }
  of.each_entry([&](std::string_view name, const node& field) {
    check_vector_name(of, "dense", name);
    into.vectors.insert_or_assign(std::string(name), read_vector_field(field));
  });
}

void read_sparse_vectors(const node& of, const collection_options& dense,
                         std::map<std::string, sparse_field>& into) {
  of.each_entry([&](std::string_view name, const node& field) {
    check_vector_name(of, "sparse", name);
    if (name.empty())
      of.refuse(errc::wrong_input, "Sparse vector name cannot be empty");
    if (dense.vectors.contains(std::string(name)))
      of.refuse(errc::wrong_input, "Dense and sparse vector names must be unique - duplicate found"
                                   " with '"
                                     + std::string(name) + "'");
    into.insert_or_assign(std::string(name), read_sparse_params(field));
  });
}

void read_payload_storage(const node& of, payload::object& into) {
  const auto storage = of.field("payload");
  if (!storage || !storage->expect_object())
    return;
  payload::object inner;
  if (const auto memory = storage->field("memory")) {
    if (memory->variant({"cold", "cached", "pinned"}) == 2)
      memory->invalid("`pinned` memory placement is not supported for payload storage");
    inner.set("memory", memory->value().tree());
  }
  into.set("payload", payload::value{std::move(inner)});
}

void refuse_unknown(const node& of, std::initializer_list<std::string_view> known) {
  of.each_field([&](std::string_view key, const node& member) {
    for (const auto name : known)
      if (name == key)
        return;
    member.malformed("unknown field `" + std::string(key) + "`");
  });
}

/// Grape's own part of a creation. It is ours, so a typo in it is told.
replication_options read_grape(const node& of) {
  replication_options out;
  refuse_unknown(of, {"replication", "placement", "read_level"});
  constexpr sync_mode modes[] = {sync_mode::async, sync_mode::quorum, sync_mode::all};
  constexpr read_level levels[] = {read_level::eventual, read_level::read_quorum,
                                   read_level::linearizable, read_level::all_replicas};
  if (const auto replication = of.field("replication")) {
    refuse_unknown(*replication, {"protocol", "sync_mode", "batch_size"});
    if (const auto protocol = replication->field("protocol"))
      if (protocol->text() != "leader")
        protocol->unavailable("the replication protocol `" + protocol->text() + "`");
    if (const auto mode = replication->field("sync_mode"))
      out.mode = modes[mode->variant({"async", "quorum", "all"})];
    out.batch_size = u32_field(*replication, "batch_size").value_or(0);
  }
  if (const auto placement = of.field("placement")) {
    refuse_unknown(*placement, {"strategy"});
    if (const auto strategy = placement->field("strategy"))
      if (strategy->text() != "hash")
        strategy->unavailable("the placement strategy `" + strategy->text() + "`");
  }
  if (const auto level = of.field("read_level"))
    out.level = levels[level->variant({"eventual", "read_quorum", "linearizable", "all"})];
  return out;
}

void read_sharding(const node& of, const collection_defaults& defaults, collection_options& into) {
  into.shard_number = u32_field(of, "shard_number", 1).value_or(defaults.shard_number);
  into.replication_factor =
      u32_field(of, "replication_factor", 1).value_or(defaults.replication_factor);
  into.write_consistency_factor = u32_field(of, "write_consistency_factor", 1).value_or(1);
  if (const auto method = of.field("sharding_method")) {
    (void)method->variant({"auto", "custom"});
    into.echoed_params.set("sharding_method", method->value().tree());
  }
}

collection_options read_create(const node& of, const collection_defaults& defaults) {
  collection_options out;
  if (!of.expect_object())
    return out;
  if (const auto vectors = of.field("vectors"))
    read_vectors(*vectors, out);
  if (const auto sparse = of.field("sparse_vectors"))
    read_sparse_vectors(*sparse, out, out.sparse_vectors);
  read_sharding(of, defaults, out);
  out.on_disk_payload = boolean_field(of, "on_disk_payload").value_or(true);
  read_payload_storage(of, out.echoed_params);
  if (const auto hnsw = of.field("hnsw_config"))
    out.hnsw = read_hnsw(*hnsw);
  if (const auto optimizers = of.field("optimizers_config", "optimizer_config"))
    out.optimizers = read_optimizers(*optimizers);
  if (const auto wal = of.field("wal_config"))
    out.wal = payload::value{read_wal(*wal)};
  if (const auto quantization = of.field("quantization_config", "quantization"))
    out.quantization = payload::value{read_quantization(*quantization)};
  if (const auto strict = of.field("strict_mode_config"))
    out.strict_mode = payload::value{read_strict_mode(*strict)};
  if (const auto metadata = of.field("metadata"))
    out.metadata = payload::value{metadata->tree()};
  if (const auto grape = of.field("grape"))
    out.replication = read_grape(*grape);
  return out;
}

/// `vectors` of a change: by name, with the unnamed one under "".
void read_vector_changes(const node& of, std::map<std::string, vector_field>& into) {
  of.each_entry([&](std::string_view name, const node& field) {
    vector_field changes;
    if (!field.expect_object())
      return;
    if (const auto hnsw = field.field("hnsw_config"))
      changes.hnsw = read_hnsw(*hnsw);
    if (const auto quantization = field.field("quantization_config")) {
      if (quantization->is(json::kind::string))
        (void)quantization->variant({"Disabled"});
      changes.echoed.set("quantization_config",
                         quantization->is(json::kind::string)
                           ? payload::value{}
                           : payload::value{read_quantization(*quantization)});
    }
    read_settings(field, vector_settings, changes.echoed);
    into.insert_or_assign(std::string(name), std::move(changes));
  });
}

void read_param_changes(const node& of, collection_changes& into) {
  if (!of.expect_object())
    return;
  for (auto [key, target] : {std::pair{"replication_factor", &into.replication_factor},
                             std::pair{"write_consistency_factor", &into.write_consistency_factor}})
    if (const auto factor = of.field(key)) {
      *target = static_cast<std::uint32_t>(factor->whole(0xFFFF'FFFFu, "a nonzero u32"));
      if (*target == 0u)
        factor->malformed("invalid value: integer `0`, expected a nonzero u32");
    }
  into.on_disk_payload = boolean_field(of, "on_disk_payload");
  read_settings(of, fan_out_settings, into.echoed_params);
  read_payload_storage(of, into.echoed_params);
}

collection_changes read_update(const node& of) {
  collection_changes out;
  if (!of.expect_object())
    return out;
  if (const auto vectors = of.field("vectors"))
    read_vector_changes(*vectors, out.vectors);
  if (const auto optimizers = of.field("optimizers_config", "optimizer_config"))
    out.optimizers = read_optimizers(*optimizers);
  if (const auto params = of.field("params"))
    read_param_changes(*params, out);
  if (const auto hnsw = of.field("hnsw_config"))
    out.hnsw = read_hnsw(*hnsw);
  if (const auto quantization = of.field("quantization_config", "quantization")) {
    if (quantization->is(json::kind::string)) {
      (void)quantization->variant({"Disabled"});
      out.quantization = quantization->value().tree();
    } else {
      out.quantization = payload::value{read_quantization(*quantization)};
    }
  }
  if (const auto sparse = of.field("sparse_vectors"))
    read_sparse_vectors(*sparse, {}, out.sparse_vectors);
  if (const auto strict = of.field("strict_mode_config"))
    out.strict_mode = payload::value{read_strict_mode(*strict)};
  if (const auto metadata = of.field("metadata"))
    out.metadata = payload::value{metadata->tree()};
  return out;
}

vector_definition read_definition(const node& of, std::string_view name) {
  if (const auto dense = of.field("dense")) {
    check_vector_name(of, "dense", name);
    const payload::value zero{std::int64_t{0}};
    if (const auto size = dense->field("size"); size && size->value().tree() == zero)
      size->invalid("value 0 invalid, must be from 1 to 65536");
    else
      return read_vector_field(*dense);
    return vector_field{};
  }
  if (const auto sparse = of.field("sparse")) {
    check_vector_name(of, "sparse", name);
    sparse_field out = read_sparse_params(*sparse);
    if (const auto datatype = sparse->field("datatype")) {
      if (datatype->variant({"float32", "uint8", "float16", "turbo4"}) == 3)
        sparse->invalid("sparse vectors do not support the `turbo4` datatype", "datatype");
      out.index.emplace().set("datatype", datatype->value().tree());
    }
    return out;
  }
  of.malformed("data did not match any variant of untagged enum VectorNameConfig");
  return vector_field{};
}

} // namespace

outcome<vector_definition> decode_create_vector(std::string& body, std::string_view name) {
  return decode_body<vector_definition>(
    body, {}, [&](const node& of) { return read_definition(of, name); });
}

outcome<collection_options> decode_create_collection(std::string& body,
                                                     const collection_defaults& defaults) {
  return decode_body<collection_options>(
    body, {}, [&](const node& of) { return read_create(of, defaults); });
}

outcome<collection_changes> decode_update_collection(std::string& body) {
  return decode_body<collection_changes>(body, {}, read_update);
}

} // namespace grape::http
