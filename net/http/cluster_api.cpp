#include "net/http/decode_cluster.hpp"
#include "net/http/encode_cluster.hpp"
#include "net/http/handlers.hpp"
#include "net/http/joining.hpp"
#include "net/http/json_writer.hpp"

#include <charconv>

namespace grape::http {

namespace {

/// What only a cluster can do, asked of a node that is alone.
response refused_alone() {
  response out;
  out.status = 405;
  json_writer body;
  body.open_object().key("status").open_object();
  body.key("error").text("Qdrant is running in standalone mode").close_object();
  body.key("time").number(0.0).close_object();
  out.body = std::move(body).take();
  return out;
}

reply_to<cluster_changed> reply_when_changed(const call& from) {
  return [answer = from.answer](outcome<cluster_changed> done) {
    if (!done)
      return answer->refuse(done.error());
    if (!done->in_cluster)
      return answer->send(refused_alone());
    answer->succeed([](json_writer& out) { out.boolean(true); });
  };
}

status check_timeout(const call& from) {
  const auto query = query_string::parse(from.query);
  return query ? query->check_timeout() : query.error();
}

void change_shard_keys(call& from, outcome<change_shard_keys_request> wanted) {
  if (!wanted)
    return from.answer->refuse(wanted.error());
  const auto query = query_string::parse(from.query);
  const auto within = query ? query->timeout_ms() : query.error();
  if (!within)
    return from.answer->refuse(within.error());
  wanted->timeout_ms = *within;
  wanted->collection = from.collection;
  from.house.ask(*std::move(wanted), [answer = from.answer](const outcome<changed>& done) {
    if (!done)
      return answer->refuse(done.error());
    answer->succeed([](json_writer& out) { out.boolean(true); });
  });
}

void change_node(call& from, node_wish wish) {
  from.house.ask(change_node_request{.which = from.tail, .wish = wish}, reply_when_changed(from));
}

} // namespace

void tell_quotas(call& from) {
  from.house.ask(get_quotas_request{}, reply_with(from, write_quotas));
}

/// Answered when it is committed, whatever `wait` says.
void set_quotas(call& from) {
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  const auto wanted = decode_quotas(from.body);
  if (!wanted)
    return from.answer->refuse(wanted.error());
  from.house.ask(*wanted, [answer = from.answer](const outcome<changed>& done) {
    if (!done)
      return answer->refuse(done.error());
    answer->succeed([](json_writer& out) { out.boolean(true); });
  });
}

void tell_cluster(call& from) {
  from.house.ask(cluster_status_request{}, reply_with(from, write_cluster_status));
}

void recover_peer(call& from) {
  // A node of Grape gets what it lacks by itself: there is nothing to begin, and that is told.
  from.house.ask(cluster_status_request{}, [answer = from.answer](outcome<cluster_status> about) {
    if (!about)
      return answer->refuse(about.error());
    if (!about->enabled)
      return answer->send(refused_alone());
    answer->succeed([](json_writer& out) { out.boolean(true); });
  });
}

void remove_peer(call& from) {
  const auto query = query_string::parse(from.query);
  if (!query)
    return from.answer->refuse(query.error());
  const auto force = query->flag("force");
  if (!force)
    return from.answer->refuse(force.error());
  std::uint64_t number = 0;
  const auto* end = from.tail.data() + from.tail.size();
  const auto read = std::from_chars(from.tail.data(), end, number);
  if (read.ptr != end || read.ec != std::errc{})
    return from.answer->refuse(
        {errc::malformed,
         "Deserialize error in path parameters: can not parse \"" + from.tail + "\" to a u64"});
  if (number > 0xFFFF'FFFFu)
    return from.answer->refuse({errc::not_found, "Peer " + from.tail + " does not exist"});
  from.house.ask(change_node_request{.which = node_number{static_cast<std::uint32_t>(number)},
                                     .wish = *force ? node_wish::forget : node_wish::leave,
                                     .unless_it_holds_shards = !*force},
                 reply_when_changed(from));
}

void describe_collection_cluster(call& from) {
  from.house.ask(collection_cluster_request{from.collection},
                 reply_with(from, write_collection_cluster));
}

void change_replicas(call& from) {
  auto wanted = decode_cluster_operation(from.body);
  if (!wanted)
    return from.answer->refuse(wanted.error());
  if (auto* keys = std::get_if<change_shard_keys_request>(&*wanted))
    return change_shard_keys(from, std::move(*keys));
  if (const auto good = check_timeout(from); !good.ok())
    return from.answer->refuse(good);
  auto& replicas = std::get<change_replicas_request>(*wanted);
  replicas.collection = from.collection;
  from.house.ask(std::move(replicas), reply_when_changed(from));
}

void create_shard_key(call& from) {
  change_shard_keys(from, decode_add_shard_key(from.body));
}

void delete_shard_key(call& from) {
  change_shard_keys(from, decode_remove_shard_key(from.body));
}

void list_shard_keys(call& from) {
  from.house.ask(list_shard_keys_request{from.collection}, reply_with(from, write_shard_keys));
}

void list_nodes(call& from) {
  from.house.ask(list_nodes_request{}, reply_with(from, write_nodes));
}

void list_shards(call& from) {
  from.house.ask(list_shards_request{}, reply_with(from, write_shards));
}

void list_groups(call& from) {
  from.house.ask(list_groups_request{}, reply_with(from, write_groups));
}

void check_health(call& from) {
  from.house.ask(check_health_request{}, reply_with(from, write_health));
}

void activate_node(call& from) {
  change_node(from, node_wish::activate);
}

void drain_node(call& from) {
  change_node(from, node_wish::drain);
}

void remove_node(call& from) {
  change_node(from, node_wish::leave);
}

void forget_node(call& from) {
  change_node(from, node_wish::forget);
}

void replace_node(call& from) {
  change_node(from, node_wish::replace);
}

void join_cluster(call& from) {
  auto wanted = decode_join_request(from.body);
  if (!wanted)
    return from.answer->refuse(wanted.error());
  from.house.ask(*std::move(wanted), reply_with(from, write_join_reply));
}

void recover_cluster(call& from) {
  auto wanted = decode_recover(from.body);
  if (!wanted)
    return from.answer->refuse(wanted.error());
  from.house.ask(*std::move(wanted), reply_with(from, write_recovered));
}

} // namespace grape::http
