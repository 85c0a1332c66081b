#include "net/http/fetch.hpp"

#include "tests/net/http/served.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fstream>
#include <iterator>

using namespace grape;
using namespace grape::test;

namespace {

constexpr std::uint64_t plenty = std::uint64_t{1} << 30;

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

    const auto got = http::fetch(at(*server, "/data"), path, "secret", plenty);

    REQUIRE(got.ok());
    CHECK(*got == (3u << 20) + 6);
    CHECK(content_of(path) == std::string(3u << 20, 'x') + "secret");
  }

  TEST_CASE("refusals, and more than there is room for") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(shelf());
    const auto path = folder.path() + "/got";

    CHECK(http::fetch(at(*server, "/none"), path, "", plenty).error().code == errc::bad_request);
    CHECK(http::fetch(at(*server, "/data"), path, "", 1'000).error().code == errc::too_large);
    CHECK(http::fetch(at(*server, "/data"), folder.path(), "", plenty).error().code
          == errc::io_error);
  }

  TEST_CASE("what is no URL, and where nobody is") {
    const grape::testing::temporary_directory folder;
    const auto path = folder.path() + "/got";
    for (const auto* url : {"", "ftp://host/x", "http://", "http://:80/x", "words", "http:/x"})
      CHECK_MESSAGE(http::fetch(url, path, "", plenty).error().code == errc::bad_request, url);
    std::uint16_t free_port = 0;
    { free_port = serve(shelf())->port(); }
    const auto nobody =
        http::fetch("http://127.0.0.1:" + std::to_string(free_port) + "/x", path, "", plenty);
    CHECK(nobody.error().code == errc::bad_request);
  }
}
