// Two ends of a link, each an outbox and an inbox, over a network that delays and, now and then,
// ends the connection. Whatever the seed: what is pushed arrives complete and once, in the order of
// its lane, or is lost with its connection; and no memory grows beyond its bound.

#include "core/link/inbox.hpp"
#include "core/link/outbox.hpp"
#include "tests/core/link/forge.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <random>

using namespace grape;
using namespace grape::testing;
using link::fragment_bytes_max;
using link::lane;
using link::ticket;

namespace {

struct pushed {
  lane on;
  std::string bytes;
};

struct side {
  explicit side(const link::outbox_options& options)
    : out(options) {}

  link::outbox out;
  link::inbox in;
  std::deque<std::string> to_peer;    // Frames on the network.
  std::map<ticket, pushed> under_way; // Pushed here, not arrived at the peer.
  std::array<std::uint64_t, link::lane_count> last_arrived{}; // At the peer, of whole parcels.
};

class storm {
public:
  explicit storm(std::uint64_t seed)
    : random_(seed)
    , options_(drawn_options())
    , sides_{side{options_}, side{options_}} {}

  void step() {
    auto& one = sides_[random_() % 2];
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2: push(one); break;
      case 3: now_ms_ += random_() % 4; break;
      case 4: send(one); break;
      default: deliver(one); break;
    }
    if (random_() % 4'000 == 0)
      cut();
  }

  /// Nobody pushes any more: only what the two ends ask for happens. False: something is left.
  bool comes_to_rest() {
    for (int rounds = 0; rounds < 10'000; ++rounds) {
      for (auto& one : sides_)
        send(one);
      if (!sides_[0].to_peer.empty() || !sides_[1].to_peer.empty()) {
        for (auto& one : sides_)
          while (!one.to_peer.empty())
            deliver(one);
        continue;
      }
      const auto first = sides_[0].out.wake_ms();
      const auto second = sides_[1].out.wake_ms();
      if (!first && !second)
        return sides_[0].under_way.empty() && sides_[1].under_way.empty();
      const auto wake_ms = std::min(first.value_or(UINT64_MAX), second.value_or(UINT64_MAX));
      REQUIRE(wake_ms > now_ms_); // What is due now was sent.
      now_ms_ = wake_ms;
    }
    return false;
  }

  std::uint64_t arrived = 0;
  std::uint64_t joined = 0; // Of these, from fragments.
  std::uint64_t refused = 0;
  std::uint64_t lost = 0;

private:
  link::outbox_options drawn_options() {
    link::outbox_options drawn;
    drawn.flight_frames_max = 2 + static_cast<std::uint32_t>(random_() % 30);
    drawn.flight_bytes_max = (350 + random_() % 1'000) * 1024;
    drawn.flush_ms = random_() % 20;
    return drawn;
  }

  std::size_t drawn_length(lane on) {
    if (on == lane::urgent || on == lane::heartbeat || random_() % 3 != 0)
      return 1 + random_() % 1'000;
    const auto edge = fragment_bytes_max * (1 + random_() % 4);
    return random_() % 50 == 0 ? 1 + random_() % (8 * edge) : edge - 2 + random_() % 5;
  }

  void push(side& one) {
    const auto on = static_cast<lane>(random_() % link::lane_count);
    const ticket number{++last_};
    auto bytes = numbered_bytes(number.value, std::max<std::size_t>(8, drawn_length(on)));
    const auto answer = one.out.push(on, bytes, now_ms_, number);
    CHECK((answer.ok() || answer.code == errc::overloaded));
    if (answer.ok())
      one.under_way.emplace(number, pushed{on, std::move(bytes)});
    else
      ++refused;
    for (std::size_t i = 0; i < link::lane_count; ++i)
      CHECK(one.out.queued_bytes(static_cast<lane>(i)) <= options_.queued_bytes_max[i]);
  }

  void send(side& one) {
    while (auto frame = one.out.take_frame(now_ms_)) {
      CHECK(frame->size() <= link::frame_bytes_max);
      CHECK(one.out.flight_bytes() <= options_.flight_bytes_max);
      CHECK(one.out.flight_frames() <= options_.flight_frames_max);
      one.to_peer.push_back(std::move(*frame));
    }
  }

  void deliver(side& from) {
    if (from.to_peer.empty())
      return;
    auto& to = &from == &sides_[0] ? sides_[1] : sides_[0];
    const auto brought = to.in.accept(from.to_peer.front());
    from.to_peer.pop_front();
    REQUIRE(brought.ok());
    REQUIRE(to.out.heard(*brought, now_ms_).ok());
    CHECK(to.in.unjoined_bytes() < 2 * link::parcel_bytes_max);
    for (const auto& each : brought->parcels)
      receive(from, each);
  }

  void receive(side& from, const link::arrival& each) {
    std::uint64_t number = 0;
    std::memcpy(&number, each.bytes.data(), sizeof number);
    const auto found = from.under_way.find(ticket{number});
    REQUIRE(found != from.under_way.end()); // Else it came twice, or was never pushed.
    CHECK(found->second.on == each.on);
    CHECK(found->second.bytes == each.bytes);
    from.under_way.erase(found);
    ++arrived;
    if (each.bytes.size() > fragment_bytes_max) {
      ++joined;
      return;
    }
    auto& last = from.last_arrived[static_cast<std::size_t>(each.on)];
    CHECK(last < number);
    last = number;
  }

  /// The connection ends. What the outbox tells as lost never arrived, and never will.
  void cut() {
    for (auto& one : sides_) {
      for (const auto number : one.out.closed())
        CHECK(one.under_way.erase(number) == 1);
      lost += one.under_way.size(); // In flight: nobody knows.
      one.under_way.clear();
      one.to_peer.clear();
      one.in.closed();
    }
  }

  std::mt19937_64 random_;
  link::outbox_options options_;
  std::array<side, 2> sides_;
  std::uint64_t now_ms_ = 0;
  std::uint64_t last_ = 0;
};

TEST_SUITE("core.link.storm") {
  TEST_CASE("what is pushed arrives once and in order, or is lost with its connection") {
    std::uint64_t arrived = 0;
    std::uint64_t joined = 0;
    std::uint64_t lost = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      CAPTURE(seed);
      storm weather{seed};
      for (int i = 0; i < 10'000; ++i)
        weather.step();
      CHECK(weather.comes_to_rest());
      arrived += weather.arrived;
      joined += weather.joined;
      lost += weather.lost;
    }
    CHECK(arrived > 50'000);
    CHECK(joined > 1'000);
    CHECK(lost > 100);
  }
}

} // namespace
