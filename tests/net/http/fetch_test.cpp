#include "net/http/fetch.hpp"

#include "tests/net/http/one_answer.hpp"
#include "tests/net/http/served.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fstream>
#include <iterator>

using namespace grape;
using namespace grape::test;

namespace {

using namespace std::chrono_literals;

http::fetch_options with(const std::string& api_key = {},
                         std::uint64_t bytes_max = std::uint64_t{1} << 30) {
  return {.api_key = api_key, .bytes_max = bytes_max};
}

/// /none: nothing; else 3 MiB and the key that came with the question.
http::handler_fn shelf() {
  return [](const http::request& asked, const http::respond_fn& respond) {
    auto answer = plain(std::string(3u << 20, 'x') + asked.api_key);
    if (asked.path == "/none")
      answer.status = 404;
    respond(std::move(answer));
  };
}

std::string at(const http::server& of, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(of.port()) + path;
}

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace

TEST_SUITE("net.http.fetch") {
  TEST_CASE("what comes is in the file, and how much is told") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(shelf());
    const auto path = folder.path() + "/got";

    const auto got = http::fetch(at(*server, "/data"), path, with("secret"));

    REQUIRE(got.ok());
    CHECK(*got == (3u << 20) + 6);
    CHECK(content_of(path) == std::string(3u << 20, 'x') + "secret");
  }

  TEST_CASE("refusals, and more than there is room for") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(shelf());
    const auto path = folder.path() + "/got";

    CHECK(http::fetch(at(*server, "/none"), path, with()).error().code == errc::bad_request);
    CHECK(http::fetch(at(*server, "/data"), path, with("", 1'000)).error().code == errc::too_large);
    CHECK(http::fetch(at(*server, "/data"), folder.path(), with()).error().code
          == errc::io_error);
  }

  TEST_CASE("what is no URL, and where nobody is") {
    const grape::testing::temporary_directory folder;
    const auto path = folder.path() + "/got";
    for (const auto* url : {"", "ftp://host/x", "http://", "http://:80/x", "words", "http:/x"})
      CHECK_MESSAGE(http::fetch(url, path, with()).error().code == errc::bad_request, url);
    std::uint16_t free_port = 0;
    { free_port = serve(shelf())->port(); }
    const auto nobody =
        http::fetch("http://127.0.0.1:" + std::to_string(free_port) + "/x", path, with());
    CHECK(nobody.error().code == errc::bad_request);
  }

  TEST_CASE("the Host field has the port, a password goes along and is not told in errors") {
    const grape::testing::temporary_directory folder;
    one_answer server{{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                       "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"}};
    const auto own = "127.0.0.1:" + std::to_string(server.port());
    const auto url = "http://me:geheim@" + own + "/file?token=geheim";

    CHECK(http::fetch(url, folder.path() + "/got", with("key")).ok());
    const auto refused = http::fetch(url, folder.path() + "/got", with());

    REQUIRE(server.asked().size() == 2);
    const auto& head = server.asked().front();
    CHECK(head.find("\r\nHost: " + own + "\r\n") != std::string::npos);
    CHECK(head.find("Authorization: Basic bWU6Z2VoZWlt\r\n") != std::string::npos);
    CHECK(head.find("api-key: key\r\n") != std::string::npos);
    CHECK(refused.error()
          == status{errc::bad_request, "cannot get http://" + own + "/file: the answer is 403"});
  }

  TEST_CASE("redirections are followed, relative ones too; a key stays on its server") {
    const grape::testing::temporary_directory folder;
    const auto target = serve(shelf());
    const auto moved = [](const std::string& to) {
      return "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + to + "\r\n\r\n";
    };
    one_answer server{{moved("../b?x=1"), moved("//127.0.0.1:" + std::to_string(target->port())
                                                + "/data")}};
    const auto path = folder.path() + "/got";

    const auto got = http::fetch("http://127.0.0.1:" + std::to_string(server.port()) + "/a/a", path,
                                 with("secret"));

    REQUIRE(got.ok());
    CHECK(content_of(path) == std::string(3u << 20, 'x'));
    REQUIRE(server.asked().size() == 2);
    CHECK(server.asked()[1].starts_with("GET /b?x=1 HTTP/1.1\r\n"));
    CHECK(server.asked()[1].find("api-key: secret") != std::string::npos);

    one_answer round{std::vector<std::string>(9, moved("/again"))};
    CHECK(http::fetch("http://127.0.0.1:" + std::to_string(round.port()) + "/", path, with())
              .error()
              .code
          == errc::bad_request);
  }

  TEST_CASE("who does not go on is left: in time, slowly, or because nobody wants it any more") {
    const grape::testing::temporary_directory folder;
    const std::string begun = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsome~";
    one_answer server{{begun, begun, begun, "~"}};
    const auto url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
    const auto fetched = [&](http::fetch_options how) {
      return http::fetch(url, folder.path() + "/got", how).error().code;
    };
    auto late = with();
    late.within = 100ms;
    auto slow = with();
    slow.stall = 100ms;
    auto unwanted = with();
    int looks = 0;
    unwanted.given_up = [&looks] { return ++looks > 1; };

    CHECK(fetched(late) == errc::timed_out);
    CHECK(fetched(slow) == errc::timed_out);
    CHECK(fetched(unwanted) == errc::cancelled);
    CHECK(fetched(late) == errc::timed_out); // Not even a head.
  }
}
