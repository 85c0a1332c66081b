#include "net/http/decoding.hpp"
#include "net/http/encode_collection.hpp"
#include "net/http/encode_node.hpp"
#include "net/http/encode_telemetry.hpp"
#include "net/http/handlers.hpp"

#include <algorithm>

namespace grape::http {

namespace {

response plain(unsigned status, std::string text) {
  response out;
  out.status = status;
  out.content_type = "text/plain; charset=utf-8";
  out.body = std::move(text);
  return out;
}

outcome<telemetry_view> telemetry_view_of(std::string_view text) {
  const auto query = query_string::parse(text);
  if (!query)
    return query.error();
  const auto details = query->whole("details_level");
  const auto per_collection = query->flag("per_collection");
  const auto anonymous = query->flag("anonymize");
  for (const auto& wrong : {details ? status{} : details.error(),
                            per_collection ? status{} : per_collection.error(),
                            anonymous ? status{} : anonymous.error(), query->check_timeout()})
    if (!wrong.ok())
      return wrong;
  return telemetry_view{details->value_or(0), *per_collection, *anonymous};
}

/// `with`: names, separated by commas.
outcome<optimizations_view> optimizations_view_of(std::string_view text) {
  constexpr std::uint64_t completed_default = 16;
  const auto query = query_string::parse(text);
  if (!query)
    return query.error();
  const auto limit = query->whole("completed_limit");
  if (!limit)
    return limit.error();
  optimizations_view view;
  auto rest = query->find("with").value_or("");
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    auto name = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    while (name.starts_with(' '))
      name.remove_prefix(1);
    while (name.ends_with(' '))
      name.remove_suffix(1);
    if (name == "queued")
      view.queued = true;
    else if (name == "completed")
      view.completed = limit->value_or(completed_default);
    else if (name == "idle_segments")
      view.idle = true;
    else if (!name.empty())
      return status{errc::malformed,
                    "Deserialize error in query parameters: unknown variant `" + std::string(name)
                      + "`, expected one of `queued`, `completed`, `idle_segments`"};
  }
  return view;
}

} // namespace

void tell_version(call& from) {
  // The version of the API that is spoken here: clients compare it with theirs. Grape's own
  // version stands in /grape/v1/status. There is no Qdrant commit to name.
  response out;
  out.body = R"({"title":"qdrant - vector search engine","version":"1.19.0",)"
             R"("commit":"0000000000000000000000000000000000000000"})";
  from.answer->send(std::move(out));
}

void tell_health(call& from) {
  from.answer->send(plain(200, "healthz check passed"));
}

void tell_readiness(call& from) {
  from.house.ask(node_status_request{}, [answer = from.answer](outcome<node_status> node) {
    if (node && node->ready)
      return answer->send(plain(200, "all shards are ready"));
    answer->send(plain(503, "some shards are not ready"));
  });
}

void tell_metrics(call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return from.answer->refuse(query.error());
  const auto per_collection = query->flag("per_collection");
  if (!per_collection)
    return from.answer->refuse(per_collection.error());
  from.house.ask(metrics_request{*per_collection},
                 [answer = from.answer](outcome<metrics_text> metrics) {
                   if (!metrics)
                     return answer->refuse(metrics.error());
                   auto out = plain(200, std::move(metrics->text));
                   out.content_type = "text/plain; version=0.0.4; charset=utf-8";
                   answer->send(std::move(out));
                 });
}

void tell_telemetry(call& from) {
  const auto how = telemetry_view_of(from.query);
  if (!how)
    return from.answer->refuse(how.error());
  from.house.ask(telemetry_request{how->details >= 1, how->details >= 3},
                 [answer = from.answer, how = *how](outcome<telemetry> told) {
                   if (!told)
                     return answer->refuse(told.error());
                   answer->succeed([&](json_writer& out) { write_telemetry(out, *told, how); });
                 });
}

void tell_issues(call& from) {
  // Nothing is collected under this name: what is wrong stands in /grape/v1/health.
  from.answer->succeed([](json_writer& out) {
    out.open_object().key("issues").open_array().close_array().close_object();
  });
}

void clear_issues(call& from) {
  from.answer->succeed([](json_writer& out) { out.boolean(true); });
}

void tell_node_status(call& from) {
  from.house.ask(node_status_request{}, reply_with(from, write_node_status));
}

void list_actors(call& from) {
  from.house.ask(list_actors_request{}, reply_with(from, write_actor_tree));
}

void kill_actor(call& from) {
  auto wanted = decode_body<kill_actor_request>(from.body, {}, [](const node& of) {
    const auto name = of.need("name");
    return kill_actor_request{name ? name->text() : std::string()};
  });
  if (!wanted)
    return from.answer->refuse(wanted.error());
  from.house.ask(*std::move(wanted), reply_with(from, write_changed));
}

void tell_optimizations(call& from) {
  const auto view = optimizations_view_of(from.query);
  if (!view)
    return from.answer->refuse(view.error());
  from.house.ask(optimizations_request{from.collection},
                 [answer = from.answer, view = *view](outcome<optimizations> told) {
                   if (!told)
                     return answer->refuse(told.error());
                   answer->succeed(
                     [&](json_writer& out) { write_optimizations(out, *told, view); });
                 });
}

} // namespace grape::http
