#include "net/http/settings.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/json_writer.hpp"

namespace grape::http {

namespace {

constexpr setting wal_settings[] = {
  {"wal_capacity_mb", setting_kind::whole, 1},
  {"wal_segments_ahead", setting_kind::whole},
  {"wal_retain_closed", setting_kind::whole},
};

constexpr setting strict_settings[] = {
  {"enabled", setting_kind::flag},
  {"max_query_limit", setting_kind::whole, 1},
  {"max_timeout", setting_kind::whole, 1},
  {"unindexed_filtering_retrieve", setting_kind::flag},
  {"unindexed_filtering_update", setting_kind::flag},
  {"search_max_hnsw_ef", setting_kind::whole},
  {"search_allow_exact", setting_kind::flag},
  {"search_max_oversampling", setting_kind::fraction},
  {"upsert_max_batchsize", setting_kind::whole},
  {"search_max_batchsize", setting_kind::whole},
  {"max_collection_vector_size_bytes", setting_kind::whole},
  {"read_rate_limit", setting_kind::whole, 1},
  {"write_rate_limit", setting_kind::whole, 1},
  {"max_collection_payload_size_bytes", setting_kind::whole},
  {"max_points_count", setting_kind::whole, 1},
  {"filter_max_conditions", setting_kind::whole},
  {"condition_max_size", setting_kind::whole},
  {"max_payload_index_count", setting_kind::whole},
  {"max_resident_memory_percent", setting_kind::whole, 1, 100},
};

constexpr setting quantizer_settings[] = {
  {"quantile", setting_kind::fraction, 0.5, 1.0},
  {"always_ram", setting_kind::flag},
  {"memory", setting_kind::placement},
};

constexpr setting sparse_index_settings[] = {
  {"full_scan_threshold", setting_kind::whole},
  {"on_disk", setting_kind::flag},
  {"memory", setting_kind::placement},
};

std::string bound(double value, setting_kind kind) {
  if (kind == setting_kind::whole)
    return std::to_string(static_cast<std::uint64_t>(value));
  json_writer out;
  out.number(value);
  return std::move(out).take();
}

void check_bounds(const node& of, double value, const setting& rule) {
  if (value >= rule.least && value <= rule.most)
    return;
  auto text = "value " + bound(value, rule.kind) + " invalid, must be ";
  if (rule.most == unbounded)
    text += bound(rule.least, rule.kind) + " or larger";
  else
    text += "from " + bound(rule.least, rule.kind) + " to " + bound(rule.most, rule.kind);
  of.invalid(text);
}

void check_placement(const node& of, bool pinned_allowed) {
  if (of.variant({"cold", "cached", "pinned"}) == 2 && !pinned_allowed)
    of.invalid("`pinned` memory placement is not supported for dense vector storage");
}

payload::value read_setting(const node& of, const setting& rule) {
  switch (rule.kind) {
    case setting_kind::flag: return payload::value{of.boolean()};
    case setting_kind::whole: {
      const auto value = of.whole(std::numeric_limits<std::uint64_t>::max(), "usize");
      check_bounds(of, static_cast<double>(value), rule);
      return payload::value{value};
    }
    case setting_kind::fraction: {
      const auto value = of.number();
      check_bounds(of, value, rule);
      return payload::value{value};
    }
    case setting_kind::placement:
    case setting_kind::storage_placement:
      check_placement(of, rule.kind == setting_kind::placement);
      return of.value().tree();
    case setting_kind::threads:
      if (of.is(json::kind::string)) {
        (void)of.variant({"auto"});
        return {};
      }
      return payload::value{of.whole(std::numeric_limits<std::uint64_t>::max(), "usize")};
  }
  return {};
}

void read_choice(const node& of, std::string_view key,
                 std::initializer_list<std::string_view> names, payload::object& into) {
  if (const auto found = of.field(key)) {
    (void)found->variant(names);
    into.set(std::string(key), found->value().tree());
  }
}

} // namespace

void read_settings(const node& of, std::span<const setting> known, payload::object& into) {
  if (!of.expect_object())
    return;
  for (const auto& rule : known)
    if (const auto found = of.field(rule.name, rule.alias))
      into.set(std::string(rule.name), read_setting(*found, rule));
}

payload::object read_quantization(const node& of) {
  payload::object out;
  for (const auto* kind : {"scalar", "product", "binary", "turbo"}) {
    const auto found = of.field(kind);
    if (!found)
      continue;
    payload::object inner;
    read_settings(*found, quantizer_settings, inner);
    const std::string_view name = kind;
    if (name == "scalar" && found->need("type"))
      read_choice(*found, "type", {"int8"}, inner);
    if (name == "product" && found->need("compression"))
      read_choice(*found, "compression", {"x4", "x8", "x16", "x32", "x64"}, inner);
    if (name == "binary") {
      read_choice(*found, "encoding", {"one_bit", "two_bits", "one_and_half_bits"}, inner);
      read_choice(*found, "query_encoding", {"default", "binary", "scalar4bits", "scalar8bits"},
                  inner);
    }
    if (name == "turbo")
      read_choice(*found, "bits", {"bits1", "bits1_5", "bits2", "bits4"}, inner);
    out.set(kind, payload::value{std::move(inner)});
    return out;
  }
  of.malformed("data did not match any variant of untagged enum QuantizationConfig");
  return out;
}

payload::object read_strict_mode(const node& of) {
  payload::object out;
  read_settings(of, strict_settings, out);
  if (const auto memory = of.field("max_resident_memory_percent"))
    memory->unavailable("limiting the resident memory");
  for (const auto* nested : {"multivector_config", "sparse_config"})
    if (const auto found = of.field(nested))
      out.set(nested, payload::value{found->tree()});
  return out;
}

payload::object read_wal(const node& of) {
  payload::object out;
  read_settings(of, wal_settings, out);
  return out;
}

sparse_field read_sparse_params(const node& of) {
  sparse_field out;
  if (!of.expect_object())
    return out;
  if (const auto index = of.field("index")) {
    auto& inner = out.index.emplace();
    read_settings(*index, sparse_index_settings, inner);
    read_choice(*index, "datatype", {"float32", "float16", "uint8", "turbo4"}, inner);
    const auto* datatype = inner.find("datatype");
    if (datatype != nullptr && *datatype == payload::value{"turbo4"})
      index->invalid("sparse vectors do not support the `turbo4` datatype", "datatype");
  }
  constexpr sparse_modifier modifiers[] = {sparse_modifier::none, sparse_modifier::idf};
  if (const auto modifier = of.field("modifier"))
    out.modifier = modifiers[modifier->variant({"none", "idf"})];
  return out;
}

} // namespace grape::http
