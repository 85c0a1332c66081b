#include "core/raft/quorum.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::raft;

namespace {

replica_set ids(std::initializer_list<std::uint64_t> from) {
  replica_set made;
  for (const auto each : from)
    made.emplace_back(each);
  return made;
}

using acked_map = std::map<std::uint64_t, std::uint64_t>;
using vote_map = std::map<std::uint64_t, bool>;

std::optional<log_index> committed(const replica_set& voters, const replica_set& outgoing,
                                   const acked_map& acked) {
  configuration members;
  members.voters = voters;
  members.outgoing = outgoing;
  return raft::committed(members, [&](replica_id which) {
    const auto found = acked.find(which.value);
    return log_index{found == acked.end() ? 0 : found->second};
  });
}

vote_result voted(const replica_set& voters, const replica_set& outgoing, const vote_map& votes) {
  configuration members;
  members.voters = voters;
  members.outgoing = outgoing;
  return count_votes(members, [&](replica_id which) -> std::optional<bool> {
    const auto found = votes.find(which.value);
    if (found == votes.end())
      return std::nullopt;
    return found->second;
  });
}

/// The twin: tries every subset of the voters and keeps the best index that one of more than half
/// of them reaches.
std::uint64_t best_of_majorities(const replica_set& voters, const acked_map& acked) {
  std::uint64_t best = 0;
  for (std::uint32_t subset = 0; subset < 1u << voters.size(); ++subset) {
    std::size_t count = 0;
    auto least = UINT64_MAX;
    for (std::size_t i = 0; i < voters.size(); ++i)
      if ((subset >> i & 1) != 0) {
        ++count;
        const auto found = acked.find(voters[i].value);
        least = std::min(least, found == acked.end() ? 0 : found->second);
      }
    if (2 * count > voters.size())
      best = std::max(best, least);
  }
  return best;
}

/// The twin: won if a majority of granters exists, lost if none can be completed any more.
vote_result outcome_of_subsets(const replica_set& voters, const vote_map& votes) {
  auto won = voters.empty();
  auto possible = voters.empty();
  for (std::uint32_t subset = 0; subset < 1u << voters.size(); ++subset) {
    std::size_t count = 0;
    auto all_granted = true;
    auto none_refused = true;
    for (std::size_t i = 0; i < voters.size(); ++i)
      if ((subset >> i & 1) != 0) {
        ++count;
        const auto found = votes.find(voters[i].value);
        all_granted = all_granted && found != votes.end() && found->second;
        none_refused = none_refused && (found == votes.end() || found->second);
      }
    won = won || (2 * count > voters.size() && all_granted);
    possible = possible || (2 * count > voters.size() && none_refused);
  }
  return won ? vote_result::won : possible ? vote_result::pending : vote_result::lost;
}

replica_set some_of_seven(std::uint32_t bits) {
  replica_set made;
  for (std::uint64_t i = 0; i < 7; ++i)
    if ((bits >> i & 1) != 0)
      made.emplace_back(i + 1);
  return made;
}

} // namespace

TEST_SUITE("core.raft.quorum") {
  TEST_CASE("a majority of one set commits") {
    CHECK(committed({}, {}, {}) == std::nullopt);
    CHECK(committed(ids({1}), {}, {}) == log_index{0});
    CHECK(committed(ids({1}), {}, {{1, 12}}) == log_index{12});
    CHECK(committed(ids({1, 2}), {}, {{1, 12}}) == log_index{0});
    CHECK(committed(ids({1, 2}), {}, {{1, 12}, {2, 5}}) == log_index{5});
    CHECK(committed(ids({1, 2, 3}), {}, {{1, 12}, {2, 5}}) == log_index{5});
    CHECK(committed(ids({1, 2, 3}), {}, {{1, 12}, {2, 5}, {3, 6}}) == log_index{6});
    CHECK(committed(ids({1, 2, 3, 4}), {}, {{1, 9}, {2, 8}, {3, 7}, {4, 6}}) == log_index{7});
    CHECK(committed(ids({1, 2, 3, 4, 5}), {}, {{1, 9}, {2, 8}, {3, 7}}) == log_index{7});
  }

  TEST_CASE("S-42: a joint state commits what both majorities have") {
    CHECK(committed(ids({1, 2, 3}), {}, {{1, 100}, {2, 101}, {3, 99}}) == log_index{100});
    CHECK(committed(ids({1}), ids({2}), {{1, 13}, {2, 100}}) == log_index{13});
    CHECK(committed(ids({1, 3}), ids({2}), {{1, 100}, {2, 45}, {3, 50}}) == log_index{45});
    CHECK(committed(ids({1, 3}), ids({2}), {{1, 100}, {3, 50}}) == log_index{0});
    CHECK(committed({}, ids({2}), {{2, 7}}) == log_index{7});
  }

  TEST_CASE("values of more voters than fit on the stack are counted alike") {
    replica_set voters;
    acked_map acked;
    for (std::uint64_t i = 1; i <= 33; ++i) {
      voters.emplace_back(i);
      acked[i] = 1'000 - i;
    }

    CHECK(committed(voters, {}, acked) == log_index{983});
  }

  TEST_CASE("a vote is won, lost or open by majority, in a joint state by both") {
    CHECK(voted({}, {}, {}) == vote_result::won);
    CHECK(voted(ids({1}), {}, {}) == vote_result::pending);
    CHECK(voted(ids({1}), {}, {{1, false}}) == vote_result::lost);
    CHECK(voted(ids({1}), {}, {{123, true}}) == vote_result::pending);
    CHECK(voted(ids({1, 2, 3}), {}, {{1, true}, {2, false}}) == vote_result::pending);
    CHECK(voted(ids({1, 2, 3}), {}, {{1, false}, {2, false}}) == vote_result::lost);
    CHECK(voted(ids({1, 2}), {}, {{1, false}}) == vote_result::lost);
    CHECK(voted(ids({1}), ids({2}), {{1, true}}) == vote_result::pending);
    CHECK(voted(ids({1}), ids({2}), {{1, true}, {2, false}}) == vote_result::lost);
    CHECK(voted(ids({1}), ids({2}), {{2, false}}) == vote_result::lost);
    CHECK(voted(ids({1, 2}), ids({2}), {{1, true}, {2, true}}) == vote_result::won);
  }

  TEST_CASE("both agree with a search through all subsets of the voters") {
    std::mt19937_64 engine{7};
    for (std::uint32_t coming = 0; coming < 128; ++coming)
      for (int round = 0; round < 64; ++round) {
        const auto outgoing = some_of_seven(static_cast<std::uint32_t>(engine() % 128));
        const auto voters = some_of_seven(coming);
        acked_map acked;
        vote_map votes;
        for (std::uint64_t which = 1; which <= 7; ++which) {
          if (engine() % 4 != 0)
            acked[which] = engine() % 6;
          if (engine() % 3 != 0)
            votes[which] = engine() % 2 == 0;
        }
        CAPTURE(coming);
        CAPTURE(round);

        auto wanted = best_of_majorities(voters, acked);
        if (voters.empty())
          wanted = best_of_majorities(outgoing, acked);
        else if (!outgoing.empty())
          wanted = std::min(wanted, best_of_majorities(outgoing, acked));
        if (voters.empty() && outgoing.empty())
          CHECK(committed(voters, outgoing, acked) == std::nullopt);
        else
          CHECK(committed(voters, outgoing, acked) == log_index{wanted});

        const auto one = outcome_of_subsets(voters, votes);
        const auto other = outcome_of_subsets(outgoing, votes);
        const auto both = one == vote_result::lost || other == vote_result::lost
                            ? vote_result::lost
                          : one == other ? one
                                         : vote_result::pending;
        CHECK(voted(voters, outgoing, votes) == both);
      }
  }
}
