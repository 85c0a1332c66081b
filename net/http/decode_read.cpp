#include "net/http/decode_read.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_filter.hpp"
#include "net/http/decode_query_kind.hpp"

namespace grape::http {

namespace {

constexpr auto whole_payload = payload_selector::mode::all;

} // namespace

outcome<scroll_request> decode_scroll(std::string& body) {
  return decode_body<scroll_request>(body, "scroll_request", [](const node& of) {
    scroll_request out;
    if (!of.expect_object())
      return out;
    out.read.keys = shard_keys_field(of);
    if (const auto offset = of.field("offset"))
      out.offset = read_id(*offset);
    out.limit = whole_field(of, "limit", {.least = 1}).value_or(out.limit);
    out.filter = filter_field(of);
    out.with_payload = read_payload_selector(of, {whole_payload, {}});
    out.with_vectors = read_vector_selector(of);
    if (const auto order = of.field("order_by"))
      out.order = read_order_by(*order);
    return out;
  });
}

outcome<count_request> decode_count(std::string& body) {
  return decode_body<count_request>(body, "count_request", [](const node& of) {
    count_request out;
    if (!of.expect_object())
      return out;
    out.read.keys = shard_keys_field(of);
    out.filter = filter_field(of);
    out.exact = boolean_field(of, "exact").value_or(true);
    return out;
  });
}

outcome<facet_request> decode_facet(std::string& body) {
  return decode_body<facet_request>(body, "facet_request", [](const node& of) {
    facet_request out;
    out.read.keys = shard_keys_field(of);
    if (const auto key = of.need("key"))
      out.key = read_path(*key);
    out.limit = whole_field(of, "limit", {.least = 1}).value_or(out.limit);
    out.filter = filter_field(of);
    (void)boolean_field(of, "exact"); // Counts are exact, wanted or not.
    return out;
  });
}

outcome<retrieve_request> decode_retrieve(std::string& body) {
  return decode_body<retrieve_request>(body, "point_request", [](const node& of) {
    retrieve_request out;
    out.read.keys = shard_keys_field(of);
    if (const auto ids = of.need("ids"))
      out.ids = read_ids(*ids);
    out.with_payload = read_payload_selector(of, {whole_payload, {}});
    out.with_vectors = read_vector_selector(of);
    return out;
  });
}

} // namespace grape::http
