#include "core/raft/first_campaign.hpp"
#include "core/raft/witness.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::raft;

namespace {

const replica_id first{1}, second{2};

configuration founders() {
  configuration made;
  made.voters = {first, second};
  return made;
}

constexpr leadership leaderless{role::follower, replica_id{}, term{1}};

} // namespace

TEST_SUITE("raft.beginning") {
  TEST_CASE("the first voter of a new group asks at once, the others wait for it") {
    first_campaign own{founders(), first, 10};
    first_campaign other{founders(), second, 10};
    first_campaign none;
    CHECK(own.takes_tick(leaderless));
    CHECK_FALSE(other.takes_tick(leaderless));
    CHECK_FALSE(none.takes_tick(leaderless));
  }

  TEST_CASE("where somebody leads a tick is a tick, and the first voter does not ask for ever") {
    first_campaign own{founders(), first, 2};
    CHECK_FALSE(own.takes_tick({role::follower, second, term{1}}));
    for (int i = 0; i < 20; ++i)
      CHECK(own.takes_tick(leaderless));
    CHECK_FALSE(own.takes_tick(leaderless));
  }

  TEST_CASE("a witness counts as applied what is committed, as far as its log goes") {
    CHECK(applied_of_witness(log_index{}, log_index{}, log_index{}) == log_index{});
    CHECK(applied_of_witness(log_index{}, log_index{7}, log_index{9}) == log_index{7});
    CHECK(applied_of_witness(log_index{5}, log_index{3}, log_index{9}) == log_index{5});
    CHECK(applied_of_witness(log_index{5}, log_index{12}, log_index{9}) == log_index{9});
  }
}
