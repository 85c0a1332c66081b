#include "core/query/route.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

using namespace grape;

namespace {

using query::route;
using query::route_goal;
using query::route_options;
using query::route_target;

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};
constexpr std::uint64_t deadline_ms = 10'000;

route to_three(route_goal goal, std::optional<node_number> leader) {
  return {goal, {{n1, true, 300}, {n2, true, 100}, {n3, true, 200}}, leader, deadline_ms, {}};
}

/// Whom it asks now, or nobody.
std::optional<node_number> sends(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  const auto* send = std::get_if<route::send>(&step);
  return send != nullptr ? std::optional{send->to} : std::nullopt;
}

std::uint64_t waits_until(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  REQUIRE(std::holds_alternative<route::wait>(step));
  return std::get<route::wait>(step).until_ms;
}

status gives_up(route& way, std::uint64_t now_ms) {
  const auto step = way.next(now_ms);
  REQUIRE(std::holds_alternative<route::give_up>(step));
  return std::get<route::give_up>(step).why;
}

const status unavailable{errc::unavailable, "not the leader"};
const status broken{errc::commit_unknown, "the link broke"};

/// A write on its way through nodes that hang, refuse or lose answers, and a leader that changes.
class weather {
public:
  explicit weather(std::uint64_t seed, route_goal goal = route_goal::write)
    : way(to_three(goal, n1))
    , random_(seed) {}

  /// Until it is answered or given up.
  void run() {
    for (std::uint64_t now_ms = 0; !ended && !answered; now_ms += 5) {
      REQUIRE(now_ms <= deadline_ms);
      if (chance(200))
        leader_ = any_node();
      hear(now_ms);
      if (!answered)
        ask(now_ms);
    }
  }

  route way;
  int applied = 0; ///< Times.
  bool answered = false;
  std::optional<status> ended;

private:
  struct attempt {
    std::uint64_t ends_ms = 0;
    bool hangs = false; ///< Until the link is given up.
  };

  bool chance(std::uint64_t one_in) { return random_() % one_in == 0; }

  node_number any_node() { return node_number{static_cast<std::uint32_t>(1 + random_() % 3)}; }

  void hear(std::uint64_t now_ms) {
    for (auto at = attempts_.begin(); at != attempts_.end() && !answered;) {
      if (at->second.ends_ms > now_ms) {
        ++at;
        continue;
      }
      const auto [by, how] = *at;
      at = attempts_.erase(at);
      end(by, how, now_ms);
    }
  }

  void end(node_number by, const attempt& how, std::uint64_t now_ms) {
    if (how.hangs)
      way.failed(by, broken, {}, now_ms);
    else if (by != leader_)
      way.failed(by, unavailable, chance(2) ? std::optional{leader_} : std::nullopt, now_ms);
    else if (!chance(3))
      way.failed(by, {errc::overloaded, ""}, leader_, now_ms);
    else {
      ++applied;
      answered = chance(2);
      if (!answered)
        way.failed(by, broken, {}, now_ms);
    }
  }

  void ask(std::uint64_t now_ms) {
    for (auto step = way.next(now_ms); !std::holds_alternative<route::wait>(step);
         step = way.next(now_ms)) {
      if (const auto* over = std::get_if<route::give_up>(&step)) {
        ended = over->why;
        return;
      }
      const auto hangs = chance(6);
      attempts_[std::get<route::send>(step).to] = {now_ms + (hangs ? 3'000 : 1 + random_() % 50),
                                                   hangs};
    }
  }

  std::mt19937_64 random_;
  node_number leader_ = any_node();
  std::map<node_number, attempt> attempts_;
};

TEST_SUITE("core.query.route") {
  TEST_CASE("the leader first, else the nearest; a level that any replica serves goes nearest") {
    auto write = to_three(route_goal::write, n1);
    auto lost = to_three(route_goal::read, {});
    auto nearest = to_three(route_goal::nearest_read, n1);
    route suspect{route_goal::nearest_read, {{n1, true, 300}, {n2, false, 100}}, {}, 9, {}};

    CHECK(sends(write, 0) == n1);
    CHECK(sends(lost, 0) == n2);
    CHECK(sends(nearest, 0) == n2);
    CHECK(sends(suspect, 0) == n1);
  }

  TEST_CASE("a hint to the leader is followed at once, even to one that was asked before") {
    auto way = to_three(route_goal::write, n1);
    CHECK(sends(way, 0) == n1);
    way.failed(n1, unavailable, {}, 1);
    CHECK(sends(way, 1) == n2);
    way.failed(n2, unavailable, n1, 2);
    CHECK(sends(way, 2) == n1);
    CHECK(way.leader() == n1);
    CHECK(way.asked() == std::vector{n1, n2, n1});
  }

  TEST_CASE("two that take each other for the leader do not make it run in circles") {
    route way{route_goal::write, {{n1}, {n2}}, n1, deadline_ms, {}};
    int asked = 0;
    for (std::uint64_t now_ms = 0; now_ms < deadline_ms; ++now_ms)
      while (const auto to = sends(way, now_ms)) {
        REQUIRE(++asked < 200);
        way.failed(*to, unavailable, *to == n1 ? n2 : n1, now_ms);
      }
    CHECK(gives_up(way, deadline_ms) == unavailable);
  }

  TEST_CASE("when all have been asked in vain, it pauses, each time longer") {
    auto way = to_three(route_goal::write, {});
    std::uint64_t now_ms = 0;
    std::vector<std::uint64_t> pauses;
    for (int round = 0; round < 7; ++round) {
      while (const auto to = sends(way, now_ms))
        way.failed(*to, unavailable, {}, now_ms);
      pauses.push_back(waits_until(way, now_ms) - now_ms);
      now_ms += pauses.back();
    }
    CHECK(pauses == std::vector<std::uint64_t>{20, 40, 80, 160, 320, 320, 320});
  }

  TEST_CASE("without an answer a second replica is asked, never a third") {
    auto way = to_three(route_goal::read, n1);
    CHECK(sends(way, 0) == n1);
    CHECK(waits_until(way, 0) == 500);
    CHECK(sends(way, 500) == n2);
    CHECK(waits_until(way, 2'000) == deadline_ms);
    way.failed(n1, unavailable, {}, 2'001);
    CHECK(sends(way, 2'001) == n3);
  }

  TEST_CASE("what is wrong with the question ends it") {
    auto way = to_three(route_goal::read, n1);
    CHECK(sends(way, 0) == n1);
    const status wrong{errc::wrong_input, "wrong dimension"};
    way.failed(n1, wrong, {}, 5);
    CHECK(gives_up(way, 5) == wrong);
  }

  TEST_CASE("a write that may have taken effect never ends as a failure") {
    auto way = to_three(route_goal::write, n1);
    CHECK(sends(way, 0) == n1);
    way.failed(n1, broken, {}, 5);
    CHECK(sends(way, 5) == n2);
    way.failed(n2, {errc::wrong_input, "no such vector"}, {}, 9);
    CHECK(gives_up(way, 9).code == errc::commit_unknown);

    auto second = to_three(route_goal::write, n1);
    CHECK(sends(second, 0) == n1);
    CHECK(sends(second, 500) == n2); // The first may still take effect.
    second.failed(n2, {errc::wrong_input, "no such vector"}, {}, 501);
    CHECK(gives_up(second, 501).code == errc::commit_unknown);

    auto refused = to_three(route_goal::write, n1);
    CHECK(sends(refused, 0) == n1);
    refused.failed(n1, {errc::no_space, "full"}, {}, 5);
    CHECK(gives_up(refused, 5).code == errc::no_space);
  }

  TEST_CASE("a write that may have taken effect is asked about until somebody knows") {
    auto way = to_three(route_goal::write, n1);
    CHECK_FALSE(std::get<route::send>(way.next(0)).again);
    way.failed(n1, broken, {}, 5);
    const auto second = std::get<route::send>(way.next(5));
    CHECK(second.to == n2);
    CHECK(second.again);
    way.failed(n2, {errc::overloaded, "not now"}, n3, 6);
    CHECK(std::get<route::send>(way.next(6)).to == n3);

    auto refused = to_three(route_goal::write, n1);
    CHECK(sends(refused, 0) == n1);
    refused.failed(n1, unavailable, {}, 5);
    CHECK_FALSE(std::get<route::send>(refused.next(5)).again);
    refused.failed(n2, {errc::overloaded, "not now"}, {}, 6);
    CHECK(gives_up(refused, 6).code == errc::overloaded);
  }

  TEST_CASE("while one is silent the others are asked again, ever more seldom") {
    auto way = to_three(route_goal::write, n1);
    CHECK(sends(way, 0) == n1);
    std::vector<std::uint64_t> times;
    for (std::uint64_t now_ms = 1; now_ms < deadline_ms; ++now_ms)
      while (const auto to = sends(way, now_ms)) {
        times.push_back(now_ms);
        way.failed(*to, unavailable, n1, now_ms); // It has not noticed yet.
      }
    CHECK(times == std::vector<std::uint64_t>{500, 500, 1'500, 1'500, 3'500, 3'500, 7'500, 7'500});
  }

  TEST_CASE("whoever this node hears to lead meanwhile is asked next") {
    auto way = to_three(route_goal::write, n1);
    CHECK(sends(way, 0) == n1);
    for (const auto other : {n2, n3}) {
      CHECK(sends(way, 500) == other);
      way.failed(other, unavailable, n1, 500);
    }
    CHECK(waits_until(way, 500) == 1'500);
    way.retarget({{n1, true, 300}, {n2, true, 100}, {n3, true, 200}}, n3);
    CHECK(sends(way, 1'500) == n3);
  }

  TEST_CASE("at the deadline: unknown if somebody may still answer, else the last refusal") {
    auto waiting = to_three(route_goal::write, n1);
    CHECK(sends(waiting, 0) == n1);
    CHECK(gives_up(waiting, deadline_ms).code == errc::commit_unknown);

    auto read = to_three(route_goal::read, n1);
    CHECK(sends(read, 0) == n1);
    CHECK(gives_up(read, deadline_ms).code == errc::timed_out);

    route nowhere{route_goal::write, {}, {}, deadline_ms, {}};
    CHECK(waits_until(nowhere, 0) == 20);
    CHECK(gives_up(nowhere, deadline_ms).code == errc::unavailable);
  }

  TEST_CASE("an answer that comes twice, or from nobody who was asked, changes nothing") {
    auto way = to_three(route_goal::write, n1);
    CHECK(sends(way, 0) == n1);
    way.failed(n2, {errc::bad_request, ""}, n3, 1);
    CHECK(way.leader() == n1);
    way.failed(n1, unavailable, {}, 1);
    way.failed(n1, {errc::bad_request, ""}, {}, 1);
    CHECK(sends(way, 1) == n2);
  }

  TEST_CASE("a single write is with one node at a time, and tried again only if nothing happened") {
    auto hanging = to_three(route_goal::single_write, n1);
    CHECK(sends(hanging, 0) == n1);
    CHECK(waits_until(hanging, 501) == deadline_ms);
    hanging.failed(n1, unavailable, n3, 600);
    CHECK(sends(hanging, 600) == n3);
    hanging.failed(n3, broken, {}, 700);
    CHECK(gives_up(hanging, 700) == broken);

    const auto ends_as = [](errc refusal) {
      auto way = to_three(route_goal::single_write, n1);
      CHECK(sends(way, 0) == n1);
      way.failed(n1, {refusal, "why"}, n2, 1);
      return gives_up(way, 1).code;
    };
    for (const auto unsure : {errc::commit_unknown, errc::timed_out, errc::internal, errc::io_error,
                              errc::corrupted, errc::closed, errc::cancelled})
      CHECK(ends_as(unsure) == errc::commit_unknown);
    for (const auto sure : {errc::overloaded, errc::no_space, errc::stale_route, errc::wrong_input,
                            errc::too_large, errc::wrong_version})
      CHECK(ends_as(sure) == sure);
  }

  TEST_CASE("a single write goes to nobody who is silent while others are heard") {
    const std::vector<route_target> one_silent{{n1, false, 100}, {n2, true, 200}, {n3, true, 300}};
    route way{route_goal::single_write, one_silent, n1, deadline_ms, {}};
    CHECK(sends(way, 0) == n2);
    way.failed(n2, unavailable, n1, 1); // It has not noticed yet.
    CHECK(sends(way, 1) == n3);
    way.failed(n3, unavailable, n1, 2);
    CHECK(waits_until(way, 2) == 22);
    CHECK(sends(way, 22) == n2);
    way.failed(n2, unavailable, n3, 23); // Elected.
    CHECK(sends(way, 23) == n3);

    route alone{route_goal::single_write, {{n1, false, 100}}, n1, deadline_ms, {}};
    CHECK(sends(alone, 0) == n1);
    route read{route_goal::read, one_silent, n1, deadline_ms, {}};
    CHECK(sends(read, 0) == n2);
    CHECK(sends(read, 500) == n3);
    read.failed(n3, unavailable, n1, 501);
    CHECK(sends(read, 501) == n1); // A read that hangs costs nothing but a place.
  }

  TEST_CASE("after the last attempt it waits for who has it, then says why") {
    route_options options;
    options.attempts_end_ms = 1'000;
    route idle{route_goal::single_write, {{n1}, {n2}}, n1, deadline_ms, options};
    std::uint64_t now_ms = 0;
    for (; now_ms < 1'000; ++now_ms)
      while (const auto to = sends(idle, now_ms))
        idle.failed(*to, unavailable, {}, now_ms);
    CHECK(gives_up(idle, 1'000) == unavailable);

    route busy{route_goal::single_write, {{n1}, {n2}}, n1, deadline_ms, options};
    CHECK(sends(busy, 999) == n1);
    CHECK(waits_until(busy, 1'000) == deadline_ms);
    busy.failed(n1, unavailable, n2, 1'001);
    CHECK(gives_up(busy, 1'001) == unavailable);
  }

  TEST_CASE("a shard that moves is asked where it is now") {
    auto way = to_three(route_goal::read, {});
    CHECK(sends(way, 0) == n2);
    way.retarget({{node_number{4}, true, 900}, {n1, true, 300}});
    way.failed(n2, unavailable, {}, 1);
    CHECK(sends(way, 1) == n1);
    way.failed(n1, unavailable, {}, 2);
    CHECK(sends(way, 2) == node_number{4});
  }

  TEST_CASE("a full disk stops a read on that replica only, and a write everywhere") {
    auto read = to_three(route_goal::read, n1);
    CHECK(sends(read, 0) == n1);
    read.failed(n1, {errc::no_space, "full"}, {}, 1);
    CHECK(sends(read, 1) == n2);
  }

  TEST_CASE("in any weather what is told is true, and nobody is asked too often") {
    std::size_t unknown = 0;
    std::size_t done = 0;
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      CAPTURE(seed);
      weather around{seed};
      around.run();
      CHECK(around.way.asked().size() < 500);
      if (around.ended && around.ended->code != errc::commit_unknown)
        CHECK(around.applied == 0);
      unknown += around.ended && around.ended->code == errc::commit_unknown ? 1 : 0;
      done += around.answered ? 1 : 0;
    }
    CHECK(done > 500);
    CHECK(unknown > 0);
  }

  TEST_CASE("in any weather a single write takes effect once at most") {
    std::size_t done = 0;
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      CAPTURE(seed);
      weather around{seed, route_goal::single_write};
      around.run();
      CHECK(around.applied <= 1);
      if (around.answered)
        CHECK(around.applied == 1);
      else if (around.ended->code != errc::commit_unknown)
        CHECK(around.applied == 0);
      done += around.answered ? 1 : 0;
    }
    CHECK(done > 200);
  }
}

} // namespace
