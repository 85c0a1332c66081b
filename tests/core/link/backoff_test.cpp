#include "core/link/backoff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

using namespace grape;

namespace {

constexpr link::backoff_options options{
    .first_ms = 100, .delay_ms_max = 5'000, .lasted_ms = 10'000};

/// The bounds of the wait after each failure in a row: doubled, and then no longer.
constexpr std::array<std::uint64_t, 9> longest_ms{100,   200,   400,   800,  1'600,
                                                  3'200, 5'000, 5'000, 5'000};

/// The longest of many waits after so many connections in a row, each of which lasted `held_ms`.
std::uint64_t longest_of_many(int connections, std::uint64_t held_ms) {
  std::uint64_t longest = 0;
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    link::backoff waits{options, seed};
    std::uint64_t now_ms = 1'000;
    std::uint64_t wait_ms = 0;
    for (int i = 0; i < connections; ++i) {
      waits.connected(now_ms);
      wait_ms = waits.failed(now_ms += held_ms);
    }
    longest = std::max(longest, wait_ms);
  }
  return longest;
}

TEST_SUITE("core.link.backoff") {
  TEST_CASE("a peer that is back is dialled within half a second, however long it was away") {
    link::backoff waits{{}, 7};
    for (std::uint64_t failures = 0; failures < 100; ++failures)
      CHECK(waits.failed(failures * 1'000) <= 500);
  }

  TEST_CASE("each failure in a row doubles the longest wait, up to the greatest") {
    std::array<std::uint64_t, longest_ms.size()> seen{};
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      link::backoff waits{options, seed};
      for (std::size_t i = 0; i < longest_ms.size(); ++i) {
        const auto wait_ms = waits.failed(0);
        CHECK(wait_ms >= 1);
        CHECK(wait_ms <= longest_ms[i]);
        seen[i] = std::max(seen[i], wait_ms);
      }
    }
    for (std::size_t i = 0; i < longest_ms.size(); ++i)
      CHECK(seen[i] > longest_ms[i] * 95 / 100);
  }

  TEST_CASE("jitter is full: every tenth of the range gets its share") {
    std::map<std::uint64_t, int> tenths;
    for (std::uint64_t seed = 1; seed <= 10'000; ++seed)
      ++tenths[(link::backoff{options, seed}.failed(0) - 1) / 10];
    CHECK(tenths.size() == 10);
    for (const auto& [tenth, count] : tenths) {
      CAPTURE(tenth);
      CHECK(count > 800);
      CHECK(count < 1'200);
    }
  }

  TEST_CASE("a peer that accepts and hangs up is waited for ever longer") {
    CHECK(longest_of_many(9, 0) > 4'500);
    CHECK(longest_of_many(9, options.lasted_ms - 1) > 4'500);
  }

  TEST_CASE("after a connection that lasted the first failure is a first one") {
    CHECK(longest_of_many(9, options.lasted_ms) <= 100);
  }

  TEST_CASE("a connection counts once: what fails after it is a row of failures") {
    link::backoff waits{options, 7};
    waits.connected(0);
    waits.failed(options.lasted_ms);
    std::uint64_t longest = 0;
    for (std::uint64_t i = 1; i <= 40; ++i)
      longest = std::max(longest, waits.failed(options.lasted_ms + i * 5'000));
    CHECK(longest > 3'000);
  }

  TEST_CASE("one seed, one row of waits") {
    link::backoff one{options, 5};
    link::backoff same{options, 5};
    link::backoff other{options, 6};
    bool differs = false;
    for (int i = 0; i < 20; ++i) {
      const auto wait_ms = one.failed(0);
      CHECK(wait_ms == same.failed(0));
      differs = other.failed(0) != wait_ms || differs;
    }
    CHECK(differs);
  }
}

} // namespace
