#include "net/http/content_coding.hpp"
#include "tests/net/http/served.hpp"

#include <chrono>
#include <thread>
#include <vector>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 30;

std::string unpacked(const std::string& body) {
  return http::decompressed(body, plenty, [](std::size_t) { return true; }).value();
}

std::string post_coded(const std::string& coding, const std::string& body) {
  return "POST /p HTTP/1.1\r\nContent-Encoding: " + coding + "\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get_with(const std::string& field) {
  return "GET /g HTTP/1.1\r\n" + field + "\r\n\r\n";
}

/// Answers with so many bytes.
http::handler_fn answers(std::size_t bytes) {
  return [bytes](http::request, const http::respond_fn& respond) {
    respond(plain(std::string(bytes, 'x')));
  };
}

} // namespace

TEST_SUITE("net.http.server_codings") {
  TEST_CASE("a compressed body reaches the handler as it was meant") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    for (const auto how : {http::content_coding::gzip, http::content_coding::deflate})
      CHECK(client.ask(post_coded(std::string(to_string(how)), http::compressed("words", how))).body
            == "post /p words");
    CHECK(client.ask(post_coded("identity", "words")).body == "post /p words");
    const auto packed = http::compressed("words", http::content_coding::gzip);
    char size[20];
    std::snprintf(size, sizeof size, "%zx", packed.size());
    const std::string head = "POST /p HTTP/1.1\r\nContent-Encoding: gzip\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n";
    CHECK(client
              .ask(head
                   + std::string(size) + "\r\n" + packed + "\r\n0\r\n\r\n")
              .body
          == "post /p words");
  }

  TEST_CASE("a bomb is a body over the limit, and what is no such coding is refused") {
    http::server_options options;
    options.body_bytes_max = 100'000;
    options.body_bytes_in_flight_max = 400'000;
    const auto server = serve(echo, options);
    const auto bomb = http::compressed(std::string(std::size_t{8} << 20, ' '),
                                       http::content_coding::gzip);
    CHECK(bomb.size() < 100'000);
    raw_client client{server->port()};
    const auto refused = client.ask(post_coded("gzip", bomb));
    CHECK(refused.status == 400);
    CHECK(refused.body.find("limit (100000 bytes)") != std::string::npos);
    CHECK(raw_client{server->port()}.ask(post_coded("gzip", "no gzip")).status == 400);
    CHECK(raw_client{server->port()}.ask(post_coded("br", "x")).status == 415);
    CHECK(raw_client{server->port()}.ask(post_coded("gzip, gzip", "x")).status == 415);
    const std::string fits(90'000, 'y');
    const auto sent = http::compressed(fits, http::content_coding::gzip);
    CHECK(raw_client{server->port()}.ask(post_coded("gzip", sent)).body == "post /p " + fits);
  }

  TEST_CASE("an answer is compressed for whoever accepts it, unless it is small") {
    const auto server = serve(answers(200'000));
    raw_client client{server->port()};
    const auto plainly = client.ask(get("/g"));
    CHECK(plainly.body.size() == 200'000);
    CHECK_FALSE(plainly.fields.contains("content-encoding"));
    const auto coded = client.ask(get_with("Accept-Encoding: gzip, deflate, br"));
    CHECK(coded.fields.at("content-encoding") == "gzip");
    CHECK(coded.fields.at("vary") == "accept-encoding");
    CHECK(coded.body.size() < 5'000);
    CHECK(unpacked(coded.body) == plainly.body);
    CHECK(client.ask(get_with("Accept-Encoding: deflate")).fields.at("content-encoding")
          == "deflate");

    const auto modest = serve(answers(100));
    raw_client other{modest->port()};
    CHECK(other.ask(get_with("Accept-Encoding: gzip")).body == std::string(100, 'x'));
  }

  TEST_CASE("a page may ask what it likes, and read the answer, also a refusal") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    const auto leave = client.ask("OPTIONS /collections/a HTTP/1.1\r\nOrigin: http://page\r\n"
                                  "Access-Control-Request-Method: PUT\r\n"
                                  "Access-Control-Request-Headers: api-key,content-type\r\n\r\n");
    CHECK(leave.status == 200);
    CHECK(leave.fields.at("access-control-allow-origin") == "http://page");
    CHECK(leave.fields.at("access-control-allow-methods").find("PUT") != std::string::npos);
    CHECK(leave.fields.at("access-control-allow-headers") == "api-key,content-type");
    CHECK(leave.fields.at("vary").find("Origin") != std::string::npos);
    CHECK(leave.body.empty());
    CHECK(client.ask(get_with("Origin: http://page")).fields.at("access-control-allow-origin")
          == "http://page");
    CHECK_FALSE(client.ask(get("/g")).fields.contains("access-control-allow-origin"));
    CHECK(client.ask("OPTIONS /a HTTP/1.1\r\nAccess-Control-Request-Method: PUT\r\n\r\n").status
          == 400);
    CHECK(client.ask("OPTIONS /a HTTP/1.1\r\nOrigin: http://page\r\n\r\n").body == "other /a");
    const auto refused = client.ask("POST /p HTTP/1.1\r\nOrigin: http://page\r\n"
                                    "Content-Encoding: br\r\nContent-Length: 1\r\n\r\nx");
    CHECK(refused.status == 415);
    CHECK(refused.fields.at("access-control-allow-origin") == "http://page");
  }

  TEST_CASE("without enable_cors no page is told anything") {
    http::server_options options;
    options.enable_cors = false;
    const auto server = serve(echo, options);
    raw_client client{server->port()};
    CHECK_FALSE(client.ask(get_with("Origin: http://page"))
                    .fields.contains("access-control-allow-origin"));
    CHECK(client.ask("OPTIONS /a HTTP/1.1\r\nOrigin: http://page\r\n"
                     "Access-Control-Request-Method: PUT\r\n\r\n")
              .body
          == "other /a");
  }

  TEST_CASE("answers that nobody reads are bounded together") {
    http::server_options options;
    options.answer_bytes_in_flight_max = 40 << 20;
    const auto server = serve(answers(std::size_t{16} << 20), options);
    constexpr int small_window = 4'096;
    raw_client first{server->port(), small_window};
    raw_client second{server->port(), small_window};
    REQUIRE(first.send(get("/a")));
    REQUIRE(first.receive(false).status == 200);
    REQUIRE(second.send(get("/b")));
    REQUIRE(second.receive(false).status == 200);

    raw_client third{server->port()};
    const auto refused = third.ask(get("/c"));
    CHECK(refused.status == 503);
    CHECK(refused.fields.contains("retry-after"));

    first.vanish();
    raw_answer served;
    for (int i = 0; i < 10'000 && served.status != 200; ++i)
      served = third.ask(get("/c")); // Until the server has seen that the first one is gone.
    CHECK(served.status == 200);
    CHECK(served.body.size() == std::size_t{16} << 20);
  }

  TEST_CASE("an answer that is larger alone is given, and whoever reads too slowly is cut off") {
    http::server_options options;
    options.answer_bytes_in_flight_max = 1 << 20;
    options.answer_rate_min = 64u << 20;
    options.stall_timeout = 2'000ms;
    constexpr std::size_t bytes = std::size_t{16} << 20;
    const auto server = serve(answers(bytes), options);
    raw_client reader{server->port()};
    CHECK(reader.ask(get("/a")).body.size() == bytes);

    raw_client slow{server->port(), 4'096};
    REQUIRE(slow.send(get("/b")));
    REQUIRE(slow.receive(false).status == 200);
    // It goes on taking some, so that it never stalls; but not enough.
    std::vector<char> piece(16'384);
    std::size_t taken = 0;
    while (server->stats().connections_timed_out == 0) {
      const auto read = ::recv(slow.native(), piece.data(), piece.size(), 0);
      if (read <= 0)
        break;
      taken += static_cast<std::size_t>(read);
      std::this_thread::sleep_for(10ms); // This is how slow it is.
    }
    CHECK(taken < bytes);
    CHECK(server->stats().connections_timed_out == 1);
  }
}
