#include "net/http/client.hpp"

#include "tests/net/http/served.hpp"

#include <chrono>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

namespace {

std::string at(std::uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

} // namespace

TEST_SUITE("net.http.client") {
  TEST_CASE("what is posted arrives whole, and so does the answer") {
    const auto server = serve(echo);
    for (const std::size_t bytes : {0, 1, 100'000, 5'000'000}) {
      const std::string body(bytes, 'x');
      const auto said = http::post(at(server->port()), "/a/b?c=d", body, 10s);
      REQUIRE(said.ok());
      CHECK(said->status == 200);
      CHECK(said->body == "post /a/b?c=d" + (bytes == 0 ? "" : " " + body));
    }
  }

  TEST_CASE("a key is sent as one, and none if there is none") {
    const auto server = serve([](const http::request& asked, const http::respond_fn& respond) {
      respond(plain("[" + asked.api_key + "]"));
    });
    CHECK(http::post(at(server->port()), "/", "{}", 10s, {}, "secret")->body == "[secret]");
    CHECK(http::post(at(server->port()), "/", "{}", 10s)->body == "[]");
  }

  TEST_CASE("refusals are answers too") {
    const auto server = serve([](http::request, const http::respond_fn& respond) {
      auto answer = plain("no");
      answer.status = 409;
      respond(std::move(answer));
    });
    const auto said = http::post(at(server->port()), "/", "{}", 10s);
    REQUIRE(said.ok());
    CHECK(said->status == 409);
    CHECK(said->body == "no");
  }

  TEST_CASE("whoever does not answer, or not in time, is told from one that says nonsense") {
    desk silent;
    const auto server = serve(silent.handler());
    CHECK(http::post(at(server->port()), "/", "{}", 100ms).error().code == errc::timed_out);
    silent.take().second(plain("late"));

    std::uint16_t closed = 0;
    {
      const auto gone = serve(echo);
      closed = gone->port();
    }
    const auto refused = http::post(at(closed), "/", "{}", 5s);
    CHECK(refused.error().code == errc::unavailable);
    CHECK(refused.error().detail == "Connection refused");
    const auto since = std::chrono::steady_clock::now();
    int looks = 0;
    const auto ends = [&looks] { return ++looks > 3; };
    const auto given_up = http::post(at(server->port()), "/", "{}", 30s, ends);
    CHECK(given_up.error().code == errc::cancelled);
    CHECK(std::chrono::steady_clock::now() - since < 5s);
    silent.take().second(plain("late"));
    CHECK(http::post("nowhere", "/", "{}", 1s).error().code == errc::malformed);
  }
}
