#include "tools/bench/http_node.hpp"

#include "net/http/json.hpp"
#include "tools/bench/stopwatch.hpp"

#include <chrono>
#include <thread>

namespace grape::bench {

namespace {

namespace json = http::json;

std::uint64_t whole_in(const json::value& object, std::string_view key) {
  const auto found = object.find(key);
  return found && found->type() == json::kind::integer
           ? static_cast<std::uint64_t>(found->integer())
           : 0;
}

/// The member at the end of a way through objects.
std::optional<json::value> follow(json::value from, std::initializer_list<std::string_view> way) {
  for (const auto key : way) {
    const auto next = from.find(key);
    if (!next)
      return std::nullopt;
    from = *next;
  }
  return from;
}

} // namespace

outcome<http_node> http_node::at(const http_address& where) {
  auto connection = http_connection::open(where);
  if (!connection)
    return std::move(connection).error();
  return http_node{where, std::move(*connection)};
}

outcome<std::string> http_node::ask(std::string_view method, const std::string& path,
                                    std::string_view body) {
  auto answer = connection_.ask(render_request(where_, method, path, body));
  if (!answer)
    return std::move(answer).error();
  if (answer->closes)
    if (auto again = http_connection::open(where_))
      connection_ = std::move(*again);
  if (answer->status != 200)
    return status{errc::internal, std::string(method) + " " + path + ": "
                                    + std::to_string(answer->status) + " "
                                    + answer->body.substr(0, 300)};
  return std::move(answer->body);
}

outcome<collection_figures> http_node::describe(const std::string& collection) {
  auto body = ask("GET", "/collections/" + collection);
  if (!body)
    return std::move(body).error();
  const auto document = json::document::parse(*body);
  if (!document)
    return document.error();
  collection_figures made;
  const auto result = follow(document->root(), {"result"});
  if (!result)
    return status{errc::malformed, "no result in the description of " + collection};
  if (const auto text = result->find("status"); text && text->type() == json::kind::string)
    made.status = text->text();
  made.points = whole_in(*result, "points_count");
  made.indexed = whole_in(*result, "indexed_vectors_count");
  made.segments = whole_in(*result, "segments_count");
  if (const auto vectors = follow(*result, {"config", "params", "vectors"}))
    made.dimension = whole_in(*vectors, "size");
  return made;
}

status http_node::wait_until_indexed(const std::string& collection, double within_s) {
  for (const stopwatch since;;) {
    const auto now = describe(collection);
    if (!now)
      return now.error();
    if (now->status == "green" && now->indexed == now->points)
      return {};
    if (since.wall() > within_s)
      return {errc::timed_out, std::to_string(now->indexed) + " of " + std::to_string(now->points)
                                 + " vectors of " + collection + " are in a graph, status "
                                 + now->status};
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
}

outcome<std::vector<std::uint64_t>> http_node::hits(const std::string& collection,
                                                    std::string_view body) {
  auto answer = ask("POST", "/collections/" + collection + "/points/query", body);
  if (!answer)
    return std::move(answer).error();
  const auto document = json::document::parse(*answer);
  if (!document)
    return document.error();
  std::vector<std::uint64_t> ids;
  if (const auto points = follow(document->root(), {"result", "points"}))
    points->each_item([&](json::value point) {
      ids.push_back(whole_in(point, "id"));
      return true;
    });
  return ids;
}

} // namespace grape::bench
