#include "net/http/decode_query_parts.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"

#include <algorithm>

namespace grape::http {

search_params read_params(const node& of) {
  search_params out;
  const auto params = of.field("params");
  if (!params || !params->expect_object())
    return out;
  if (const auto ef = whole_field(*params, "hnsw_ef", {.least = 1}))
    out.hnsw_ef = static_cast<std::uint32_t>(std::min<std::uint64_t>(*ef, 0xFFFF'FFFFu));
  out.exact = boolean_field(*params, "exact").value_or(false);
  out.indexed_only = boolean_field(*params, "indexed_only").value_or(false);
  if (const auto quantization = params->field("quantization")) {
    out.ignore_codes = boolean_field(*quantization, "ignore").value_or(false);
    out.rescore = boolean_field(*quantization, "rescore");
    out.oversampling = number_field(*quantization, "oversampling", 1.0, unbounded);
  }
  // Filtered walks do what it does anyway.
  if (const auto acorn = params->field("acorn")) {
    (void)boolean_field(*acorn, "enable");
    (void)number_field(*acorn, "max_selectivity", 0.0, 1.0);
  }
  if (const auto idf = params->field("idf")) {
    if (idf->is(json::kind::string))
      (void)idf->variant({"global"});
    else
      out.idf.emplace().corpus = filter_field(*idf, "corpus");
  }
  return out;
}

std::optional<lookup_location> read_lookup(const node& of) {
  const auto lookup = of.field("lookup_from");
  if (!lookup)
    return std::nullopt;
  lookup_location out;
  if (const auto collection = lookup->need("collection"))
    out.collection = collection->text();
  out.vector = text_field(*lookup, "vector");
  out.keys = shard_keys_field(*lookup);
  return out;
}

void read_grouping(const node& of, query_groups_request& into) {
  if (const auto path = of.need("group_by"))
    into.group_by = read_path(*path);
  const auto lookup = of.field("with_lookup");
  if (!lookup)
    return;
  auto& out = into.with_lookup.emplace();
  if (lookup->is(json::kind::string)) {
    out.collection = lookup->text();
    return;
  }
  if (!lookup->is(json::kind::object)) {
    lookup->malformed("data did not match any variant of untagged enum WithLookupInterface");
    return;
  }
  if (const auto collection = lookup->need("collection"))
    out.collection = collection->text();
  out.with_payload = read_payload_selector(*lookup, {payload_selector::mode::all, {}});
  out.with_vectors = read_vector_selector(*lookup);
}

query_batch_request read_searches(const node& of, std::string_view prefix,
                                  query_request (*read_one)(const node&)) {
  query_batch_request out;
  if (const auto searches = of.need("searches"))
    searches->each_item(
        [&](const node& item) { out.queries.push_back(read_one(item.flattened(prefix))); });
  return out;
}

} // namespace grape::http
