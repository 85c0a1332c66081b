#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_read.hpp"
#include "net/http/decode_vectors.hpp"

#include <algorithm>

namespace grape::http {

namespace {

// Names of Qdrant's flattened structs, which its validation paths show.
constexpr std::string_view query_prefix = "internal";
constexpr std::string_view search_prefix = "search_request";

/// What the universal query can be beyond a vector, `nearest` and `recommend`.
constexpr const char* later_queries[] = {"discover", "context", "order_by", "fusion", "rrf",
                                         "formula",  "sample",  "relevance_feedback"};

search_params read_params(const node& of) {
  search_params out;
  const auto params = of.field("params");
  if (!params || !params->expect_object())
    return out;
  if (const auto ef = whole_field(*params, "hnsw_ef", {.least = 1}))
    out.hnsw_ef = static_cast<std::uint32_t>(std::min<std::uint64_t>(*ef, 0xFFFF'FFFFu));
  out.exact = boolean_field(*params, "exact").value_or(false);
  out.indexed_only = boolean_field(*params, "indexed_only").value_or(false);
  // These two only trade accuracy for speed, so they are checked and then left aside.
  if (const auto quantization = params->field("quantization")) {
    (void)boolean_field(*quantization, "ignore");
    (void)boolean_field(*quantization, "rescore");
    (void)number_field(*quantization, "oversampling", 1.0, unbounded);
  }
  if (const auto acorn = params->field("acorn")) {
    (void)boolean_field(*acorn, "enable");
    (void)number_field(*acorn, "max_selectivity", 0.0, 1.0);
  }
  if (const auto idf = params->field("idf")) {
    if (idf->is(json::kind::string))
      (void)idf->variant({"global"});
    else
      idf->unavailable("an idf corpus");
  }
  return out;
}

query_kind read_nearest(const node& of) {
  nearest_query out;
  if (const auto target = of.need("nearest"))
    out.target = read_vector_input(*target);
  if (const auto mmr = of.field("mmr")) {
    (void)number_field(*mmr, "diversity", 0.0, 1.0);
    (void)u32_field(*mmr, "candidates_limit");
    mmr->unavailable("maximal marginal relevance (mmr)");
  }
  return out;
}

void check_strategy(const node& of) {
  const auto strategy = of.field("strategy");
  if (strategy && strategy->variant({"average_vector", "best_score", "sum_scores"}) != 0)
    strategy->unavailable("the recommend strategy " + strategy->text());
}

constexpr const char* no_positive = "At least one positive vector ID required with this strategy";

query_kind read_recommend(const node& of) {
  recommend_query out;
  if (!of.expect_object())
    return out;
  if (const auto positive = of.field("positive"))
    out.positive = read_vector_inputs(*positive);
  if (const auto negative = of.field("negative"))
    out.negative = read_vector_inputs(*negative);
  check_strategy(of);
  if (out.positive.empty() && out.negative.empty())
    of.broken_rule("At least one positive or negative vector/id must be provided",
                   "positives, negatives");
  if (out.positive.empty())
    of.refuse(errc::bad_request, no_positive);
  return out;
}

query_kind read_query_kind(const node& of) {
  constexpr const char* unknown = "Expected some form of vector, id, or a type of query";
  if (of.is(json::kind::boolean))
    of.malformed(unknown);
  if (!of.is(json::kind::object))
    return nearest_query{read_vector_input(of)};
  if (of.field("nearest"))
    return read_nearest(of);
  if (const auto recommend = of.field("recommend"))
    return read_recommend(*recommend);
  for (const auto* kind : later_queries)
    if (of.field(kind)) {
      of.unavailable(std::string("the query ") + kind);
      return nearest_query{};
    }
  if (!of.field("indices") && !is_inference(of)) {
    of.malformed(unknown);
    return nearest_query{};
  }
  return nearest_query{read_vector_input(of)};
}

std::optional<lookup_location> read_lookup(const node& of) {
  const auto lookup = of.field("lookup_from");
  if (!lookup)
    return std::nullopt;
  lookup_location out;
  if (const auto collection = lookup->need("collection"))
    out.collection = collection->text();
  out.vector = text_field(*lookup, "vector");
  refuse_shard_key(*lookup);
  return out;
}

/// What the universal query and its elder sisters have in common.
query_request read_common(const node& of) {
  query_request out;
  refuse_shard_key(of);
  out.filter = filter_field(of);
  out.params = read_params(of);
  out.score_threshold = single_field(of, "score_threshold");
  out.offset = whole_field(of, "offset").value_or(0);
  out.with_payload = read_payload_selector(of, {});
  out.with_vectors = read_vector_selector(of);
  return out;
}

/// Prefetches are checked as far as they decide which refusal is the right one.
void refuse_prefetch(const node& of) {
  const auto prefetch = of.field("prefetch");
  if (!prefetch)
    return;
  auto any = !prefetch->is(json::kind::array);
  if (!any)
    prefetch->each_item([&](const node& item) { any = item.expect_object(); });
  else if (!prefetch->expect_object())
    return;
  if (any)
    prefetch->unavailable("prefetch");
}

query_request read_query(const node& of) {
  if (!of.expect_object())
    return {};
  auto out = read_common(of);
  const auto query = of.field("query");
  refuse_prefetch(of);
  if (query)
    out.query = read_query_kind(*query);
  out.vector_name = text_field(of, "using").value_or("");
  out.limit = whole_field(of, "limit", {.least = 1}).value_or(out.limit);
  out.lookup_from = read_lookup(of);
  return out;
}

std::uint64_t need_limit(const node& of) {
  if (const auto limit = of.need("limit", "top")) {
    const auto value = limit->whole(std::numeric_limits<std::uint64_t>::max(), "usize");
    if (value == 0)
      limit->invalid("value 0 invalid, must be 1 or larger");
    return value;
  }
  return 1;
}

/// `vector` of a search: bare, or `{"name", "vector"}`.
void read_search_vector(const node& of, query_request& into) {
  if (of.is(json::kind::array)) {
    into.query = nearest_query{vector_value{read_dense(of)}};
    return;
  }
  if (const auto name = of.need("name"))
    into.vector_name = name->text();
  if (const auto vector = of.need("vector"))
    into.query = nearest_query{read_vector_input(*vector)};
}

query_request read_search(const node& of) {
  auto out = read_common(of);
  if (const auto vector = of.need("vector"))
    read_search_vector(*vector, out);
  out.limit = need_limit(of);
  return out;
}

query_request read_old_recommend(const node& of) {
  auto out = read_common(of);
  recommend_query query;
  if (const auto positive = of.field("positive"))
    query.positive = read_vector_inputs(*positive);
  if (const auto negative = of.field("negative"))
    query.negative = read_vector_inputs(*negative);
  check_strategy(of);
  out.limit = need_limit(of);
  if (const auto name = of.field("using")) {
    if (const auto inner = name->field("name"))
      out.vector_name = inner->text();
    else
      out.vector_name = name->text();
  }
  out.lookup_from = read_lookup(of);
  if (query.positive.empty())
    of.refuse(errc::bad_request, no_positive);
  out.query = std::move(query);
  return out;
}

query_batch_request read_batch(const node& of, std::string_view prefix,
                               query_request (*read_one)(const node&)) {
  query_batch_request out;
  if (const auto searches = of.need("searches"))
    searches->each_item(
      [&](const node& item) { out.queries.push_back(read_one(item.flattened(prefix))); });
  return out;
}

} // namespace

outcome<query_request> decode_query(std::string& body) {
  return decode_body<query_request>(body, query_prefix, read_query);
}

outcome<query_batch_request> decode_query_batch(std::string& body) {
  return decode_body<query_batch_request>(
    body, {}, [](const node& of) { return read_batch(of, query_prefix, read_query); });
}

outcome<query_request> decode_search(std::string& body) {
  return decode_body<query_request>(body, search_prefix, read_search);
}

outcome<query_batch_request> decode_search_batch(std::string& body) {
  return decode_body<query_batch_request>(
    body, {}, [](const node& of) { return read_batch(of, search_prefix, read_search); });
}

outcome<query_request> decode_recommend(std::string& body) {
  return decode_body<query_request>(body, "recommend_request", read_old_recommend);
}

} // namespace grape::http
