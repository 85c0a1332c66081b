#include "core/link/frame.hpp"

#include "tests/core/link/forge.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::testing;
using link::fragment_bytes_max;
using link::frame_number;
using link::frame_reader;
using link::lane;
using link::piece;

namespace {

const std::string last_fragment(1'000, 'z');

/// One piece of each kind.
std::string example() {
  link::frame_writer frame;
  frame.add({.on = lane::urgent, .bytes = "a vote", .place = {}});
  frame.add({.on = lane::heartbeat, .bytes = "a heartbeat", .place = {}});
  frame.add({.on = lane::normal, .bytes = "an append", .place = {}});
  frame.add({.on = lane::bulk,
             .bytes = last_fragment,
             .place = link::fragment_place{.stream = 5, .offset = 65'536, .total = 66'536}});
  return frame.take(frame_number{7}, frame_number{300});
}

/// What reading all of a frame ends with.
status read_to_end(std::string_view frame) {
  auto reader = frame_reader::open(frame);
  if (!reader)
    return reader.error();
  while (!reader->at_end())
    if (const auto next = reader->next(); !next)
      return next.error();
  return {};
}

TEST_SUITE("core.link.frame") {
  TEST_CASE("the bytes are those of the first release") {
    CHECK(is_golden("link-frame.bin", example()));
  }

  TEST_CASE("pieces come back as they were put in") {
    const auto frame = example();
    auto reader = frame_reader::open(frame);
    REQUIRE(reader.ok());
    CHECK(reader->number() == frame_number{7});
    CHECK(reader->acknowledged() == frame_number{300});
    const auto vote = reader->next();
    REQUIRE(vote.ok());
    CHECK(vote->on == lane::urgent);
    CHECK(vote->bytes == "a vote");
    CHECK_FALSE(vote->place.has_value());
    CHECK(reader->next()->bytes == "a heartbeat");
    CHECK(reader->next()->on == lane::normal);
    CHECK_FALSE(reader->at_end());
    const auto fragment = reader->next();
    REQUIRE(fragment.ok());
    CHECK(fragment->bytes == last_fragment);
    CHECK(fragment->place == link::fragment_place{5, 65'536, 66'536});
    CHECK(reader->at_end());
  }

  TEST_CASE("cut, flipped or lengthened bytes are refused") {
    const auto whole = example();
    REQUIRE(read_to_end(whole).ok());
    for (std::size_t length = 0; length < whole.size(); ++length)
      CHECK(frame_reader::open(whole.substr(0, length)).error().code == errc::corrupted);
    CHECK(frame_reader::open(whole + '\0').error().code == errc::corrupted);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto damaged = whole;
      damaged[bit / 8] ^= static_cast<char>(1 << bit % 8);
      CHECK_FALSE(frame_reader::open(damaged).ok());
    }
  }

  TEST_CASE("bytes left over, and pieces longer than what is left, are refused") {
    using namespace std::string_literals;
    CHECK(read_to_end(frame_of(1, "\2\0\1\0\0\0a\2\7\1\0\0\0b"s)).detail
          == "frame of a link: it holds neither a parcel nor a fragment");
    CHECK(read_to_end(frame_of(1, "\2\0\1\0\0\0a\2\0\1\0\0"s))
          == status{errc::corrupted, "frame of a link: bytes are left over at its end"});
    CHECK(read_to_end(frame_of(1, "\2\0\0\0\0\340a"s))
          == status{errc::corrupted,
                    "frame of a link: it holds a piece of 3758096384 bytes, but 7 are left"});
    CHECK(read_to_end(frame_of(1, "\2\0\3\0\0\0ab"s)).code == errc::corrupted);
    CHECK(read_to_end(frame_of(1, "\2\1\1\0\0\0a"s)).code == errc::corrupted);
  }

  TEST_CASE("another version is refused as such, whatever the rest is") {
    for (const std::string rest : {"", "x", "anything at all, of any length"})
      CHECK(frame_reader::open("\x02" + rest).error()
            == status{errc::wrong_version,
                      "frame of a link: version 2, this program reads version 1"});
  }

  TEST_CASE("an unknown lane or kind of piece is refused") {
    using namespace std::string_literals;
    CHECK(read_to_end(frame_of(1, "\4\0\1\0\0\0a"s))
          == status{errc::corrupted, "frame of a link: lane 4 is unknown"});
    CHECK(read_to_end(frame_of(1, "\377\0\1\0\0\0a"s)).detail
          == "frame of a link: lane 255 is unknown");
    CHECK(read_to_end(frame_of(1, "\2\2\1\0\0\0a"s)).code == errc::corrupted);
    CHECK(read_to_end(frame_of(1, "\3\0\1\0\0\0a"s)).ok());
  }

  TEST_CASE("a frame has a number if it has pieces, and none otherwise") {
    CHECK(frame_reader::open(frame_of(0, "")).ok());
    CHECK(frame_reader::open(frame_of(3, "")).error().code == errc::corrupted);
    CHECK(frame_reader::open(frame_of(0, "x")).error().code == errc::corrupted);
  }

  TEST_CASE("a frame over the limit is refused") {
    const auto longest = link::frame_bytes_max - link::frame_header_bytes;
    CHECK(frame_reader::open(frame_of(1, std::string(longest, 'x'))).ok());
    CHECK(
        frame_reader::open(frame_of(1, std::string(longest + 1, 'x'))).error()
        == status{errc::too_large,
                  "frame of a link: it comes with a length of 262145 bytes, the limit is 262144"});
  }

  TEST_CASE("whole parcels are neither empty nor longer than their lane allows") {
    const auto read = [](lane on, std::size_t bytes) {
      const std::string body(bytes, 'x');
      return read_to_end(frame_of(1, {{.on = on, .bytes = body, .place = {}}})).code;
    };
    CHECK(read(lane::urgent, 16'384) == errc::ok);
    CHECK(read(lane::urgent, 16'385) == errc::too_large);
    CHECK(read(lane::heartbeat, 16'385) == errc::too_large);
    CHECK(read(lane::normal, fragment_bytes_max) == errc::ok);
    CHECK(read(lane::normal, fragment_bytes_max + 1) == errc::too_large);
    CHECK(read(lane::bulk, fragment_bytes_max + 1) == errc::too_large);
    CHECK(read(lane::bulk, 0) == errc::corrupted);
  }

  TEST_CASE("a fragment is as long as its place asks for, in a parcel that needs fragments") {
    const auto read = [](lane on, std::size_t bytes, std::uint32_t offset, std::uint32_t total) {
      const std::string body(bytes, 'x');
      const link::fragment_place place{.stream = 1, .offset = offset, .total = total};
      return read_to_end(frame_of(1, {{.on = on, .bytes = body, .place = place}}));
    };
    CHECK(read(lane::bulk, 65'536, 0, 65'537).ok());
    CHECK(read(lane::bulk, 1, 65'536, 65'537).ok());
    CHECK(read(lane::normal, 65'536, 0, link::parcel_bytes_max).ok());
    CHECK(read(lane::bulk, 65'535, 0, 65'537).code == errc::corrupted);
    CHECK(read(lane::bulk, 2, 65'536, 65'537).code == errc::corrupted);
    CHECK(read(lane::bulk, 0, 65'537, 65'537).code == errc::corrupted);
    CHECK(read(lane::bulk, 1, 4'000'000'000, 65'537).code == errc::corrupted);
    CHECK(read(lane::bulk, 65'536, 0, 65'536).code == errc::corrupted);
    CHECK(read(lane::urgent, 65'536, 0, 65'537).code == errc::too_large);
    CHECK(read(lane::normal, 65'536, 0, link::parcel_bytes_max + 1)
          == status{errc::too_large, "frame of a link: it holds a fragment of a normal parcel of "
                                     "33619969 bytes, the limit is 33619968"});
  }
}

} // namespace
