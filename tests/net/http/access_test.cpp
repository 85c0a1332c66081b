#include "net/http/access.hpp"

#include "net/http/routes.hpp"
#include "net/http/token.hpp"
#include "tests/net/http/api_under_test.hpp"
#include "tests/net/http/signed_token.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace grape;
using namespace grape::http;

namespace {

std::string token(const std::string& claims, const std::string& secret = "secret",
                  const std::string& header = R"({"alg":"HS256","typ":"JWT"})") {
  return signed_token(claims, secret, header);
}

const access_keys all_keys{"secret", "reader", true};
constexpr std::uint64_t now_s = 1'000'000;

status refused(std::string_view presented, const access_keys& keys = all_keys) {
  return admit(keys, presented, now_s).error();
}

/// An API with keys.
struct guarded {
  fake_gateway house;
  api served{house, api_options{.now_s = [] { return 5.0; },
                                .observe = {},
                                .keys = all_keys,
                                .unix_s = [] { return now_s; }}};

  response ask(verb method, std::string path, std::string key, std::string body = {}) {
    response got;
    served.handle({method, std::move(path), {}, std::move(key), std::move(body)},
                  [&](response answer) { got = std::move(answer); });
    return got;
  }
};

std::string hex(std::string_view bytes) {
  std::string text;
  for (const auto byte : bytes) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned char>(byte) >> 4];
    text += digits[static_cast<unsigned char>(byte) & 15u];
  }
  return text;
}

} // namespace

TEST_SUITE("net.http.access") {
  TEST_CASE("a body is read only of who may send it, and one that may be large goes to a file") {
    const guarded house;
    const auto plan = [&house](verb method, std::string path, std::string key) {
      return house.served.plan_body({method, std::move(path), {}, std::move(key), {}});
    };
    const std::string upload = "/collections/c/snapshots/upload";

    CHECK(plan(verb::post, upload, "wrong").refused->status == 401);
    CHECK(plan(verb::post, upload, "").refused->status == 401);
    CHECK(plan(verb::post, upload, "reader").refused->status == 403);
    CHECK(plan(verb::put, "/collections/c/points", "reader").refused->status == 403);
    CHECK(plan(verb::post, "/nowhere", "wrong").refused->status == 401);
    CHECK_FALSE(plan(verb::post, "/collections/c/points/scroll", "reader").refused);
    for (const auto& path : {upload, std::string{"/collections/c/shards/1/snapshots/upload"}}) {
      const auto taken = plan(verb::post, path, "secret");
      CHECK_FALSE(taken.refused);
      CHECK(taken.to_file);
    }
    CHECK_FALSE(plan(verb::put, "/collections/c/points", "secret").to_file);
    CHECK(house.house.asked.empty());
    const api_under_test open;
    CHECK(open.served.plan_body({verb::post, upload, {}, {}, {}}).to_file);
    CHECK_FALSE(open.served.plan_body({verb::put, "/collections/c/points", {}, {}, {}}).to_file);
  }

  TEST_CASE("signatures are those of RFC 4231 and of a token that others made") {
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?"))
          == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_sha256(std::string(131, '\xaa'),
                          "Test Using Larger Than Block-Size Key - Hash Key First"))
          == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(read_token("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
                     "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
                     "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
                     "your-256-bit-secret", now_s)
            .ok());
  }

  TEST_CASE("keys let in, the read-only one to read; anything else is turned away") {
    using scope = access_grant::scope;
    CHECK(admit({}, "", now_s)->reaches == scope::manage);
    CHECK(admit(all_keys, "secret", now_s)->reaches == scope::manage);
    CHECK(admit(all_keys, "reader", now_s)->reaches == scope::read);
    CHECK(refused("")
          == status{errc::unauthenticated,
                    "Must provide an API key or an Authorization bearer token"});
    for (const auto* wrong : {"Secret", "secret ", "s", "a.b.c", "..", "secret.secret.secret"})
      CHECK(refused(wrong) == status{errc::unauthenticated, "Invalid API key or JWT"});
    CHECK(refused("", {"", "reader", false}).code == errc::unauthenticated);
  }

  TEST_CASE("a token allows what it claims") {
    using scope = access_grant::scope;
    const auto allowed = [](const std::string& claims) {
      return admit(all_keys, token(claims), now_s).value();
    };
    CHECK(allowed("{}").reaches == scope::manage);
    CHECK(allowed(R"({"access":"r"})").reaches == scope::read);
    CHECK(allowed(R"({"access":"m","exp":1000001})").reaches == scope::manage);
    CHECK(allowed(R"({"exp":999970})").reaches == scope::manage);
    CHECK(allowed(R"({"access":[{"collection":"a","access":"r"},
                                {"collection":"b","access":"rw"},
                                {"collection":"c","access":"prw"}]})")
            .collections
          == std::vector<collection_grant>{{"a", collection_right::read},
                                           {"b", collection_right::write},
                                           {"c", collection_right::write_points}});
    const auto claim = allowed(
      R"({"value_exists":{"collection":"users","matches":[{"key":"id","value":7}]}})");
    REQUIRE(claim.must_exist);
    CHECK(claim.must_exist->collection == "users");
    CHECK(claim.must_exist->filter.must.size() == 1);
  }

  TEST_CASE("a token that is forged, over or odd is turned away") {
    CHECK(refused(token("{}", "other")) == status{errc::forbidden, "InvalidSignature"});
    CHECK(refused(token(R"({"exp":999969})")) == status{errc::forbidden, "ExpiredSignature"});
    CHECK(refused(token(R"({"access":[{"collection":"a","access":"r","payload":{"x":1}}]})")).code
          == errc::unauthenticated);
    CHECK(refused(token(R"({"access":[{"collection":"a","access":"r"},
                                      {"collection":"a","access":"rw"}]})")).code
          == errc::unauthenticated);
    const status odd{errc::unauthenticated, "Invalid API key or JWT"};
    CHECK(refused(token("{}", "secret", R"({"alg":"none"})")) == odd);
    CHECK(refused(token("{}", "secret", R"({"alg":"RS256"})")) == odd);
    for (const auto* claims : {"[]", "7", "{", R"({"access":"w"})", R"({"access":7})",
                               R"({"access":null})",
                               R"({"access":[{"collection":"a"}]})", R"({"exp":"soon"})",
                               R"({"value_exists":{"collection":"a"}})"})
      CHECK(refused(token(claims)) == odd);
    CHECK(refused(token("{}"), {"secret", "", false}) == odd);
    const auto good = token(R"({"access":"m"})");
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto bent = good;
      bent[i] = bent[i] == 'A' ? 'B' : 'A';
      CHECK_FALSE(admit(all_keys, bent, now_s).ok());
    }
  }

  TEST_CASE("only who watches a node needs no key, and nothing that changes is a read") {
    std::set<std::string_view> open;
    for (const auto& route : routes()) {
      CAPTURE(route.path);
      const auto wanted = need_of(route.method, route.path);
      if (wanted == need::nothing)
        open.insert(route.path);
      const auto reads = wanted == need::read || wanted == need::read_all
                         || wanted == need::read_around || wanted == need::some_key;
      if (reads)
        CHECK((route.method == verb::get || route.kind == route_kind::read));
      if (route.kind == route_kind::read)
        CHECK(wanted == need::read);
    }
    CHECK(open == std::set<std::string_view>{"/", "/healthz", "/livez", "/readyz"});
    CHECK(need_of(verb::put, "/collections/{collection_name}/points") == need::write_points);
    CHECK(need_of(verb::post, "/collections/{collection_name}/points/delete")
          == need::write_points);
    CHECK(need_of(verb::put, "/collections/{collection_name}/index") == need::write_around);
    CHECK(need_of(verb::get, "/collections/{collection_name}/shards") == need::read);
    CHECK(need_of(verb::put, "/collections/{collection_name}/shards") == need::manage);
    CHECK(need_of(verb::post, "/collections/{collection_name}/shards/delete") == need::manage);
    CHECK(need_of(verb::get, "/collections/{collection_name}/shards/{shard_id}/snapshots")
          == need::read_around);
    CHECK(need_of(verb::get, "/collections/{collection_name}/shards/{shard_id}/snapshot")
          == need::write_around); // It makes one.
    CHECK(need_of(verb::patch, "/collections/{collection_name}") == need::manage);
    CHECK(need_of(verb::post, "/collections/aliases") == need::manage);
    CHECK(need_of(verb::post, "/grape/v1/cluster/join") == need::manage);
    CHECK(need_of(verb::get, "/grape/v1/nodes") == need::read_all);
  }

  TEST_CASE("a grant reaches as far as it says, with the texts clients know") {
    using scope = access_grant::scope;
    const access_grant reader{scope::read, {}, {}};
    const access_grant some{scope::collections,
                            {{"a", collection_right::read},
                             {"b", collection_right::write},
                             {"c", collection_right::write_points}},
                            {}};
    const auto told = [](const access_grant& of, need wanted, std::string_view collection) {
      return check_access(of, wanted, collection).detail;
    };
    CHECK(told(reader, need::read_all, "").empty());
    CHECK(told(reader, need::write_points, "a") == "Global manage access is required");
    CHECK(told(some, need::read, "a").empty());
    CHECK(told(some, need::write_points, "a") == "Write access to collection a is required");
    CHECK(told(some, need::write_around, "b").empty());
    CHECK(told(some, need::write_points, "c").empty());
    CHECK(told(some, need::write_around, "c") == "Only points access is allowed for collection c");
    CHECK(told(some, need::read, "d") == "Access to collection d is required");
    CHECK(told(some, need::read_all, "") == "Global access is required");
    CHECK(told(some, need::manage, "b") == "Manage access for this operation is required");
    CHECK(told(some, need::some_key, "").empty());
  }

  TEST_CASE_FIXTURE(guarded, "the door asks for a key before anything reaches the house") {
    CHECK(ask(verb::get, "/", "").status == 200);
    const auto stranger = ask(verb::get, "/collections/a", "");
    CHECK(stranger.status == 401);
    CHECK(stranger.body == "Must provide an API key or an Authorization bearer token");
    CHECK(ask(verb::get, "/nowhere", "").status == 401);
    CHECK(ask(verb::get, "/nowhere", "reader").status == 404);
    const auto guest = ask(verb::del, "/collections/a", "reader");
    CHECK(guest.status == 403);
    CHECK(guest.body
          == R"({"status":{"error":"Forbidden: Global manage access is required"},"time":0.0})");
    CHECK(house.asked.empty());
    CHECK(ask(verb::del, "/collections/a", "secret").status == 200);
  }

  TEST_CASE_FIXTURE(guarded, "who may see some collections sees no others, nor their vectors") {
    house.names.names = {"a", "b"};
    const auto key = token(R"({"access":[{"collection":"a","access":"r"}]})");

    CHECK(ask(verb::get, "/collections", key).body.find(R"([{"name":"a"}])") != std::string::npos);
    const auto elsewhere
      = ask(verb::post, "/collections/a/points/query", key,
            R"({"query": 1, "lookup_from": {"collection": "b"}})");
    CHECK(elsewhere.status == 403);
    CHECK(elsewhere.body.find("Access to collection b is required") != std::string::npos);
    CHECK(ask(verb::post, "/collections/a/points/query", key, R"({"query": 1})").status == 200);
  }

  TEST_CASE_FIXTURE(guarded, "a token may be good only while a point exists") {
    const auto key = token(
      R"({"value_exists":{"collection":"users","matches":[{"key":"id","value":7}]}})");

    const auto gone = ask(verb::get, "/collections", key);
    house.page.points.emplace_back();
    const auto there = ask(verb::get, "/collections", key);

    CHECK(gone.status == 401);
    CHECK(gone.body == "Invalid JWT, stateful validation failed");
    CHECK(there.status == 200);
    CHECK(std::get<scroll_request>(house.asked.front()).collection == "users");
  }
}
