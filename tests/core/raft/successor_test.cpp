#include "core/raft/successor.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::raft;

TEST_SUITE("raft.successor") {
  TEST_CASE("the voter with data that has most of the log, never the leader itself") {
    peer_status is;
    is.leader = replica_id{1};
    for (std::uint64_t id = 1; id <= 5; ++id)
      is.members.voters.push_back(replica_id{id});
    is.members.witnesses = {replica_id{4}};
    is.members.learners = {replica_id{6}};
    const auto follows = [&is](std::uint64_t id, std::uint64_t match, progress_state state) {
      progress_status one;
      one.which = replica_id{id};
      one.match = log_index{match};
      one.state = state;
      is.progress.push_back(one);
    };
    CHECK(best_successor(is) == std::nullopt);
    follows(1, 90, progress_state::replicate);
    follows(2, 70, progress_state::replicate);
    follows(3, 80, progress_state::replicate);
    follows(4, 90, progress_state::replicate); // A witness.
    follows(5, 90, progress_state::probe);     // Nobody knows what it has.
    follows(6, 90, progress_state::replicate); // A learner.
    CHECK(best_successor(is) == replica_id{3});
  }
}
