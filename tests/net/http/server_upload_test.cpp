#include "net/http/upload.hpp"
#include "tests/net/http/served.hpp"
#include "tests/support/temporary_directory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace grape;
using namespace grape::test;
using namespace std::chrono_literals;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// /file goes to the disk; /locked is refused before it is read.
http::body_plan plan(const http::request& asked) {
  http::body_plan made;
  made.to_file = asked.path == "/file";
  if (asked.path == "/locked") {
    made.refused = plain("who are you?");
    made.refused->status = 401;
  }
  return made;
}

http::server_options keeping(const grape::testing::temporary_directory& in) {
  http::server_options options;
  options.body_bytes_max = 1'000;
  options.plan_body = plan;
  options.uploads.folder = in.path() + "/incoming";
  return options;
}

/// Answers with what the file holds, or "memory " and the body.
void tell(http::request asked, const http::respond_fn& respond) {
  respond(plain(asked.received ? content_of(asked.received->path()) : "memory " + asked.body));
}

std::size_t files_in(const grape::testing::temporary_directory& folder) {
  std::size_t count = 0;
  for (const auto& each : std::filesystem::recursive_directory_iterator{folder.path()})
    count += each.is_regular_file() ? 1 : 0;
  return count;
}

/// Whether so many files are seen at some moment of the next ten seconds.
bool comes_to(const grape::testing::temporary_directory& folder, std::size_t files) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (files_in(folder) != files) {
    if (std::chrono::steady_clock::now() > give_up)
      return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// Only for uploads that have begun: their connections' tasks have ended then.
bool becomes_empty(const grape::testing::temporary_directory& folder) {
  return comes_to(folder, 0);
}

std::string head_of(const std::string& path, std::uint64_t length, const std::string& more = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(length)
         + "\r\n" + more + "\r\n";
}

} // namespace

TEST_SUITE("net.http.server_upload") {
  TEST_CASE("a body far over the limit of bodies is in a file, which goes with its request") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(tell, keeping(folder));
    raw_client client{server->port()};
    std::string body;
    for (int i = 0; body.size() < 5u << 20; ++i)
      body += std::to_string(i) + " ";

    const auto sized = client.ask(post("/file", body));
    CHECK(sized.status == 200);
    CHECK((sized.body == body));
    std::string chunked = "POST /file HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < body.size(); at += 99'999) {
      const auto piece = body.substr(at, 99'999);
      char size[16];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      chunked += size + piece + "\r\n";
    }
    CHECK((client.ask(chunked + "0\r\n\r\n").body == body));
    CHECK(client.ask(post("/other", "small")).body == "memory small");
    CHECK(client.ask(post("/other", body)).status == 400);
    CHECK(becomes_empty(folder));
  }

  TEST_CASE("of a form the file is one field") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(tell, keeping(folder));
    raw_client client{server->port()};
    const std::string content(200'000, 'y');
    const auto form = "--B\r\ncontent-disposition: form-data; name=\"snapshot\"\r\n\r\n" + content
                      + "\r\n--B--\r\n";
    const std::string kind = "Content-Type: multipart/form-data; boundary=B\r\n";

    CHECK((client.ask(head_of("/file", form.size(), kind) + form).body == content));
    const auto wrong =
        client.ask(head_of("/file", form.size(), kind) + std::string(form.size(), 'z'));
    CHECK(wrong.status == 400);
    CHECK(wrong.body.find("Multipart error") != std::string::npos);
    CHECK(becomes_empty(folder));
  }

  TEST_CASE("who is not let in need not send a body, nor one for which there is no room") {
    const grape::testing::temporary_directory folder;
    auto options = keeping(folder);
    options.uploads.bytes_max = 5'000;
    const auto server = serve(tell, options);
    options.uploads.free_bytes_min = std::uint64_t{1} << 62;
    const auto full = serve(tell, options);

    raw_client locked{server->port()};
    CHECK(locked.ask(head_of("/locked", 900)).status == 401);
    CHECK(locked.ended());
    raw_client large{server->port()};
    const auto refused = large.ask(head_of("/file", 5'001));
    CHECK(refused.status == 400);
    CHECK(refused.body.find("limit: 5000 bytes") != std::string::npos);
    raw_client chunked{server->port()};
    CHECK(chunked
              .ask("POST /file HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1770\r\n"
                   + std::string(6'000, 'x'))
              .status
          == 400);
    raw_client roomless{full->port()};
    const auto no_room = roomless.ask(head_of("/file", 10));
    CHECK(no_room.status == 507);
    CHECK(no_room.body.find("Insufficient storage") != std::string::npos);
    CHECK(becomes_empty(folder));
  }

  TEST_CASE("nothing stays of an upload whose client leaves") {
    const grape::testing::temporary_directory folder;
    const auto server = serve(tell, keeping(folder));
    {
      raw_client leaves{server->port()};
      leaves.send(head_of("/file", 1u << 20) + std::string(100'000, 'x'));
      CHECK(comes_to(folder, 1));
    }
    CHECK(becomes_empty(folder));
    CHECK(server->stats().connections_timed_out == 0);
  }

  TEST_CASE("nothing stays of an upload whose client does not go on") {
    const grape::testing::temporary_directory folder;
    auto options = keeping(folder);
    options.stall_timeout = 60ms;
    const auto server = serve(tell, options);
    raw_client stalls{server->port()};
    stalls.send(head_of("/file", 1u << 20) + std::string(100'000, 'x'));
    CHECK(stalls.ended());
    CHECK(becomes_empty(folder));
    CHECK(server->stats().connections_timed_out == 1);
  }

  TEST_CASE("so many at once and no more; the next one finds a place when one has ended") {
    const grape::testing::temporary_directory folder;
    auto options = keeping(folder);
    options.uploads.at_once_max = 1;
    const auto server = serve(tell, options);
    raw_client first{server->port()};
    first.send(head_of("/file", 10, "Expect: 100-continue\r\n"));
    CHECK(first.receive(false).status == 100); // It has its place.

    raw_client second{server->port()};
    CHECK(second.ask(head_of("/file", 10)).status == 503);
    CHECK(first.ask("0123456789").body == "0123456789");
    raw_client third{server->port()};
    CHECK(third.ask(post("/file", "abc")).body == "abc");
  }
}
