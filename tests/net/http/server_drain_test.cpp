#include "tests/net/http/served.hpp"

#include <chrono>
#include <future>
#include <thread>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

TEST_SUITE("net.http.server_drain") {
  TEST_CASE("draining finishes what is in flight, lets nobody in and then closes") {
    desk requests;
    const auto server = serve(requests.handler());
    const auto port = server->port();
    raw_client working{port};
    raw_client sending{port};
    raw_client idle{port};
    working.send(get("/1"));
    const auto one = requests.take();
    sending.send("POST /2 HTTP/1.1\r\nContent-Length: 4\r\n\r\nbo");

    auto drained = std::async(std::launch::async, [&server] { return server->drain(10s); });
    CHECK(idle.ended());
    CHECK_FALSE(raw_client{port}.connected());
    sending.send("dy");
    const auto two = requests.take();
    CHECK(drained.wait_for(0s) == std::future_status::timeout);
    one.second(plain("one"));
    two.second(plain(two.first.body));

    const auto first = working.receive();
    const auto second = sending.receive();
    CHECK(first.body == "one");
    CHECK(first.fields.at("connection") == "close");
    CHECK(second.body == "body");
    CHECK(drained.get());
    CHECK(working.ended());
  }

  TEST_CASE("a request that begins within the grace is still served") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    CHECK(client.ask(get("/1")).status == 200);

    auto drained = std::async(std::launch::async, [&server] { return server->drain(10s); });
    int served = 0;
    auto answer = client.ask(get("/2"));
    while (answer.status == 200 && answer.fields.count("connection") == 0) {
      ++served;
      answer = client.ask(get("/2"));
    }

    CHECK(answer.status == 200);
    CHECK(answer.fields.at("connection") == "close");
    CHECK(drained.get());
  }

  TEST_CASE("draining gives up at its deadline and says so") {
    desk requests;
    const auto server = serve(requests.handler());
    raw_client client{server->port()};
    client.send(get("/"));
    const auto one = requests.take();

    const bool complete = server->drain(50ms);
    one.second(plain("too late"));

    CHECK_FALSE(complete);
    CHECK(client.receive().status == 0);
  }

  TEST_CASE("draining a server that nobody uses takes no time") {
    const auto server = serve(echo);

    const auto start = std::chrono::steady_clock::now();
    CHECK(server->drain(10s));

    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(server->drain(10s));
  }

  TEST_CASE("stopping cuts everything off at once, and again does nothing") {
    desk requests;
    const auto server = serve(requests.handler());
    raw_client working{server->port()};
    raw_client idle{server->port()};
    working.send(get("/"));
    const auto one = requests.take();

    server->stop();
    server->stop();

    CHECK(working.ended());
    CHECK(idle.ended());
    CHECK(server->stats().connections_open == 0);
    CHECK(server->stats().requests_in_flight == 0);
  }

  TEST_CASE("halting cuts everything off without waiting for a handler that works") {
    std::promise<void> begun;
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    const auto server = serve([&begun, opened](http::request, const http::respond_fn& respond) {
      begun.set_value();
      opened.wait();
      respond(plain("late"));
    });
    raw_client working{server->port()};
    raw_client idle{server->port()};
    working.send(get("/"));
    begun.get_future().wait();

    server->halt();

    CHECK(working.ended());
    CHECK(idle.ended());
    CHECK_FALSE(raw_client{server->port()}.connected());
    gate.set_value();
    server->stop();
    CHECK(server->stats().connections_open == 0);
  }

  TEST_CASE("a server may be made and unmade many times under load") {
    for (int round = 0; round < 20; ++round) {
      auto server = serve([](http::request, http::respond_fn respond) {
        std::thread{[respond = std::move(respond)] { respond(plain("x")); }}.detach();
      });
      std::vector<raw_client> clients;
      for (int i = 0; i < 20; ++i) {
        clients.emplace_back(server->port());
        clients.back().send(get("/") + get("/"));
      }
      CHECK(clients.front().receive().status == 200);
    }
  }
}
