#include "core/shard/acknowledgement.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::shard;

TEST_SUITE("shard.acknowledgement") {
  TEST_CASE("who waits is told when the write is visible, in every mode") {
    constexpr entry_progress committed{.logged = true, .committed = true};
    constexpr entry_progress visible{.logged = true, .committed = true, .applied = true};
    constexpr entry_progress all{true, true, true, true};
    for (const auto mode : {sync_mode::async, sync_mode::quorum, sync_mode::all}) {
      CHECK_FALSE(answer_for(mode, true, committed).has_value());
      CHECK(answer_for(mode, true, all) == write_progress::completed);
      CHECK(answer_for(mode, true, visible).has_value() == (mode != sync_mode::all));
    }
  }

  TEST_CASE("who does not is told when it is as durable as the mode says") {
    constexpr entry_progress logged{.logged = true};
    constexpr entry_progress committed{.logged = true, .committed = true};
    constexpr entry_progress everywhere{.logged = true, .committed = true, .everywhere = true};
    constexpr entry_progress hasty{.logged = true, .everywhere = true};
    CHECK(answer_for(sync_mode::async, false, logged) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(sync_mode::async, false, {}).has_value());
    CHECK_FALSE(answer_for(sync_mode::quorum, false, logged).has_value());
    CHECK(answer_for(sync_mode::quorum, false, committed) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(sync_mode::all, false, committed).has_value());
    CHECK(answer_for(sync_mode::all, false, everywhere) == write_progress::acknowledged);
    CHECK_FALSE(answer_for(sync_mode::all, false, hasty).has_value());
    CHECK_FALSE(answer_for(sync_mode::quorum, false, hasty).has_value());
  }

  TEST_CASE("what async may lose is bounded in time and bytes") {
    constexpr async_limits limits{.lag_ms_max = 10, .lag_bytes_max = 100};
    CHECK(check_lag(10, 100, limits).ok());
    CHECK(check_lag(11, 0, limits).code == errc::overloaded);
    CHECK(check_lag(0, 101, limits).code == errc::overloaded);
  }
}
