#include "net/http/multipart.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::http;

namespace {

constexpr std::string_view kind = "multipart/form-data; boundary=XyZ";
constexpr std::string_view body =
    "--XyZ\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nsmall\r\n"
    "--XyZ\r\ncontent-disposition: form-data; filename=\"snapshot\"; name=\"snapshot\"\r\n"
    "Content-Type: application/octet-stream\r\n\r\nany\r\n--Xy bytes\r\n--XyZ--\r\n";

/// Given in pieces of these lengths, the last one again and again.
outcome<std::string> field(std::string_view from, std::string_view content_type,
                           const std::string& name, std::vector<std::size_t> lengths = {1u << 20}) {
  auto reader = multipart_reader::create(content_type, name);
  if (!reader)
    return reader.error();
  std::string found;
  const auto sink = [&found](std::string_view piece) {
    found += piece;
    return status{};
  };
  for (std::size_t i = 0; !from.empty(); ++i) {
    const auto piece = from.substr(0, lengths[std::min(i, lengths.size() - 1)]);
    from.remove_prefix(piece.size());
    if (auto taken = reader->take(piece, sink); !taken.ok())
      return taken;
  }
  if (auto whole = reader->finish(); !whole.ok())
    return whole;
  return found;
}

} // namespace

TEST_SUITE("net.http.multipart") {
  TEST_CASE("fields are found by their names") {
    CHECK(*field(body, kind, "note") == "small");
    CHECK(*field(body, kind, "snapshot") == "any\r\n--Xy bytes");
    CHECK(*field(body, "Multipart/Form-Data; boundary=\"XyZ\"", "note") == "small");
  }

  TEST_CASE("what does not fit is refused") {
    CHECK_FALSE(field(body, kind, "other").ok());
    CHECK_FALSE(field(body, "application/json", "note").ok());
    CHECK_FALSE(field(body, "multipart/form-data", "note").ok());
    CHECK_FALSE(field(body, "multipart/form-data; boundary=Abc", "note").ok());
    CHECK_FALSE(field("", kind, "note").ok());
    CHECK(field("--XyZ\r\n" + std::string(100'000, 'x'), kind, "note").error().code
          == errc::malformed);
  }

  TEST_CASE("a body that is cut anywhere is not whole, unless the field is") {
    const auto end = body.find("\r\n--XyZ--") + 7;
    for (std::size_t length = 0; length < body.size(); ++length) {
      const auto found = field(body.substr(0, length), kind, "snapshot");
      CHECK(found.ok() == (length >= end));
      if (found)
        CHECK(*found == "any\r\n--Xy bytes");
    }
  }

  TEST_CASE("in whatever pieces it comes, and whatever it holds, the field is the same") {
    std::mt19937 random{9};
    for (int round = 0; round < 2'000; ++round) {
      std::string content;
      for (auto left = random() % 60; left > 0; --left)
        content += std::string{"\r\n--XyZa"}[random() % 8];
      if (content.find("\r\n--XyZ") != std::string::npos)
        continue;
      const auto whole = "--XyZ\r\ncontent-disposition: form-data; name=f\r\n\r\n" + content
                         + "\r\n--XyZ\r\n\r\n\r\nmore\r\n--XyZ--";
      std::vector<std::size_t> lengths;
      for (int i = 0; i < 40; ++i)
        lengths.push_back(1 + random() % 9);
      const auto found = field(whole, kind, "f", lengths);
      REQUIRE(found.ok());
      CHECK(*found == content);
    }
  }

  TEST_CASE("what the sink refuses ends the reading") {
    auto reader = multipart_reader::create(kind, "snapshot");
    REQUIRE(reader.ok());
    const auto full = [](std::string_view) { return status{errc::no_space, "full"}; };
    CHECK(reader->take(body, full).code == errc::no_space);
  }
}
