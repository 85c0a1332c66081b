#include "tests/net/http/served.hpp"

#include <chrono>
#include <future>
#include <thread>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

TEST_SUITE("net.http.server") {
  TEST_CASE("a request reaches the handler as it was sent, and the answer comes back") {
    const auto server = serve(echo);
    raw_client client{server->port()};

    const auto answer
      = client.ask("PUT /collections/a%2Fb%20c/points?wait=true&x=%7B HTTP/1.1\r\n"
                   "Host: x\r\napi-key:  secret \r\nContent-Length: 4\r\n\r\n{\"\"}");

    CHECK(answer.status == 200);
    CHECK(answer.body == "put /collections/a%2Fb%20c/points?wait=true&x=%7B key=secret {\"\"}");
    CHECK(answer.fields.at("content-type") == "text/plain");
    CHECK(answer.fields.count("connection") == 0);
  }

  TEST_CASE("a connection serves one request after another") {
    const auto server = serve(echo);
    raw_client client{server->port()};

    for (int i = 0; i < 100; ++i)
      CHECK(client.ask(post("/" + std::to_string(i), "b")).body
            == "post /" + std::to_string(i) + " b");

    CHECK(server->stats().connections_accepted == 1);
    CHECK(server->stats().requests_answered == 100);
  }

  TEST_CASE("every verb has its name, and HEAD is a get without the body") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    const auto asked = [&client](const std::string& verb) {
      return client.ask(verb + " / HTTP/1.1\r\n\r\n").body;
    };

    CHECK(asked("GET") == "get /");
    CHECK(asked("PUT") == "put /");
    CHECK(asked("POST") == "post /");
    CHECK(asked("PATCH") == "patch /");
    CHECK(asked("DELETE") == "del /");
    CHECK(asked("OPTIONS") == "other /");
    CHECK(asked("BREW") == "other /");

    client.send("HEAD /x HTTP/1.1\r\n\r\n");
    const auto head = client.receive(false);
    CHECK(head.status == 200);
    CHECK(head.fields.at("content-length") == "6");
    CHECK(asked("GET") == "get /");
  }

  TEST_CASE("a key is taken from api-key, else from a bearer token, never from a trailer") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    const auto with = [&client](const std::string& fields) {
      return client.ask("GET / HTTP/1.1\r\n" + fields + "\r\n").body;
    };

    CHECK(with("Authorization: Bearer abc\r\n") == "get / key=abc");
    CHECK(with("authorization: bearer   abc\r\n") == "get / key=abc");
    CHECK(with("Authorization: Basic abc\r\n") == "get /");
    CHECK(with("Authorization: Bearer\r\n") == "get /");
    CHECK(with("API-Key: k\r\nAuthorization: Bearer abc\r\n") == "get / key=k");
    CHECK(with("Authorization: Bearer abc\r\napi-key: k\r\n") == "get / key=k");
    CHECK(client
            .ask("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: api-key\r\n\r\n"
                 "1\r\nx\r\n0\r\napi-key: k\r\n\r\n")
            .body
          == "post / x");
  }

  TEST_CASE("the absolute form of a target says the same as its path") {
    const auto server = serve(echo);
    raw_client client{server->port()};

    CHECK(client.ask(get("http://host:6333/a?b=c://d")).body == "get /a?b=c://d");
    CHECK(client.ask(get("http://host")).body == "get /");
    CHECK(client.ask(get("/a://b")).body == "get /a://b");
  }

  TEST_CASE("pipelined requests are answered in their order, one at a time") {
    desk requests;
    const auto server = serve(requests.handler());
    raw_client client{server->port()};

    client.send(get("/1") + post("/2", "two") + get("/3") + get("/4").substr(0, 5));

    for (const std::string path : {"/1", "/2", "/3"}) {
      auto [asked, respond] = requests.take();
      CHECK(asked.path == path);
      CHECK(server->stats().requests_in_flight == 1);
      respond(plain(asked.path));
      CHECK(client.receive().body == path);
    }
    client.send(get("/4").substr(5));
    auto [last, respond] = requests.take();
    respond(plain(last.path));
    CHECK(client.receive().body == "/4");
  }

  TEST_CASE("bytes may come one by one") {
    const auto server = serve(echo);
    raw_client client{server->port()};
    const auto chunked = "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";

    for (const auto& text : {post("/a", "body"), std::string{chunked}, get("/b")})
      for (const char byte : text)
        REQUIRE(client.send({&byte, 1}));

    CHECK(client.receive().body == "post /a body");
    CHECK(client.receive().body == "post /c abcde");
    CHECK(client.receive().body == "get /b");
  }

  TEST_CASE("a client that asks whether to go on is told so before it sends the body") {
    const auto server = serve(echo);
    raw_client client{server->port()};

    client.send("POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(client.receive(false).status == 100);
    client.send("body");

    CHECK(client.receive().body == "post /a body");
  }

  TEST_CASE("HTTP/1.0 closes unless asked to stay, HTTP/1.1 stays unless asked to close") {
    const auto server = serve(echo);
    raw_client old{server->port()};
    raw_client old_but_loyal{server->port()};
    raw_client parting{server->port()};

    CHECK(old.ask("GET / HTTP/1.0\r\n\r\n").fields.at("connection") == "close");
    CHECK(old.ended());
    const auto loyal = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    CHECK(old_but_loyal.ask(loyal).fields.at("connection") == "keep-alive");
    CHECK(old_but_loyal.ask(loyal).status == 200);
    const auto goodbye = "GET / HTTP/1.1\r\nConnection: close\r\n\r\n";
    CHECK(parting.ask(goodbye).fields.at("connection") == "close");
    CHECK(parting.ended());
  }

  TEST_CASE("a client that ends its side still gets its answer") {
    desk requests;
    const auto server = serve(requests.handler());
    raw_client client{server->port()};

    client.send(get("/"));
    client.end_sending();
    requests.take().second(plain("late"));

    CHECK(client.receive().body == "late");
    CHECK(client.ended());
  }

  TEST_CASE("an answer may come from any thread, and only the first one counts") {
    desk requests;
    const auto server = serve(requests.handler());
    raw_client client{server->port()};

    client.send(get("/a") + get("/b"));
    auto first = requests.take().second;
    std::thread other{[&first] {
      first(plain("one"));
      first(plain("two"));
    }};
    other.join();
    requests.take().second(plain("three"));
    first(plain("four"));

    CHECK(client.receive().body == "one");
    CHECK(client.receive().body == "three");
  }

  TEST_CASE("a request that the handler drops or stumbles over is answered 500") {
    const auto server = serve([](const http::request& asked, const http::respond_fn&) {
      if (asked.path == "/throw")
        throw std::runtime_error{"a fault"};
    });
    raw_client client{server->port()};

    for (const auto* path : {"/drop", "/throw"}) {
      const auto answer = client.ask(get(path));
      CHECK(answer.status == 500);
      CHECK(answer.body
            == R"({"status":{"error":"Service internal error: the request was dropped"},)"
               R"("time":0.0})");
    }
  }

  TEST_CASE("large bodies pass whole in both directions, sized and chunked") {
    const auto server = serve([](http::request asked, const http::respond_fn& respond) {
      respond(plain(std::move(asked.body)));
    });
    raw_client client{server->port()};
    std::string body;
    for (int i = 0; body.size() < (8u << 20); ++i)
      body += std::to_string(i) + ",";

    std::thread sender{[&] {
      client.send(post("/", body));
      client.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (std::size_t at = 0; at < body.size(); at += 100'000) {
        const auto piece = std::min<std::size_t>(100'000, body.size() - at);
        char size[16];
        std::snprintf(size, sizeof size, "%zx\r\n", piece);
        client.send(size + body.substr(at, piece) + "\r\n");
      }
      client.send("0\r\n\r\n");
    }};
    const bool sized = client.receive().body == body;
    const bool chunked = client.receive().body == body;
    sender.join();

    CHECK(sized);
    CHECK(chunked);
  }

  TEST_CASE("several threads serve side by side") {
    http::server_options options;
    options.io_threads = 4;
    const auto server = serve(echo, options);

    std::vector<std::thread> crowd;
    std::atomic<int> right{0};
    for (int who = 0; who < 16; ++who)
      crowd.emplace_back([&, who] {
        raw_client client{server->port()};
        for (int i = 0; i < 200; ++i) {
          const auto path = "/" + std::to_string(who) + "/" + std::to_string(i);
          right += client.ask(get(path)).body == "get " + path ? 1 : 0;
        }
      });
    for (auto& each : crowd)
      each.join();

    CHECK(right == 16 * 200);
  }

  TEST_CASE("a handler that works on its thread holds up nobody while another thread is left") {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    http::server_options options;
    options.io_threads = 3;
    const auto server = serve(
      [opened](http::request asked, const http::respond_fn& respond) {
        if (asked.path == "/work")
          opened.wait();
        respond(plain(asked.path));
      },
      options);
    raw_client working[2] = {raw_client{server->port()}, raw_client{server->port()}};
    for (auto& each : working)
      each.send(get("/work") + get("/next"));
    raw_client old{server->port()};

    for (int i = 0; i < 100; ++i) {
      CHECK(old.ask(get("/quick")).body == "/quick");
      CHECK(raw_client{server->port()}.ask(get("/new")).body == "/new");
    }
    CHECK(server->stats().requests_in_flight >= 2);
    gate.set_value();

    for (auto& each : working) {
      CHECK(each.receive().body == "/work");
      CHECK(each.receive().body == "/next");
    }
  }

  TEST_CASE("work that waited while handlers worked is done by the same thread, all of it") {
    std::atomic<int> left{3};
    std::vector<std::thread::id> workers;
    std::promise<void> done;
    http::server_options options;
    options.more_work = [&] {
      if (left == 0)
        return false;
      workers.push_back(std::this_thread::get_id());
      if (--left == 0)
        done.set_value();
      return true;
    };
    std::thread::id handler;
    const auto server = serve(
      [&handler](http::request asked, const http::respond_fn& respond) {
        handler = std::this_thread::get_id();
        respond(plain(asked.path));
      },
      options);
    raw_client client{server->port()};

    CHECK(client.ask(get("/")).body == "/");
    done.get_future().wait();
    CHECK(client.ask(get("/2")).body == "/2");

    CHECK(workers == std::vector<std::thread::id>(3, handler));
  }

  TEST_CASE("under pressure everybody is still told so") {
    const auto server = serve([](const http::request&, const http::respond_fn& respond) {
      http::response busy = plain("busy");
      busy.status = 503;
      respond(std::move(busy));
    });
    std::vector<raw_client> crowd;
    for (int i = 0; i < 50; ++i)
      crowd.emplace_back(server->port());

    for (int round = 0; round < 20; ++round) {
      for (auto& each : crowd)
        each.send(get("/") + get("/"));
      for (auto& each : crowd) {
        REQUIRE(each.receive().status == 503);
        REQUIRE(each.receive().status == 503);
      }
    }

    CHECK(server->stats().requests_answered == 2'000);
  }

  TEST_CASE("whoever has an answer writes it, also while every thread of the server works") {
    std::promise<void> begun;
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    desk requests;
    const auto later = requests.handler();
    const auto server = serve([&, opened](http::request asked, http::respond_fn respond) {
      if (asked.path == "/work") {
        begun.set_value();
        opened.wait();
      }
      later(std::move(asked), std::move(respond));
    });
    raw_client asking{server->port()};
    raw_client working{server->port()};
    asking.send(get("/1") + get("/2"));
    const auto first = requests.take();
    working.send(get("/work"));
    begun.get_future().wait();

    first.second(plain("one"));
    CHECK(asking.receive().body == "one");
    gate.set_value();

    for (int i = 0; i < 2; ++i) {
      auto [asked, respond] = requests.take();
      respond(plain(asked.path));
    }
    CHECK(working.receive().body == "/work");
    CHECK(asking.receive().body == "/2");
  }

  TEST_CASE("an address that cannot be used is refused with its name and the reason") {
    const auto server = serve(echo);
    http::server_options taken;
    taken.port = server->port();
    http::server_options no_address;
    no_address.bind = "localhost";
    http::server_options foreign;
    foreign.bind = "192.0.2.1";

    CHECK(to_string(http::server::start(taken, echo).error())
          == "io_error: cannot listen on 127.0.0.1:" + std::to_string(taken.port)
               + ": Address already in use");
    CHECK(to_string(http::server::start(no_address, echo).error())
          == "bad_config: `localhost` is not a numeric IP address");
    CHECK(http::server::start(foreign, echo).error().code == errc::bad_config);
  }
}
