#include "tools/bench/http_connection.hpp"
#include "tools/bench/http_figures.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::bench;

TEST_SUITE("tools.bench.http") {
  TEST_CASE("an answer is cut off whole, wherever the bytes were parted") {
    const std::string answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 4\r\n"
                               "Retry-After: 2\r\nConnection: close\r\n\r\nbusy";
    for (std::size_t part = 0; part < answer.size(); ++part) {
      std::string received = answer.substr(0, part);
      const auto early = take_answer(received);
      REQUIRE(early.ok());
      CHECK_FALSE(early->has_value());
      received += answer.substr(part) + "HTTP/1.1 200";

      const auto whole = take_answer(received);

      REQUIRE((whole.ok() && whole->has_value()));
      CHECK((*whole)->status == 503);
      CHECK((*whole)->retry_after_s == 2u);
      CHECK((*whole)->closes);
      CHECK((*whole)->body == "busy");
      CHECK(received == "HTTP/1.1 200");
    }
  }

  TEST_CASE("what is no answer with a length is refused") {
    for (std::string received : {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                 "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
                                 "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n"})
      CHECK(take_answer(received).error().code == errc::malformed);
  }

  TEST_CASE("an URL names a host and a port, and nothing else") {
    CHECK(read_url("http://127.0.0.1:7333/")->port == 7333);
    CHECK(read_url("http://localhost")->port == 6333);
    for (const auto* wrong : {"https://localhost", "localhost:1", "http://", "http://a:b",
                              "http://a:70000", "http://a/b"})
      CHECK(read_url(wrong).error().code == errc::invalid);
  }

  TEST_CASE("latency counts accepted requests only, each second for itself") {
    load_result result{.seconds = 2, .samples = {}, .unanswered = 3, .generator_cpu_s = 1};
    for (int i = 1; i <= 100; ++i) {
      const auto seconds = static_cast<float>(i) / 1'000;
      result.samples.push_back({.due_s = 0.5f, .latency_s = seconds, .status = 200});
      result.samples.push_back({.due_s = 1.5f, .latency_s = 2 * seconds, .status = 200});
    }
    result.samples.push_back({.due_s = 1.5f, .latency_s = 9, .status = 503, .retry_after = true});
    result.samples.push_back({.due_s = 1.5f, .latency_s = 9, .status = 503});
    result.samples.push_back({.due_s = 1.5f, .latency_s = 9, .status = 0});

    const auto figures = figures_of(result);

    CHECK(figures.accepted.count == 200);
    CHECK(figures.accepted_per_s == 100);
    CHECK(figures.offered_per_s == 103);
    CHECK(figures.accepted.max_ms == doctest::Approx(200));
    CHECK(figures.accepted.p50_ms == doctest::Approx(67).epsilon(0.02));
    REQUIRE(figures.slices.size() == 2);
    CHECK(figures.slices[0].p99_ms == doctest::Approx(99));
    CHECK(figures.slices[1].p99_ms == doctest::Approx(198));
    CHECK(figures.slices[1].refused == 3);
    CHECK(figures.without_retry_after == 1);
    CHECK(figures.by_status.at(503) == 2);
    CHECK(figures.generator_cores == 0.5);
  }
}
