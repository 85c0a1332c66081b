#include "net/http/url.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::http;

TEST_SUITE("net.http.url") {
  TEST_CASE("an address is taken apart, and the Host field names its port") {
    const auto plain = parse_http_url("http://host:6333/a/b?x=1#part");
    REQUIRE(plain.ok());
    CHECK(plain->host == "host");
    CHECK(plain->port == "6333");
    CHECK(plain->target == "/a/b?x=1");
    CHECK(plain->authority() == "host:6333");
    CHECK(parse_http_url("http://host/")->authority() == "host");
    CHECK(parse_http_url("https://host:443?q")->authority() == "host");
    CHECK(parse_http_url("https://host:443?q")->target == "/?q");
    CHECK(parse_http_url("https://host:80")->authority() == "host:80");
    CHECK(parse_http_url("http://[::1]:80/x")->host == "::1");
    CHECK(parse_http_url("http://[::1]:81/x")->authority() == "[::1]:81");
    CHECK(parse_http_url("http://[::1]/x")->port == "80");
  }

  TEST_CASE("what may be a secret is sent, and never shown") {
    const auto url = parse_http_url("https://me:p%40ss@host:9/file?token=abc");
    REQUIRE(url.ok());
    CHECK(url->user == "me:p@ss");
    CHECK(url->shown() == "https://host:9/file");
    for (const auto* wrong : {"http://me:secret@", "ftp://me:secret@host/x", "http://me:secret@:7/",
                              "http://me:secret@host:port/", "http://me:secret@host/a b"}) {
      const auto refused = parse_http_url(wrong);
      REQUIRE_FALSE(refused.ok());
      CHECK(refused.error().code == errc::bad_request);
      CHECK(refused.error().detail.find("secret") == std::string::npos);
    }
  }

  TEST_CASE("no line of a request can be made of one") {
    CHECK_FALSE(parse_http_url("http://host/a\r\nX: y").ok());
    CHECK_FALSE(parse_http_url("http://ho\nst/").ok());
    CHECK_FALSE(redirected(*parse_http_url("http://host/"), "/a\r\nX: y").ok());
  }

  TEST_CASE("a redirection may be relative in all ways that there are") {
    const auto from = *parse_http_url("http://u:p@host:8/a/b/c?x=1");
    const auto target = [&from](const char* location) {
      const auto next = redirected(from, location);
      REQUIRE(next.ok());
      CHECK(next->is_same_server(from));
      CHECK(next->user == "u:p");
      return next->target;
    };
    CHECK(target("/z?y=2") == "/z?y=2");
    CHECK(target("d") == "/a/b/d");
    CHECK(target("./d/?q=/../") == "/a/b/d/?q=/../");
    CHECK(target("../d") == "/a/d");
    CHECK(target("../../../d/..") == "/");
    CHECK(target("?y=2") == "/a/b/c?y=2");
    CHECK(target("d:e?u=http://x/") == "/a/b/d:e?u=http://x/");
    CHECK(target("http://host:8/n") == "/n");

    const auto elsewhere = redirected(from, "//other/n");
    REQUIRE(elsewhere.ok());
    CHECK(elsewhere->shown() == "http://other/n");
    CHECK(elsewhere->user.empty());
    CHECK_FALSE(redirected(from, "file:///etc/passwd").ok());
    CHECK_FALSE(redirected(from, "ftp://host/x").ok());
  }
}
