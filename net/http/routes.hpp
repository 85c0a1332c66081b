#pragma once

#include "net/gateway_port.hpp"
#include "net/http/access.hpp"
#include "net/http/exchange.hpp"
#include "net/http/message.hpp"
#include "net/http/query_string.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace grape::http {

/// What a handler gets: the decoded path, the rest undecoded, and whom to ask and to answer.
struct call {
  gateway_port& house;
  const api_options& options;
  std::string collection; ///< `{collection_name}`, checked; empty if the route has none.
  std::string tail;       ///< The other parameter of the path, decoded.
  std::string shard;      ///< `{shard_id}` as it stands in the path; empty if the route has none.
  std::string query;      ///< Still percent-encoded.
  std::string body;
  std::shared_ptr<const received_file> received; ///< Of an upload.
  std::string content_type;
  std::shared_ptr<exchange> answer;
  access_grant grant{}; ///< What whoever asks may do; the route itself is among it.
};

/// How strictly the collection's name is checked: strict where it is about to be given.
enum class name_rule : std::uint8_t { any, strict };

/// What a node that has too much to do makes of a request.
enum class route_kind : std::uint8_t {
  plain,
  probe, ///< Asked by whoever watches the node: no limit refuses it.
  read,  ///< Refused before its body is decoded while no read is let in.
  upload, ///< Its body is a file.
};

struct route {
  verb method;
  std::string_view path; ///< With parameters as `{name}`; the endpoint of metrics.
  void (*serve)(call&);
  name_rule naming = name_rule::any;
  route_kind kind = route_kind::plain;
};

/// Every route, in the order of the README.
std::span<const route> routes();

/// A route and what stands in the places of its parameters, still encoded.
struct matched_route {
  const route* found = nullptr; ///< Null: no route has this method and path.
  std::string_view collection;
  std::string_view tail;
  std::string_view shard;
};

matched_route match(verb method, std::string_view path);

/// Whoever watches a node asks this: is it alive, is it ready, what does it count?
bool is_probe(const request& asked);

/// ok, or `invalid` with the text for a collection name that cannot be.
status check_collection_name(std::string_view name, name_rule rule);

} // namespace grape::http
