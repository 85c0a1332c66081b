#include "net/http/decode_read.hpp"
#include "net/http/encode_points.hpp"
#include "net/http/handlers.hpp"

#include <charconv>

namespace grape::http {

namespace {

outcome<read_options> options_of(const call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return query.error();
  return query->for_read(from.options.read_timeout_ms);
}

void write_explanation_of(json_writer& out, const query_reply& found) {
  if (!found.explain)
    return;
  out.key("explain");
  write_explanation(out, *found.explain);
}

void write_explanation_of(json_writer& out, const query_batch_reply& found) {
  if (found.replies.empty() || !found.replies.front().explain)
    return;
  out.key("explain").open_array();
  for (const auto& reply : found.replies)
    write_explanation(out, reply.explain.value_or(explanation{}));
  out.close_array();
}

void write_explanation_of(json_writer& out, const query_groups_reply& found) {
  if (!found.explain)
    return;
  out.key("explain");
  write_explanation(out, *found.explain);
}

/// Nothing to explain about the simpler reads.
template <class Reply>
void write_explanation_of(json_writer&, const Reply&) {
}

/// Vectors of another collection need its read right as well.
status check_lookup(const call& from, const query_part& asked) {
  if (asked.lookup_from)
    if (auto allowed = check_access(from.grant, need::read, asked.lookup_from->collection);
        !allowed.ok())
      return allowed;
  for (const auto& one : asked.prefetches)
    if (auto allowed = check_lookup(from, one); !allowed.ok())
      return allowed;
  return {};
}

status check_lookup(const call& from, const query_request& asked) {
  return check_lookup(from, static_cast<const query_part&>(asked));
}

status check_lookup(const call& from, const query_batch_request& asked) {
  for (const auto& one : asked.queries)
    if (auto allowed = check_lookup(from, one); !allowed.ok())
      return allowed;
  return {};
}

status check_lookup(const call& from, const query_groups_request& asked) {
  if (asked.with_lookup)
    if (auto allowed = check_access(from.grant, need::read, asked.with_lookup->collection);
        !allowed.ok())
      return allowed;
  return check_lookup(from, asked.query);
}

/// Other reads look nowhere else.
template <class Request>
status check_lookup(const call&, const Request&) {
  return {};
}

/// The keys stand in the body, everything else in the query string.
void complete(read_options& of_body, const read_options& of_query) {
  auto keys = std::move(of_body.keys);
  of_body = of_query;
  of_body.keys = std::move(keys);
}

/// The way of every read: `decoded` is completed by path and query string, then asked.
template <class Request, class Reply>
void read(call& from, outcome<Request> decoded, void (*write)(json_writer&, const Reply&)) {
  if (!decoded)
    return from.answer->refuse(decoded.error());
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  if (const auto allowed = check_lookup(from, *decoded); !allowed.ok())
    return from.answer->refuse(allowed);
  decoded->collection = from.collection;
  complete(decoded->read, *options);
  if constexpr (std::is_same_v<Request, query_batch_request>)
    for (auto& query : decoded->queries) {
      query.collection = from.collection;
      complete(query.read, *options);
    }
  if constexpr (std::is_same_v<Request, query_groups_request>) {
    decoded->query.collection = from.collection;
    complete(decoded->query.read, *options);
    decoded->read.keys = decoded->query.read.keys;
  }
  from.house.ask(*std::move(decoded),
                 [answer = from.answer, write](outcome<Reply> got) {
                   if (!got)
                     return answer->refuse(got.error());
                   answer->succeed([&](json_writer& out) { write(out, *got); },
                                   [&](json_writer& out) { write_explanation_of(out, *got); });
                 });
}

std::optional<point_id> id_in_path(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end)
    return point_id{number};
  if (const auto id = point_id::parse_uuid(text))
    return *id;
  return std::nullopt;
}

} // namespace

void get_point(call& from) {
  const auto options = options_of(from);
  if (!options)
    return from.answer->refuse(options.error());
  const auto id = id_in_path(from.tail);
  if (!id)
    return from.answer->refuse(
      {errc::wrong_input, "Can not recognize \"" + from.tail + "\" as point id"});
  retrieve_request wanted;
  wanted.collection = from.collection;
  wanted.ids = {*id};
  wanted.with_vectors.wanted = vector_selector::mode::all;
  wanted.read = *options;
  from.house.ask(std::move(wanted), [answer = from.answer, id = *id](outcome<retrieve_reply> got) {
    if (!got)
      return answer->refuse(got.error());
    if (got->points.empty())
      return answer->refuse(
        {errc::not_found, "Point with id " + id.text() + " does not exists!"});
    answer->succeed([&](json_writer& out) { write_record(out, got->points.front()); });
  });
}

void retrieve_points(call& from) {
  read(from, decode_retrieve(from.body), write_records);
}

void scroll_points(call& from) {
  read(from, decode_scroll(from.body), write_scroll_reply);
}

void count_points(call& from) {
  read(from, decode_count(from.body), write_count_reply);
}

void facet_points(call& from) {
  read(from, decode_facet(from.body), write_facet_reply);
}

void query_points(call& from) {
  read(from, decode_query(from.body), write_query_reply);
}

void query_in_batch(call& from) {
  read(from, decode_query_batch(from.body), write_query_replies);
}

void search_points(call& from) {
  read(from, decode_search(from.body), write_scored_list);
}

void search_in_batch(call& from) {
  read(from, decode_search_batch(from.body), write_scored_lists);
}

void recommend_points(call& from) {
  read(from, decode_recommend(from.body), write_scored_list);
}

void recommend_in_batch(call& from) {
  read(from, decode_recommend_batch(from.body), write_scored_lists);
}

void discover_points(call& from) {
  read(from, decode_discover(from.body), write_scored_list);
}

void discover_in_batch(call& from) {
  read(from, decode_discover_batch(from.body), write_scored_lists);
}

void query_groups(call& from) {
  read(from, decode_query_groups(from.body), write_groups);
}

void search_groups(call& from) {
  read(from, decode_search_groups(from.body), write_groups);
}

void recommend_groups(call& from) {
  read(from, decode_recommend_groups(from.body), write_groups);
}

void search_matrix_pairs(call& from) {
  read(from, decode_matrix(from.body), write_matrix_pairs);
}

void search_matrix_offsets(call& from) {
  read(from, decode_matrix(from.body), write_matrix_offsets);
}

} // namespace grape::http
