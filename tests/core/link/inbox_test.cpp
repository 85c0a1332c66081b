#include "core/link/inbox.hpp"

#include "tests/core/link/forge.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

using namespace grape;
using namespace grape::testing;
using link::arrival;
using link::frame_number;
using link::inbox;
using link::lane;

namespace {

std::size_t allocated_bytes = 0; // Since the start of the program.

} // namespace

// Counts what everything in this program allocates, to hold that forged lengths allocate nothing.
void* operator new(std::size_t bytes) {
  allocated_bytes += bytes;
  if (auto* memory = std::malloc(bytes))
    return memory;
  throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

/// The fragment of stream `stream` at `offset` of a parcel of `total` bytes.
std::string fragment(std::uint64_t number, std::uint64_t stream, std::uint32_t offset,
                     std::uint32_t total, lane on = lane::bulk) {
  const std::string bytes(std::min<std::size_t>(link::fragment_bytes_max, total - offset), 'x');
  const link::fragment_place place{.stream = stream, .offset = offset, .total = total};
  return frame_of(number, {{.on = on, .bytes = bytes, .place = place}});
}

std::string whole(std::uint64_t number, std::string_view bytes) {
  return frame_of(number, {{.on = lane::normal, .bytes = bytes, .place = {}}});
}

constexpr std::uint32_t two = 100'000;                     // Bytes of a parcel of two fragments,
constexpr std::uint32_t second = link::fragment_bytes_max; // and where the second one begins.

TEST_SUITE("core.link.inbox") {
  TEST_CASE("whole parcels come at once, fragments once they are complete") {
    inbox in;
    const auto first =
        in.accept(frame_of(1, {{.on = lane::urgent, .bytes = "vote", .place = {}},
                               {.on = lane::normal, .bytes = "append", .place = {}}}));
    REQUIRE(first.ok());
    CHECK(first->parcels == std::vector<arrival>{{lane::urgent, "vote"}, {lane::normal, "append"}});
    CHECK(first->number == frame_number{1});

    CHECK(in.accept(fragment(2, 1, 0, two))->parcels.empty());
    CHECK(in.unjoined_bytes() == second);
    CHECK(in.accept(whole(3, "overtakes"))->parcels.size() == 1);
    const auto last = in.accept(fragment(4, 1, second, two));
    REQUIRE(last.ok());
    CHECK(last->parcels == std::vector<arrival>{{lane::bulk, std::string(two, 'x')}});
    CHECK(in.unjoined_bytes() == 0);
  }

  TEST_CASE("streams of two lanes are joined side by side") {
    inbox in;
    CHECK(in.accept(fragment(1, 1, 0, two, lane::bulk)).ok());
    CHECK(in.accept(fragment(2, 2, 0, two, lane::normal)).ok());
    CHECK(in.accept(fragment(3, 1, second, two, lane::bulk))->parcels.front().on == lane::bulk);
    CHECK(in.accept(fragment(4, 2, second, two, lane::normal))->parcels.front().on == lane::normal);
  }

  TEST_CASE("a frame that is missing or comes twice is named") {
    inbox in;
    CHECK(in.accept(whole(1, "x")).ok());
    CHECK(in.accept(whole(3, "x")).error()
          == status{errc::corrupted, "link: frame 3 came where frame 2 was due"});
    in.closed();
    CHECK(in.accept(whole(1, "x")).ok());
    CHECK(in.accept(whole(1, "x")).error().detail == "link: frame 1 came where frame 2 was due");
  }

  TEST_CASE("a frame that only acknowledges has no number and takes none") {
    inbox in;
    CHECK(in.accept(whole(1, "x")).ok());
    const auto word = in.accept(frame_of(0, "", 12));
    REQUIRE(word.ok());
    CHECK(word->number == frame_number{});
    CHECK(word->acknowledged == frame_number{12});
    CHECK(in.accept(whole(2, "x")).ok());
  }

  TEST_CASE("fragments that are unknown, doubled, lost or out of order are refused") {
    const auto after_one = [](const std::string& frame) {
      inbox in;
      REQUIRE(in.accept(fragment(1, 4, 0, two)).ok());
      return in.accept(frame).error();
    };
    const auto after_all = [](const std::string& frame) {
      inbox in;
      REQUIRE(in.accept(fragment(1, 4, 0, two)).ok());
      REQUIRE(in.accept(fragment(2, 4, second, two)).ok());
      return in.accept(frame).error();
    };
    CHECK(inbox{}.accept(fragment(1, 1, second, two)).error()
          == status{errc::corrupted, "link: a fragment of stream 1 on lane bulk, which has not "
                                     "begun or is complete"});
    CHECK(after_one(fragment(2, 5, second, two)).detail
          == "link: a fragment of stream 5 on lane bulk, which has not begun or is complete");
    CHECK(after_one(fragment(2, 4, second, two, lane::normal)).code == errc::corrupted);
    CHECK(after_one(fragment(2, 4, 0, two)).detail
          == "link: a first fragment of stream 4 on lane bulk, but stream 4 is not complete");
    CHECK(after_one(fragment(2, 5, 0, two)).detail
          == "link: a first fragment of stream 5 on lane bulk, but stream 4 is not complete");
    CHECK(after_one(fragment(2, 4, second, two + 1)).detail
          == "link: a fragment of stream 4 on lane bulk says that the parcel has 100001 bytes, the "
             "first one said 100000");
    CHECK(after_all(fragment(3, 4, second, two)).code == errc::corrupted);
    CHECK(after_all(fragment(3, 4, 0, two)).detail
          == "link: a second first fragment of stream 4 on lane bulk");
    CHECK(after_all(fragment(3, 3, 0, two)).code == errc::corrupted);

    inbox in;
    REQUIRE(in.accept(fragment(1, 1, 0, 3 * second)).ok());
    CHECK(in.accept(fragment(2, 1, 2 * second, 3 * second)).error().detail
          == "link: the fragment at byte 131072 of stream 1 on lane bulk came where that at byte "
             "65536 was due");
  }

  TEST_CASE("after an error nothing is kept and nothing is accepted, until another connection") {
    inbox in;
    REQUIRE(in.accept(fragment(1, 1, 0, two)).ok());
    const auto why = in.accept("garbage").error();
    CHECK(in.unjoined_bytes() == 0);
    CHECK(in.accept(whole(2, "x")).error() == why);

    in.closed();
    CHECK(in.accept(whole(1, "x")).ok());
  }

  TEST_CASE("a length that claims gigabytes allocates nothing") {
    using namespace std::string_literals;
    const auto allocates = [](const std::string& frame) {
      inbox in;
      const auto before = allocated_bytes;
      const auto answer = in.accept(frame);
      CHECK_FALSE(answer.ok());
      return allocated_bytes - before;
    };
    CHECK(allocates(frame_of(1, "\3\0\0\0\0\340"s)) < 1'000);
    // Stream 1, offset 0, 3.5 GiB in all, of which a byte is here; then all of a first fragment.
    const auto place = "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\340"s;
    CHECK(allocates(frame_of(1, "\3\1\1\0\0\0"s + place + "x")) < 1'000);
    CHECK(allocates(frame_of(1, "\3\1\0\0\1\0"s + place + std::string(65'536, 'x'))) < 1'000);
  }

  TEST_CASE("a parcel takes memory only as it arrives, and twice its size while it is joined") {
    inbox in;
    constexpr auto total = static_cast<std::uint32_t>(link::parcel_bytes_max);
    std::uint64_t number = 0;
    for (std::uint32_t offset = 0; offset < total; offset += link::fragment_bytes_max) {
      const auto frame = fragment(++number, 1, offset, total);
      const auto is_last = offset + link::fragment_bytes_max >= total;
      const auto before = allocated_bytes;
      const auto brought = in.accept(frame);
      REQUIRE(brought.ok());
      CHECK(brought->parcels.size() == (is_last ? 1 : 0));
      // The fragment and, now and then, the list of fragments; at the end the parcel.
      CHECK(allocated_bytes - before
            < link::fragment_bytes_max + 64'000 + (is_last ? total : std::size_t{0}));
    }
  }

  TEST_CASE("a frame of the smallest parcels takes a small multiple of its bytes") {
    std::string pieces;
    while (pieces.size() + 7 <= link::frame_bytes_max - link::frame_header_bytes)
      pieces.append("\2\0\1\0\0\0x", 7);
    const auto frame = frame_of(1, pieces);
    inbox in;
    const auto before = allocated_bytes;
    CHECK(in.accept(frame)->parcels.size() == pieces.size() / 7);
    CHECK(allocated_bytes - before < 20 * frame.size());
  }
}

} // namespace
