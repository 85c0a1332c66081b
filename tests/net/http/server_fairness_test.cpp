#include "tests/net/http/served.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>

using namespace grape;
using namespace grape::test;

namespace {

constexpr std::uint64_t mib = 1u << 20;

std::string promise_of(std::uint64_t bytes) {
  return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

} // namespace

TEST_SUITE("net.http.server_fairness") {
  TEST_CASE("who sends many requests at once does not keep the others waiting") {
    std::mutex mutex;
    std::vector<std::string> served; // Protected by it.
    std::promise<void> begun;
    std::promise<void> gate;
    const auto server = serve([&](http::request asked, const http::respond_fn& respond) {
      {
        const std::lock_guard hold{mutex};
        served.push_back(asked.path);
      }
      if (asked.path == "/0") {
        begun.set_value();
        gate.get_future().wait();
      }
      respond(plain(asked.path));
    });
    raw_client patient{server->port()};
    CHECK(patient.ask(get("/first")).body == "/first");
    raw_client greedy{server->port()};
    std::string many;
    for (int i = 0; i < 200; ++i)
      many += get("/" + std::to_string(i));

    greedy.send(many);
    begun.get_future().wait();
    patient.send(get("/patient"));
    gate.set_value();

    CHECK(patient.receive().body == "/patient");
    for (int i = 0; i < 200; ++i)
      REQUIRE(greedy.receive().body == "/" + std::to_string(i));
    const std::lock_guard hold{mutex};
    const auto place = std::find(served.begin(), served.end(), "/patient") - served.begin();
    CHECK(place <= 4);
  }

  TEST_CASE("a crowd that connects is let in whole, and does not keep the others waiting") {
    const auto server = serve(echo);
    raw_client old{server->port()};
    CHECK(old.ask(get("/")).status == 200);

    std::vector<raw_client> crowd;
    for (int i = 0; i < 500; ++i)
      crowd.emplace_back(server->port());
    for (auto& each : crowd)
      each.send(get("/crowd"));

    CHECK(old.ask(get("/old")).body == "get /old");
    for (auto& each : crowd)
      REQUIRE(each.receive().body == "get /crowd");
  }

  TEST_CASE("a length that is only promised takes no room from other bodies") {
    http::server_options options;
    options.body_bytes_in_flight_max = 4 * mib;
    const auto server = serve(echo, options);
    std::vector<raw_client> promising;
    for (int i = 0; i < 20; ++i) {
      promising.emplace_back(server->port());
      promising.back().send(promise_of(32 * mib) + "x");
    }
    raw_client honest{server->port()};

    CHECK(honest.ask(post("/", std::string(mib, 'y'))).status == 200);
    CHECK(server->stats().requests_overloaded == 0);
  }

  TEST_CASE("waiting work that fails takes neither the thread nor what else waits along") {
    std::atomic<int> left{3};
    http::server_options options;
    options.more_work = [&left] {
      if (left == 0)
        return false;
      if (--left > 0)
        throw std::runtime_error{"a fault"};
      return true;
    };
    const auto server = serve(echo, options);
    raw_client client{server->port()};

    CHECK(client.ask(get("/1")).body == "get /1");
    CHECK(client.ask(get("/2")).body == "get /2");
    CHECK(left == 0);
  }
}
