#include "net/http/routes.hpp"
#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

/// A path that fits the template of a route.
std::string example_of(std::string_view path) {
  std::string out;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '{') {
      out += path[i];
      continue;
    }
    i = path.find('}', i);
    out += "7";
  }
  return out;
}

bool probes(verb method, const char* path) {
  request asked;
  asked.method = method;
  asked.path = path;
  return is_probe(asked);
}

} // namespace

TEST_SUITE("net.http.routes") {
  TEST_CASE("what watches a node is told from what uses it") {
    for (const auto* path : {"/livez", "/healthz", "/readyz", "/readyz/", "/metrics"})
      CHECK(probes(verb::get, path));
    for (const auto* path : {"/", "/telemetry", "/collections", "/livez/x", ""})
      CHECK_FALSE(probes(verb::get, path));
    CHECK_FALSE(probes(verb::post, "/livez"));
  }

  TEST_CASE("every route is reached by its own path, with and without a slash at the end") {
    for (const auto& route : routes()) {
      CAPTURE(route.path);
      const auto path = example_of(route.path);

      CHECK(match(route.method, path).found == &route);
      CHECK(match(route.method, path + "/").found == &route);
    }
  }

  TEST_CASE("an unknown path, or a known one with another method, is an empty 404") {
    api_under_test api;
    const std::pair<verb, const char*> strangers[] = {
      {verb::get, "/nothing"}, {verb::post, "/"}, {verb::put, "/collections"},
      {verb::get, "/collections/a/b/c"}, {verb::other, "/collections/a"},
      {verb::get, "/collections//exists"}, {verb::get, ""}, {verb::get, "collections"}};

    for (const auto& [method, path] : strangers) {
      CAPTURE(path);
      const auto got = api.ask(method, path);
      CHECK(got.status == 404);
      CHECK(got.body.empty());
    }
    CHECK(api.house.asked.empty());
  }

  TEST_CASE("names in a path are decoded") {
    api_under_test api;

    api.ask(verb::get, "/collections/gr%C3%BCn%20x+y");

    CHECK(api.only<describe_collection_request>().collection == "grün x+y");
  }

  TEST_CASE("a name may have 255 characters, not bytes, and no more") {
    std::string umlauts;
    for (int i = 0; i < 255; ++i)
      umlauts += "ü";

    CHECK(check_collection_name(umlauts, name_rule::strict).ok());
    CHECK(check_collection_name(umlauts + "a", name_rule::any).detail
          == "Validation error in path parameters: [collection_name: value \"" + umlauts
               + "a\" invalid, must be from 1 to 255 characters]");
    CHECK(check_collection_name("a:b", name_rule::any).ok());
    CHECK(check_collection_name("a:b", name_rule::strict).detail
          == "Validation error in path parameters: [collection_name: collection name cannot"
             " contain \":\" char]");
  }

  TEST_CASE("each answer is observed once, under the template of its route") {
    fake_gateway house;
    std::vector<std::string> seen;
    auto now = 1.0;
    api_options options{.now_s = [&] { return now += 0.5; }, .observe = {}};
    options.observe = [&](const observation& of) {
      seen.push_back(std::string(of.endpoint) + " " + std::string(of.collection) + " "
                     + std::to_string(of.status));
      CHECK(of.seconds > 0);
    };
    api served{house, options};

    served.handle({verb::get, "/collections/a", {}, {}, {}}, [](response) {});
    house.error = status{errc::not_found, "x"};
    served.handle({verb::get, "/collections/a", {}, {}, {}}, [](response) {});
    served.handle({verb::get, "/nowhere", {}, {}, {}}, [](response) {});

    CHECK(seen
          == std::vector<std::string>{"/collections/{collection_name} a 200",
                                      "/collections/{collection_name} a 404", "  404"});
  }

  TEST_CASE("a question that the house drops is answered all the same") {
    api_under_test api;
    api.house.forgetful = true;

    const auto got = api.ask(verb::get, "/collections");

    CHECK(got.status == 500);
  }

  TEST_CASE("while no read is let in, reads are refused unread and nothing else is") {
    api_under_test api;
    api.house.overload = {errc::overloaded, "too many reads are waiting"};

    for (const auto* path : {"query", "query/batch", "search", "search/batch", "recommend",
                             "scroll", "count", ""}) {
      const auto refused
        = api.ask(verb::post, "/collections/c/points/" + std::string(path), "not JSON");
      CHECK(refused.status == 503);
      CHECK(refused.retry_after_s == 1);
      CHECK(refused.body
            == R"({"status":{"error":"Service temporarily overloaded: too many reads are )"
               R"(waiting"},"time":0.0,"grape":{"applied":false}})");
    }
    CHECK(api.ask(verb::get, "/collections/c/points/1").status == 503);
    CHECK(api.house.asked.empty());
    CHECK(api.ask(verb::get, "/collections/c").status == 200);
    CHECK(api.ask(verb::post, "/collections/c/points/delete", R"({"points":[1]})").status == 200);
  }

  TEST_CASE("a refusal of the house reaches the client") {
    api_under_test api;
    api.house.error = status{errc::not_found, "Collection `c` doesn't exist!"};

    const auto got = api.ask(verb::post, "/collections/c/points/scroll", "{}");

    CHECK(got.status == 404);
    CHECK(got.body
          == R"({"status":{"error":"Not found: Collection `c` doesn't exist!"},"time":0.0})");
  }

  TEST_CASE("the service routes answer what probes and clients expect") {
    api_under_test api;
    api.house.metrics.text = "# HELP a b\n";

    CHECK(api.ask(verb::get, "/").body
          == R"({"title":"qdrant - vector search engine","version":"1.19.0",)"
             R"("commit":"0000000000000000000000000000000000000000"})");
    CHECK(api.ask(verb::get, "/healthz").body == "healthz check passed");
    CHECK(api.ask(verb::get, "/livez").body == "healthz check passed");
    CHECK(api.ask(verb::get, "/readyz").status == 503);
    api.house.node.ready = true;
    CHECK(api.ask(verb::get, "/readyz").body == "all shards are ready");
    CHECK(api.ask(verb::get, "/metrics").body == "# HELP a b\n");
    CHECK(api.ask(verb::get, "/cluster").body == success(R"({"status":"disabled"})"));
    api.house.actors.actors = {{"replica c/0", "SHARDS", 2, 1, "io_error: x"}};
    CHECK(api.ask(verb::get, "/grape/v1/actors").body
          == success(R"({"actors":[{"name":"replica c/0","parent":"SHARDS","restarts":2,)"
                     R"("mailbox":1,"last_error":"io_error: x"}]})"));
    api.house.asked.clear();
    CHECK(api.ask(verb::post, "/grape/v1/actors/kill", R"({"name":"x"})").body == success("true"));
    CHECK(api.only<kill_actor_request>().name == "x");
  }
}
