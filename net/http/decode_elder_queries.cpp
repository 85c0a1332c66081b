#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_query_kind.hpp"
#include "net/http/decode_query_parts.hpp"
#include "net/http/decode_read.hpp"
#include "net/http/decode_vectors.hpp"

/// What clients up to 1.18 call instead of the universal query.
namespace grape::http {

namespace {

// Names of Qdrant's flattened structs, which its validation paths show.
constexpr std::string_view search_prefix = "search_request";
constexpr std::string_view recommend_prefix = "recommend_request";
constexpr std::string_view discover_prefix = "discover_request";

constexpr const char* no_positive = "At least one positive vector ID required with this strategy";
constexpr const char* no_example =
    "At least one positive or negative vector ID required with this strategy";

query_request read_common(const node& of) {
  query_request out;
  out.read.keys = shard_keys_field(of);
  out.filter = filter_field(of);
  out.params = read_params(of);
  out.score_threshold = single_field(of, "score_threshold");
  out.offset = whole_field(of, "offset").value_or(0);
  out.with_payload = read_payload_selector(of, {});
  out.with_vectors = read_vector_selector(of);
  return out;
}

/// A member that must be there and at least 1.
std::uint64_t need_count(const node& of, std::string_view key, std::string_view alias) {
  if (const auto limit = of.need(key, alias)) {
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
  out.limit = need_count(of, "limit", "top");
  return out;
}

/// `using`: a name, or `{"name"}`.
void read_using(const node& of, query_request& into) {
  if (const auto name = of.field("using")) {
    const auto inner = name->field("name");
    into.vector_name = inner ? inner->text() : name->text();
  }
  into.lookup_from = read_lookup(of);
}

void read_examples(const node& of, query_request& into) {
  recommend_query query;
  query.positive = examples_field(of, "positive");
  query.negative = examples_field(of, "negative");
  query.strategy = strategy_field(of);
  read_using(of, into);
  if (query.strategy == recommend_strategy::average_vector && query.positive.empty())
    of.refuse(errc::bad_request, no_positive);
  else if (query.positive.empty() && query.negative.empty())
    of.refuse(errc::bad_request, no_example);
  into.query = std::move(query);
}

query_request read_recommend(const node& of) {
  auto out = read_common(of);
  out.limit = need_count(of, "limit", "top");
  read_examples(of, out);
  return out;
}

query_request read_discover(const node& of) {
  auto out = read_common(of);
  out.limit = need_count(of, "limit", "top");
  read_using(of, out);
  const auto target = of.field("target");
  const auto context = of.field("context");
  auto pairs = context ? read_context_pairs(*context) : std::vector<context_pair>{};
  if (target)
    out.query = discover_query{read_vector_input(*target), std::move(pairs)};
  else if (!pairs.empty())
    out.query = context_query{std::move(pairs)};
  else
    of.refuse(errc::bad_request, "target and/or context_pairs must be specified");
  return out;
}

void read_groups(const node& of, query_groups_request& into) {
  read_grouping(of, into);
  into.query.offset = 0;
  into.query.limit = need_count(of, "limit", {});
  into.group_size = need_count(of, "group_size", {});
}

query_groups_request read_search_groups(const node& of) {
  query_groups_request out;
  out.query = read_common(of);
  if (const auto vector = of.need("vector"))
    read_search_vector(*vector, out.query);
  read_groups(of, out);
  return out;
}

query_groups_request read_recommend_groups(const node& of) {
  query_groups_request out;
  out.query = read_common(of);
  read_examples(of, out.query);
  read_groups(of, out);
  return out;
}

} // namespace

outcome<query_request> decode_search(std::string& body) {
  return decode_body<query_request>(body, search_prefix, read_search);
}

outcome<query_batch_request> decode_search_batch(std::string& body) {
  return decode_body<query_batch_request>(
      body, {}, [](const node& of) { return read_searches(of, search_prefix, read_search); });
}

outcome<query_groups_request> decode_search_groups(std::string& body) {
  return decode_body<query_groups_request>(body, "search_group_request", read_search_groups);
}

outcome<query_request> decode_recommend(std::string& body) {
  return decode_body<query_request>(body, recommend_prefix, read_recommend);
}

outcome<query_batch_request> decode_recommend_batch(std::string& body) {
  return decode_body<query_batch_request>(
      body, {}, [](const node& of) { return read_searches(of, recommend_prefix, read_recommend); });
}

outcome<query_groups_request> decode_recommend_groups(std::string& body) {
  return decode_body<query_groups_request>(body, "recommend_group_request", read_recommend_groups);
}

outcome<query_request> decode_discover(std::string& body) {
  return decode_body<query_request>(body, discover_prefix, read_discover);
}

outcome<query_batch_request> decode_discover_batch(std::string& body) {
  return decode_body<query_batch_request>(
      body, {}, [](const node& of) { return read_searches(of, discover_prefix, read_discover); });
}

} // namespace grape::http
