#include "core/raft/group_times.hpp"

#include <doctest/doctest.h>

using namespace grape;

TEST_SUITE("core.raft.group_times") {
  TEST_CASE("one entry at a time is followed until it is committed") {
    raft::group_times times;
    CHECK_FALSE(times.committed(log_index{9}, 50).has_value());

    times.appended(log_index{10}, 100);
    times.appended(log_index{11}, 200);
    CHECK_FALSE(times.committed(log_index{9}, 250).has_value());
    CHECK(times.committed(log_index{12}, 350) == 250);
    CHECK_FALSE(times.committed(log_index{13}, 400).has_value());

    times.appended(log_index{14}, 500);
    CHECK(times.committed(log_index{14}, 501) == 1);
  }

  TEST_CASE("an entry of who leads no more may never be committed") {
    raft::group_times times;
    (void)times.stands(true, true, 0);
    times.appended(log_index{10}, 100);
    (void)times.stands(false, true, 200);

    CHECK_FALSE(times.committed(log_index{10}, 300).has_value());
  }

  TEST_CASE("the time without a leader counts from the last one on") {
    raft::group_times times;
    CHECK_FALSE(times.stands(false, false, 10).has_value());
    CHECK_FALSE(times.stands(false, true, 20).has_value());

    CHECK_FALSE(times.stands(false, false, 100).has_value());
    CHECK_FALSE(times.stands(false, false, 150).has_value());
    CHECK(times.stands(true, true, 400) == 300);
    CHECK_FALSE(times.stands(true, true, 500).has_value());
  }
}
