#include "tests/net/http/served.hpp"
#include "tests/support/temporary_directory.hpp"

#include <fstream>

using namespace grape;
using namespace grape::test;

TEST_SUITE("net.http.server_files") {
  TEST_CASE("a file is sent as it is, under the name it is given, and the connection stays") {
    const grape::testing::temporary_directory folder;
    const auto path = folder.path() + "/data";
    std::string content;
    for (int i = 0; content.size() < (3u << 20); ++i)
      content += std::to_string(i) + ",";
    std::ofstream{path, std::ios::binary} << content;
    const auto server = serve([&](const http::request& asked, const http::respond_fn& respond) {
      auto answer = plain("");
      auto file = http::body_file::open(path, "a \"b\"\r\n.snapshot");
      REQUIRE(file.ok());
      if (asked.path == "/file")
        answer.file = std::make_shared<const http::body_file>(std::move(*file));
      respond(std::move(answer));
    });
    raw_client client{server->port()};

    client.send("GET /file HTTP/1.1\r\n\r\n");
    const auto whole = client.receive();
    client.send("GET /other HTTP/1.1\r\n\r\n");
    const auto other = client.receive();

    CHECK(whole.body == content);
    CHECK(whole.fields.at("content-disposition") == "attachment; filename=\"a b.snapshot\"");
    CHECK(other.status == 200);
    CHECK_FALSE(http::body_file::open(folder.path() + "/none", "x").ok());
    CHECK_FALSE(http::body_file::open(folder.path(), "x").ok());
  }
}
