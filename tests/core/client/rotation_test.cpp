#include "core/client/rotation.hpp"

#include <doctest/doctest.h>

using grape::client::rotation;

TEST_SUITE("core.client.rotation") {
  TEST_CASE("after a failure the next node is dialled at once, after a round of them it rests") {
    rotation turn{3, 1};
    CHECK(turn.current() == 0);
    CHECK(turn.failed(0) == 0);
    CHECK(turn.current() == 1);
    CHECK(turn.failed(0) == 0);
    CHECK(turn.current() == 2);
    const auto rest = turn.failed(0);
    CHECK(rest >= 1);
    CHECK(rest <= 100);
    CHECK(turn.current() == 0);
    CHECK(turn.failed(0) == 0);
  }

  TEST_CASE("no rest is longer than two seconds, and one node rests each time") {
    rotation turn{1, 2};
    for (int i = 0; i < 100; ++i) {
      const auto rest = turn.failed(0);
      CHECK(rest >= 1);
      CHECK(rest <= 2'000);
      CHECK(turn.current() == 0);
    }
  }

  TEST_CASE("a node that was reached begins a new round") {
    rotation turn{2, 3};
    CHECK(turn.failed(0) == 0);
    turn.connected(0);
    CHECK(turn.failed(20'000) == 0);
    CHECK(turn.current() == 0);
    CHECK(turn.failed(20'000) >= 1);
  }
}
