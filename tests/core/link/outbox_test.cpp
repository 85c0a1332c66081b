#include "core/link/outbox.hpp"

#include "tests/core/link/forge.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace grape;
using namespace grape::testing;
using link::arrivals;
using link::frame_number;
using link::inbox;
using link::lane;
using link::outbox;
using link::ticket;

namespace {

constexpr std::size_t kib = 1024;

/// What one frame carries.
struct content {
  std::array<int, link::lane_count> wholes{};
  std::array<int, link::lane_count> fragments{};
  std::size_t bytes = 0;
  std::uint64_t number = 0;
  std::uint64_t acknowledged = 0;

  int of(lane on) const { return wholes[static_cast<std::size_t>(on)]; }
  int fragments_of(lane on) const { return fragments[static_cast<std::size_t>(on)]; }
};

content content_of(const std::string& frame) {
  auto reader = link::frame_reader::open(frame);
  REQUIRE(reader.ok());
  content found{.bytes = frame.size(),
                .number = reader->number().value,
                .acknowledged = reader->acknowledged().value};
  while (!reader->at_end()) {
    const auto next = reader->next();
    REQUIRE(next.ok());
    ++(next->place ? found.fragments : found.wholes)[static_cast<std::size_t>(next->on)];
  }
  return found;
}

content taken(outbox& out, std::uint64_t now_ms = 0) {
  const auto frame = out.take_frame(now_ms);
  REQUIRE(frame.has_value());
  CHECK(frame->size() <= link::frame_bytes_max);
  return content_of(*frame);
}

void fill(outbox& out, lane on, std::size_t bytes) {
  while (out.push(on, std::string(bytes, 'x'), 0).ok())
    continue;
}

/// The peer's word that it has everything up to `frame`.
void acknowledge(outbox& out, std::uint64_t frame) {
  REQUIRE(out.heard({.parcels = {},
                     .number = {},
                     .acknowledged = frame_number{frame},
                     .frame_bytes = link::frame_header_bytes},
                    0)
              .ok());
}

/// The peer's frame `number`, of `bytes`.
arrivals frame_from_peer(std::uint64_t number, std::size_t bytes = 100) {
  return {.parcels = {}, .number = frame_number{number}, .acknowledged = {}, .frame_bytes = bytes};
}

TEST_SUITE("core.link.outbox") {
  TEST_CASE("what is pushed leaves in one frame, in the order of the lanes") {
    outbox out{{}};
    CHECK_FALSE(out.take_frame(0).has_value());
    for (const auto on : {lane::bulk, lane::normal, lane::heartbeat, lane::urgent, lane::urgent})
      REQUIRE(out.push(on, numbered_bytes(static_cast<std::uint64_t>(on), 9), 0).ok());

    const auto frame = out.take_frame(0);
    REQUIRE(frame.has_value());
    const auto brought = inbox{}.accept(*frame);
    REQUIRE(brought.ok());
    REQUIRE(brought->parcels.size() == 5);
    const std::array order{lane::urgent, lane::urgent, lane::heartbeat, lane::normal, lane::bulk};
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(brought->parcels[i].on == order[i]);
      CHECK(brought->parcels[i].bytes == numbered_bytes(static_cast<std::uint64_t>(order[i]), 9));
    }
    CHECK_FALSE(out.take_frame(1'000).has_value());
    CHECK(out.queued_bytes(lane::urgent) == 0);
  }

  TEST_CASE("heartbeats wait for each other, or for any frame that leaves") {
    outbox out{{.flush_ms = 10}};
    REQUIRE(out.push(lane::heartbeat, "first", 100).ok());
    REQUIRE(out.push(lane::heartbeat, "second", 105).ok());
    CHECK_FALSE(out.take_frame(109).has_value());
    CHECK(out.wake_ms() == 110);
    CHECK(taken(out, 110).of(lane::heartbeat) == 2);
    CHECK_FALSE(out.wake_ms().has_value());

    REQUIRE(out.push(lane::heartbeat, "third", 120).ok());
    REQUIRE(out.push(lane::urgent, "vote", 121).ok());
    CHECK(taken(out, 121).of(lane::heartbeat) == 1);
    CHECK_FALSE(out.wake_ms().has_value());

    REQUIRE(out.push(lane::heartbeat, "fourth", 122).ok());
    CHECK(out.wake_ms() == 132);
  }

  TEST_CASE("heartbeats that found no room in a frame leave with the next one") {
    outbox out{{.flush_ms = 10}};
    for (int i = 0; i < 20; ++i)
      REQUIRE(out.push(lane::heartbeat, std::string(16 * kib, 'x'), 100).ok());
    CHECK_FALSE(out.take_frame(109).has_value());
    CHECK(taken(out, 110).of(lane::heartbeat) == 15);
    CHECK(out.wake_ms() == 110);
    CHECK(taken(out, 110).of(lane::heartbeat) == 5);
    CHECK_FALSE(out.wake_ms().has_value());
  }

  TEST_CASE("each lane is bounded by itself: heartbeats and votes pass a queue full of bulk") {
    outbox out{{}};
    fill(out, lane::bulk, 256 * kib);
    fill(out, lane::normal, 30'000 * kib);
    CHECK(out.push(lane::bulk, std::string(256 * kib, 'x'), 0)
          == status{errc::overloaded, "the queue of bulk messages to this peer is full (35398080 "
                                      "of 35651584 bytes); try again later"});
    CHECK(out.push(lane::heartbeat, "heartbeat", 0).ok());
    CHECK(out.push(lane::urgent, "vote", 0).ok());

    fill(out, lane::heartbeat, 1);
    CHECK(out.queued_bytes(lane::heartbeat) > (1u << 20) - 65);
    CHECK(out.queued_bytes(lane::heartbeat) <= 1u << 20);
    CHECK(out.push(lane::urgent, "vote", 0).ok());
    CHECK(out.push(lane::heartbeat, "x", 0).code == errc::overloaded);
  }

  TEST_CASE("what is longer than its lane allows is refused") {
    outbox out{{}};
    CHECK(out.push(lane::normal, std::string(link::parcel_bytes_max, 'x'), 0).ok());
    CHECK(out.push(lane::normal, std::string(link::parcel_bytes_max + 1, 'x'), 0)
          == status{errc::too_large, "a message to another node of 33619969 bytes; the limit of "
                                     "normal ones is 33619968"});
    CHECK(out.push(lane::urgent, std::string(16 * kib, 'x'), 0).ok());
    CHECK(out.push(lane::urgent, std::string(16 * kib + 1, 'x'), 0).code == errc::too_large);
    CHECK(out.push(lane::heartbeat, std::string(16 * kib + 1, 'x'), 0).code == errc::too_large);
  }

  TEST_CASE("short normal parcels overtake fragments, and fragments get their share") {
    outbox out{{}};
    REQUIRE(out.push(lane::normal, std::string(1'000 * kib, 'x'), 0).ok());
    REQUIRE(out.push(lane::normal, "short", 0).ok());

    const auto first = taken(out);
    CHECK(first.of(lane::normal) == 1);
    CHECK(first.fragments_of(lane::normal) == 3);

    fill(out, lane::normal, 60 * kib);
    const auto next = taken(out);
    CHECK(next.of(lane::normal) == 3);
    CHECK(next.fragments_of(lane::normal) == 1);
  }

  TEST_CASE("nobody starves: each frame has a piece of all that waits, and is filled") {
    outbox out{{}};
    REQUIRE(out.push(lane::normal, std::string(20'000 * kib, 'x'), 0).ok());
    std::uint64_t frame = 0;
    while (frame < 200) {
      fill(out, lane::urgent, 16 * kib);
      fill(out, lane::heartbeat, 16 * kib);
      fill(out, lane::normal, 64 * kib);
      fill(out, lane::bulk, 256 * kib);
      const auto full = taken(out);
      CHECK(full.of(lane::urgent) >= 2);
      CHECK(full.of(lane::heartbeat) >= 1);
      CHECK(full.of(lane::normal) >= 1);
      CHECK(full.fragments_of(lane::normal) >= 1);
      CHECK(full.fragments_of(lane::bulk) >= 1);
      CHECK(full.bytes > 240 * kib);
      acknowledge(out, ++frame);
    }
  }

  TEST_CASE("an urgent parcel leaves with the next frame, whatever else waits or is in flight") {
    outbox out{{}};
    fill(out, lane::bulk, 256 * kib);
    fill(out, lane::normal, 100 * kib);
    for (int i = 0; i < 1'000; ++i)
      REQUIRE(out.push(lane::heartbeat, std::string(90, 'x'), 0).ok());
    int frames = 0;
    while (out.take_frame(0)) // Until nothing ordinary may leave any more.
      ++frames;
    CHECK(frames == 3);
    for (int i = 0; i < 8; ++i) {
      REQUIRE(out.push(lane::urgent, "vote", 0).ok());
      const auto frame = taken(out);
      CHECK(frame.of(lane::urgent) == 1);
      CHECK(frame.fragments_of(lane::bulk) == 0);
    }
  }

  TEST_CASE("an urgent backlog leaves at 48 KiB a frame or faster") {
    outbox out{{}};
    fill(out, lane::bulk, 256 * kib);
    fill(out, lane::normal, 64 * kib);
    fill(out, lane::heartbeat, 16 * kib);
    fill(out, lane::urgent, 100);
    const auto backlog = out.queued_bytes(lane::urgent);
    std::uint64_t frames = 0;
    while (out.queued_bytes(lane::urgent) > 0) {
      taken(out);
      acknowledge(out, ++frames);
    }
    CHECK(frames <= 1 + backlog / (48 * kib));
  }

  TEST_CASE("in flight are so many frames and bytes as allowed, until they are acknowledged") {
    outbox few{{.flight_frames_max = 4}};
    for (std::uint64_t i = 1; i <= 3; ++i) {
      REQUIRE(few.push(lane::normal, "x", 0).ok());
      CHECK(taken(few).number == i);
    }
    REQUIRE(few.push(lane::normal, "x", 0).ok());
    CHECK_FALSE(few.take_frame(1'000).has_value());
    REQUIRE(few.push(lane::heartbeat, "waits for company", 2'000).ok());
    CHECK(few.wake_ms() == 2'010);
    REQUIRE(few.push(lane::urgent, "vote", 2'000).ok());
    CHECK(taken(few, 2'000).of(lane::normal) == 0); // The last quarter is for what is urgent.
    REQUIRE(few.push(lane::urgent, "vote", 0).ok());
    CHECK_FALSE(few.take_frame(1'000).has_value());
    acknowledge(few, 1);
    CHECK(taken(few).of(lane::urgent) == 1);
    acknowledge(few, 3);
    CHECK(taken(few).of(lane::normal) == 1);

    outbox bytes{{}};
    fill(bytes, lane::bulk, 256 * kib);
    fill(bytes, lane::urgent, 16 * kib);
    while (bytes.take_frame(1'000))
      CHECK(bytes.flight_bytes() <= 1'024 * kib);
    CHECK(bytes.flight_bytes() > 1'000 * kib);
    acknowledge(bytes, 1);
    CHECK(bytes.flight_bytes() < 770 * kib);
  }

  TEST_CASE("heartbeats without room wait for an acknowledgement, not for a time") {
    outbox out{{.flight_frames_max = 2}};
    for (int i = 0; i < 2; ++i) {
      REQUIRE(out.push(lane::urgent, "vote", 0).ok());
      taken(out);
    }
    REQUIRE(out.push(lane::heartbeat, "heartbeat", 0).ok());
    CHECK_FALSE(out.wake_ms().has_value());
    CHECK_FALSE(out.take_frame(1'000).has_value());
    acknowledge(out, 1);
    CHECK(out.wake_ms() == 10);
    CHECK(taken(out, 1'000).of(lane::heartbeat) == 1);
  }

  TEST_CASE("an acknowledgement goes along, or alone after a while, or at a quarter in flight") {
    outbox out{{.flush_ms = 10}};
    REQUIRE(out.heard(frame_from_peer(1), 50).ok());
    CHECK_FALSE(out.take_frame(59).has_value());
    CHECK(out.wake_ms() == 60);
    auto word = taken(out, 60);
    CHECK(word.number == 0);
    CHECK(word.acknowledged == 1);
    CHECK(out.flight_frames() == 0);
    CHECK_FALSE(out.wake_ms().has_value());

    REQUIRE(out.heard(frame_from_peer(2), 70).ok());
    REQUIRE(out.push(lane::normal, "x", 70).ok());
    word = taken(out, 70);
    CHECK(word.number == 1);
    CHECK(word.acknowledged == 2);
    CHECK_FALSE(out.take_frame(1'000).has_value());

    for (std::uint64_t number = 3; number <= 9; ++number)
      REQUIRE(out.heard(frame_from_peer(number), 80).ok());
    CHECK_FALSE(out.take_frame(80).has_value());
    REQUIRE(out.heard(frame_from_peer(10), 80).ok());
    CHECK(taken(out, 80).acknowledged == 10);

    REQUIRE(out.heard(frame_from_peer(11, 256 * kib), 90).ok());
    CHECK(taken(out, 90).acknowledged == 11);
    REQUIRE(out.heard(frame_from_peer(12), 95).ok());
    CHECK_FALSE(out.take_frame(95).has_value());
  }

  TEST_CASE("an acknowledgement is not acknowledged") {
    outbox out{{}};
    acknowledge(out, 0);
    CHECK_FALSE(out.wake_ms().has_value());
    CHECK_FALSE(out.take_frame(1'000).has_value());
  }

  TEST_CASE("frames that were never sent are not acknowledged, nor is a word taken back") {
    const auto error = [](std::uint64_t acknowledged) {
      outbox out{{}};
      for (int i = 0; i < 3; ++i) {
        REQUIRE(out.push(lane::normal, "x", 0).ok());
        taken(out);
      }
      acknowledge(out, 2);
      return out.heard({.parcels = {},
                        .number = {},
                        .acknowledged = frame_number{acknowledged},
                        .frame_bytes = 0},
                       0);
    };
    CHECK(error(2).ok());
    CHECK(error(3).ok());
    CHECK(error(4)
          == status{errc::corrupted, "link: the peer acknowledges frame 4; it has "
                                     "acknowledged 2 and was sent 3"});
    CHECK(error(1).code == errc::corrupted);
    CHECK(error(UINT64_MAX).code == errc::corrupted);
  }

  TEST_CASE("when the connection ends, what never left as a whole is told") {
    outbox out{{}};
    REQUIRE(out.push(lane::normal, "left", 0, ticket{1}).ok());
    taken(out);
    REQUIRE(out.push(lane::normal, std::string(1'000 * kib, 'x'), 0, ticket{2}).ok());
    taken(out);
    REQUIRE(out.push(lane::bulk, "waits", 0, ticket{5}).ok());
    REQUIRE(out.push(lane::normal, "nobody asks", 0).ok());
    REQUIRE(out.push(lane::urgent, "waits", 0, ticket{4}).ok());
    REQUIRE(out.push(lane::heartbeat, "waits", 0, ticket{3}).ok());

    CHECK(out.closed() == std::vector{ticket{2}, ticket{3}, ticket{4}, ticket{5}});

    CHECK(out.closed().empty());
    CHECK(out.flight_frames() == 0);
    CHECK(out.queued_bytes(lane::normal) == 0);
    CHECK_FALSE(out.take_frame(1'000).has_value());
    REQUIRE(out.push(lane::normal, "anew", 0).ok());
    CHECK(taken(out).number == 1);
  }
}

} // namespace
