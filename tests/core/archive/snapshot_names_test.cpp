#include "core/archive/snapshot_names.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::archive;

TEST_SUITE("core.archive.snapshot_names") {
  TEST_CASE("names say whose, by which node and when, and are never given twice") {
    const std::uint64_t at = 1'795'921'507;
    const auto first = snapshot_name("words", 2, at, {});
    CHECK(first == "words-2-2026-11-29-03-05-07.snapshot");
    CHECK(snapshot_name("words", 2, at, {first}) == "words-2-2026-11-29-03-05-07-2.snapshot");
    CHECK(is_snapshot_name(first));
    CHECK_FALSE(is_snapshot_name(checksum_name(first)));
  }

  TEST_CASE("whatever a collection may be called, its snapshots are files") {
    CHECK(is_snapshot_name(snapshot_name(".hidden", 1, 0, {})));
    const auto name = snapshot_name("x" +
                                        [] {
                                          std::string many;
                                          for (int i = 0; i < 100; ++i)
                                            many += "ü";
                                          return many;
                                        }(),
                                    4'000'000'000, 0, {});
    CHECK(checksum_name(name).size() < 240);
    CHECK(name.starts_with("xü"));
    CHECK(name.find("ü-4000000000-1970-01-01") == 159 - 2); // Cut before a character that is whole.
  }

  TEST_CASE("names that lead elsewhere are none") {
    for (const auto* name :
         {"", ".snapshot", "../x.snapshot", "a/b.snapshot", "/etc/passwd", "x.snapshot.unfinished"})
      CHECK_MESSAGE(!is_snapshot_name(name), name);
  }

  TEST_CASE("file URLs") {
    CHECK(*path_of_file_url("file:///a/b%20c.snapshot") == "/a/b c.snapshot");
    CHECK(*path_of_file_url("file://localhost/a") == "/a");
    CHECK(*path_of_file_url("file:///a%2") == "/a%2");
    for (const auto* url :
         {"file://whatever.snapshot", "file://host/a", "file://", "http://a/b", "",
          "file:///a%00b"})
      CHECK_MESSAGE(path_of_file_url(url).error().code == errc::bad_request, url);
    CHECK(path_of_file_url(std::string_view{"file:///a\0b", 11}).error().code == errc::bad_request);
  }

  TEST_CASE("checksums") {
    CHECK(is_sha256_text(std::string(64, 'a')));
    CHECK(is_sha256_text(std::string(64, 'F')));
    CHECK_FALSE(is_sha256_text("abc"));
    CHECK_FALSE(is_sha256_text(std::string(64, 'g')));
  }
}
