#include "net/http/decode_query_parts.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_query_kind.hpp"
#include "net/http/decode_read.hpp"

namespace grape::http {

namespace {

// The name of Qdrant's flattened struct, which its validation paths show.
constexpr std::string_view query_prefix = "internal";

std::vector<query_part> prefetch_field(const node& of);

/// What a query and its prefetches have in common.
void read_part(const node& of, query_part& into) {
  into.prefetches = prefetch_field(of);
  if (const auto query = of.field("query"))
    into.query = read_query_kind(*query);
  into.vector_name = text_field(of, "using").value_or("");
  into.filter = filter_field(of);
  into.params = read_params(of);
  into.score_threshold = single_field(of, "score_threshold");
  into.limit = whole_field(of, "limit", {.least = 1}).value_or(into.limit);
  into.lookup_from = read_lookup(of);
}

/// One prefetch, or a list of them.
std::vector<query_part> prefetch_field(const node& of) {
  std::vector<query_part> out;
  const auto prefetch = of.field("prefetch");
  if (!prefetch)
    return out;
  const auto read_one = [&](const node& one) {
    if (one.expect_object())
      read_part(one, out.emplace_back());
  };
  if (prefetch->is(json::kind::array))
    prefetch->each_item(read_one);
  else
    read_one(*prefetch);
  return out;
}

query_request read_query(const node& of) {
  query_request out;
  if (!of.expect_object())
    return out;
  out.read.keys = shard_keys_field(of);
  read_part(of, out);
  out.offset = whole_field(of, "offset").value_or(0);
  out.with_payload = read_payload_selector(of, {});
  out.with_vectors = read_vector_selector(of);
  return out;
}

query_groups_request read_query_groups(const node& of) {
  query_groups_request out;
  if (!of.expect_object())
    return out;
  out.query = read_query(of);
  out.query.offset = 0;
  read_grouping(of, out);
  out.group_size = whole_field(of, "group_size", {.least = 1}).value_or(out.group_size);
  return out;
}

matrix_request read_matrix(const node& of) {
  matrix_request out;
  if (!of.expect_object())
    return out;
  out.read.keys = shard_keys_field(of);
  out.filter = filter_field(of);
  out.sample = whole_field(of, "sample", {.least = 2}).value_or(out.sample);
  out.limit = whole_field(of, "limit", {.least = 1}).value_or(out.limit);
  out.vector_name = text_field(of, "using").value_or("");
  out.seed = fresh_seed();
  return out;
}

} // namespace

outcome<query_request> decode_query(std::string& body) {
  return decode_body<query_request>(body, query_prefix, read_query);
}

outcome<query_batch_request> decode_query_batch(std::string& body) {
  return decode_body<query_batch_request>(
    body, {}, [](const node& of) { return read_searches(of, query_prefix, read_query); });
}

outcome<query_groups_request> decode_query_groups(std::string& body) {
  return decode_body<query_groups_request>(body, "search_group_request", read_query_groups);
}

outcome<matrix_request> decode_matrix(std::string& body) {
  return decode_body<matrix_request>(body, "search_request", read_matrix);
}

} // namespace grape::http
