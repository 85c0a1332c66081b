#include "net/http/routes.hpp"
#include "tests/net/http/served.hpp"

#include <sys/resource.h>

#include <chrono>
#include <thread>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

namespace {

http::server_options small() {
  http::server_options options;
  options.body_bytes_max = 1000;
  options.header_bytes_max = 2048;
  return options;
}

http::server_options hasty() {
  http::server_options options;
  options.idle_timeout = 60ms;
  options.header_timeout = 60ms;
  options.stall_timeout = 60ms;
  return options;
}

std::string error_body(const std::string& text) {
  return R"({"status":{"error":")" + text + R"("},"time":0.0})";
}

} // namespace

TEST_SUITE("net.http.server_limits") {
  TEST_CASE("a body over the limit is refused in Qdrant's words, and the client can read them") {
    const auto server = serve(echo, small());
    raw_client sized{server->port()};
    raw_client chunked{server->port()};
    raw_client asking{server->port()};

    CHECK(sized.ask(post("/", std::string(1000, 'x'))).status == 200);
    const auto too_long = sized.ask(post("/", std::string(1'000'000, 'x')));
    CHECK(too_long.status == 400);
    CHECK(too_long.body
          == error_body("JSON payload (1000000 bytes) is larger than allowed "
                        "(limit: 1000 bytes)."));
    CHECK(too_long.fields.at("connection") == "close");
    CHECK(sized.ended());

    const auto endless = chunked.ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
                                     + std::string(2000, 'x') + "\r\n0\r\n\r\n");
    CHECK(endless.status == 400);
    CHECK(endless.body == error_body("JSON payload has exceeded limit (1000 bytes)."));

    const auto ask_first = "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2000\r\n\r\n";
    CHECK(asking.ask(ask_first).status == 400);
    CHECK(server->stats().requests_malformed == 3);
  }

  TEST_CASE("a header over the limit is refused, by one long field or by many short ones") {
    const auto server = serve(echo, small());
    std::string many;
    while (many.size() < 4000)
      many += "x: y\r\n";

    for (const auto& head :
         {"GET /" + std::string(4000, 'x') + " HTTP/1.1\r\n",
          "GET / HTTP/1.1\r\na: " + std::string(4000, 'x') + "\r\n", "GET / HTTP/1.1\r\n" + many}) {
      raw_client client{server->port()};
      const auto answer = client.ask(head + "\r\n");
      CHECK(answer.status == 431);
      CHECK(answer.body
            == error_body("Bad request: header fields are larger than allowed "
                          "(limit: 2048 bytes)."));
      CHECK(client.ended());
    }
    raw_client client{server->port()};
    CHECK(client.ask("GET / HTTP/1.1\r\na: " + std::string(1900, 'x') + "\r\n\r\n").status == 200);
  }

  TEST_CASE("what is not HTTP, or could be read in two ways, is refused and ends the talk") {
    const auto server = serve(echo, small());
    const std::string texts[] = {
      "hello\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\0\0\0", 14),
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET / HTTP/3.0\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / a HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "GET / HTTP/1.1\r\nname : x\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nGET / HTTP/1.1\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    };

    for (const auto& text : texts) {
      CAPTURE(text);
      raw_client client{server->port()};
      const auto answer = client.ask(text);
      CHECK(answer.status == 400);
      CHECK(answer.body.starts_with(R"({"status":{"error":"Bad request: not HTTP: )"));
      CHECK(client.ended());
    }
    CHECK(server->stats().requests_malformed == std::size(texts));
  }

  TEST_CASE("a chunk header or trailer without end does not fill the memory") {
    const auto server = serve(echo, small());

    for (const std::string begun : {"1;", "0\r\n"}) {
      raw_client client{server->port()};
      client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + begun);
      client.send(std::string(1 << 20, 'x'));
      CHECK(client.ended());
    }
  }

  TEST_CASE("a request that does not get on is cut off, wherever it stops") {
    const auto server = serve(echo, hasty());

    for (const std::string half :
         {"", "G", "GET / HTTP/1.1\r\nHost: x\r\n",
          "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab",
          "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
      raw_client client{server->port()};
      client.send(half);
      CHECK(client.ended());
    }
    CHECK(server->stats().connections_timed_out == 5);
    CHECK(server->stats().requests_answered == 0);
  }

  TEST_CASE("a header that drips in is cut off at the deadline of the whole") {
    auto options = hasty();
    options.header_bytes_max = 64u << 20;
    const auto server = serve(echo, options);
    raw_client client{server->port()};

    bool taken = client.send("GET / HTTP/1.1\r\n");
    while (taken && server->stats().connections_timed_out == 0)
      taken = client.send("a: b\r\n");

    CHECK(client.ended());
    CHECK(server->stats().connections_timed_out == 1);
    CHECK(server->stats().requests_malformed == 0);
  }

  TEST_CASE("a client that does not read its answer is cut off, not waited for") {
    const auto server = serve(
      [](const http::request&, const http::respond_fn& respond) {
        respond(plain(std::string(32u << 20, 'x')));
      },
      hasty());
    raw_client client{server->port(), 4096};

    client.send(get("/"));
    const auto answer = client.receive(false);
    while (server->stats().connections_open > 0)
      std::this_thread::yield();

    CHECK(answer.status == 200);
    CHECK(server->stats().connections_timed_out == 1);
    CHECK(server->stats().requests_in_flight == 0);
  }

  TEST_CASE("over the limit of requests in flight the answer is 503, and the connection stays") {
    desk requests;
    http::server_options options;
    options.in_flight_max = 2;
    options.retry_after_s = 7;
    const auto server = serve(requests.handler(), options);
    raw_client first{server->port()};
    raw_client second{server->port()};
    raw_client third{server->port()};
    first.send(get("/1"));
    second.send(get("/2"));
    const auto one = requests.take();
    const auto two = requests.take();

    const auto refused = third.ask(post("/3", "x"));
    one.second(plain("one"));
    two.second(plain("two"));

    CHECK(refused.status == 503);
    CHECK(refused.fields.at("retry-after") == "7");
    CHECK(refused.body
          == R"({"status":{"error":"Service overloaded: too many requests in flight"},)"
             R"("time":0.0,"grape":{"applied":false}})");
    CHECK(first.receive().status == 200);
    CHECK(second.receive().status == 200);
    third.send(get("/3"));
    requests.take().second(plain("three"));
    CHECK(third.receive().body == "three");
    CHECK(server->stats().requests_overloaded == 1);
  }

  TEST_CASE("a connection over the limit is told 503 and closed; a place that is free is given") {
    http::server_options options;
    options.connections_max = 2;
    const auto server = serve(echo, options);
    raw_client first{server->port()};
    raw_client second{server->port()};
    CHECK(first.ask(get("/")).status == 200);
    CHECK(second.ask(get("/")).status == 200);

    raw_client third{server->port()};
    const auto refused = third.ask(get("/"));
    CHECK(refused.status == 503);
    CHECK(refused.fields.at("connection") == "close");
    CHECK(refused.fields.at("retry-after") == "1");
    CHECK(third.ended());
    CHECK(server->stats().connections_refused == 1);

    first.leave();
    third.leave();
    while (server->stats().connections_open > 1)
      std::this_thread::yield();
    raw_client fourth{server->port()};
    CHECK(fourth.ask(get("/")).status == 200);
  }

  TEST_CASE("a probe is answered while every place and every connection is taken") {
    http::server_options options;
    options.connections_max = 2;
    options.in_flight_max = 2;
    options.is_probe = http::is_probe;
    desk requests;
    const auto server = serve(requests.handler(), options);
    raw_client first{server->port()};
    raw_client second{server->port()};
    first.send(get("/1"));
    second.send(get("/2"));
    const auto one = requests.take();
    const auto two = requests.take();

    raw_client probing{server->port()};
    probing.send(get("/livez"));
    requests.take().second(plain("alive"));
    const auto alive = probing.receive();
    CHECK(alive.status == 200);
    CHECK(alive.body == "alive");
    CHECK(alive.fields.at("connection") == "close");
    CHECK(probing.ended());
    raw_client asking{server->port()};
    CHECK(asking.ask(get("/livez/3")).status == 503);

    one.second(plain("one"));
    CHECK(first.receive().body == "one");
    first.send(get("/3"));
    const auto three = requests.take();
    for (const auto* path : {"/readyz", "/healthz", "/metrics"}) {
      raw_client next{server->port()};
      next.send(get(path));
      requests.take().second(plain(path));
      CHECK(next.receive().body == path);
    }
    two.second(plain("two"));
    three.second(plain("three"));
    CHECK(second.receive().body == "two");
    CHECK(first.receive().body == "three");
  }

  TEST_CASE("all bodies together have a limit of their own") {
    http::server_options options;
    options.body_bytes_in_flight_max = 3u << 20;
    desk requests;
    const auto server = serve(requests.handler(), options);
    raw_client first{server->port()};
    raw_client second{server->port()};
    first.send(post("/", std::string(2u << 20, 'x')));
    const auto one = requests.take();

    const auto refused = second.ask(post("/", std::string(2u << 20, 'x')));
    one.second(plain("one"));

    CHECK(refused.status == 503);
    CHECK(first.receive().body == "one");
    raw_client third{server->port()};
    third.send(post("/", std::string(2u << 20, 'x')));
    requests.take().second(plain("three"));
    CHECK(third.receive().body == "three");
  }

  TEST_CASE("a client may vanish at any moment and an answer may come at any later one") {
    desk requests;
    auto server = serve(requests.handler());
    std::vector<http::respond_fn> late;

    for (int round = 0; round < 20; ++round) {
      raw_client half{server->port()};
      half.send("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\nabc");
      half.vanish();
      raw_client asking{server->port()};
      asking.send(get("/"));
      late.push_back(requests.take().second);
      asking.vanish();
    }
    for (std::size_t i = 0; i < 10; ++i)
      late[i](plain(std::string(1u << 20, 'x')));
    raw_client next{server->port()};
    next.send(get("/"));
    requests.take().second(plain("fine"));
    CHECK(next.receive().body == "fine");

    server.reset();
    for (auto& each : late)
      each(plain("to nobody"));
  }

  TEST_CASE("a thousand idle connections do not keep one busy client waiting") {
    const rlimit wanted{4096, 4096};
    rlimit had{};
    getrlimit(RLIMIT_NOFILE, &had);
    if (had.rlim_cur < wanted.rlim_cur)
      REQUIRE(setrlimit(RLIMIT_NOFILE, &wanted) == 0);
    const auto server = serve(echo);
    std::vector<raw_client> idle;
    for (int i = 0; i < 1000; ++i) {
      idle.emplace_back(server->port());
      REQUIRE(idle.back().connected());
    }
    raw_client busy{server->port()};

    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 500; ++i)
      REQUIRE(busy.ask(get("/")).status == 200);

    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(server->stats().connections_open == 1001);
    CHECK(idle[500].ask(get("/")).status == 200);
  }
}
