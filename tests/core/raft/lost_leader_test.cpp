// Goal: when the connection to the leader ends, those that lost it have another one long before an
// election timeout; and a leader that a majority still hears stays, undisturbed.

#include "small_group.hpp"

#include <doctest/doctest.h>

#include <map>
#include <vector>

using namespace grape;
using namespace grape::testing;
using raft::message_kind;
using raft::role;

namespace {

constexpr replica_id n4{4};
constexpr replica_id n5{5};

/// Led by n1; `cut` says what is lost. Counts what is sent.
struct led_group {
  explicit led_group(const raft::configuration& members, raft::options how = {})
    : group(members, how) {
    group.passes = [this](const auto& one) {
      ++sent[one.kind];
      return !cut || !(*cut)(one);
    };
    group[n1].campaign();
    group.settle();
    group.tick_all(3);
    REQUIRE(group[n1].standing().role == role::leader);
    term = group[n1].standing().term;
    sent.clear();
  }

  raft::peer& operator[](replica_id which) { return group[which]; }

  /// Nothing passes between n1 and these any more.
  void cut_from_leader(std::vector<replica_id> those) {
    cut = [those = std::move(those)](const raft::message& one) {
      return (one.from == n1 && raft::contains(those, one.to))
             || (one.to == n1 && raft::contains(those, one.from));
    };
  }

  bool leads(replica_id which) { return group[which].standing().role == role::leader; }

  small_group group;
  std::map<message_kind, int> sent;
  std::optional<std::function<bool(const raft::message&)>> cut;
  grape::term term;
};

raft::configuration with_witness(std::uint64_t count, replica_id witness) {
  auto members = voters(count);
  members.witnesses = {witness};
  return members;
}

} // namespace

TEST_SUITE("core.raft.lost_leader") {
  TEST_CASE("those that lost the leader elect another one without a tick") {
    led_group group{voters(3)};
    group.cut_from_leader({n2, n3});

    group[n2].report_lost(n1);
    group[n3].report_lost(n1);
    CHECK(group[n3].standing().leader == replica_id{});
    group.group.settle();

    CHECK(group.leads(n2));
    CHECK(group[n3].standing().leader == n2);
    CHECK(group[n2].standing().term == group.term.next());
  }

  TEST_CASE("a leader that a majority hears stays, in its term, however long one has lost it") {
    led_group group{voters(3)};
    group.cut_from_leader({n2});

    group[n2].report_lost(n1);
    group.group.settle();
    CHECK(group.sent[message_kind::prevote] == 2);
    group.group.tick_all(9);
    CHECK(group.sent[message_kind::prevote] <= 8); // Four times, then not before its timeout.
    group.group.tick_all(60);

    CHECK(group.leads(n1));
    CHECK(group[n3].standing().leader == n1);
    CHECK(group[n3].standing().term == group.term);
    CHECK(group[n2].standing().term == group.term);
    CHECK(group.sent[message_kind::vote] == 0);
  }

  TEST_CASE("a connection that is made again lets its follower follow, and asks nobody more") {
    led_group group{voters(3)};

    group[n2].report_lost(n1);
    group.group.settle(); // The question is under way; n3 hears n1.
    group.group.tick_all(2);
    const auto asked = group.sent[message_kind::prevote];
    group.group.tick_all(20);

    CHECK(group[n2].standing().role == role::follower);
    CHECK(group[n2].standing().leader == n1);
    CHECK(group.sent[message_kind::prevote] == asked);
    CHECK(group[n1].standing().term == group.term);
  }

  TEST_CASE("whoever is told later is asked again soon") {
    led_group group{voters(3)};
    group.cut_from_leader({n2, n3});
    group[n2].report_lost(n1);
    group.group.settle();
    CHECK(group[n2].standing().role == role::pre_candidate);

    group[n3].report_lost(n1);
    group.group.tick_all(1);

    CHECK(group.leads(n2));
  }

  TEST_CASE("the longer log leads at once, though it is not its turn") {
    led_group group{voters(3)};
    group.cut_from_leader({n2});
    REQUIRE(std::holds_alternative<raft::appended>(group[n1].propose(bytes("x"))));
    group.group.settle();
    group.cut_from_leader({n2, n3});

    group[n3].report_lost(n1);
    group[n2].report_lost(n1);
    group.group.settle();

    CHECK(group.leads(n3));
    CHECK(group[n2].commit() == group[n3].commit());
  }

  TEST_CASE("voters take turns from the lost one on, witnesses last") {
    const auto second_of = [](const raft::configuration& members, replica_id first) {
      led_group group{members};
      group.cut_from_leader(members.members());
      for (const auto which : members.members())
        if (which != n1 && which != first) // Whose turn it is does not know of it.
          group[which].report_lost(n1);
      group.group.settle();
      CHECK(group.sent[message_kind::prevote] == 0);
      for (int ticks = 0; ticks < 8; ++ticks) {
        group.group.tick_all(1);
        for (const auto which : members.members())
          if (which != n1 && group.leads(which))
            return which;
      }
      return replica_id{};
    };

    CHECK(second_of(voters(5), n2) == n3);
    CHECK(second_of(with_witness(5, n3), n2) == n4);
    CHECK(second_of(with_witness(5, n2), n3) == n4);
  }

  TEST_CASE("all of five that lost the leader split no votes") {
    led_group group{voters(5)};
    group.cut_from_leader({n2, n3, n4, n5});

    for (const auto which : {n5, n4, n3, n2})
      group[which].report_lost(n1);
    group.group.settle();

    CHECK(group.leads(n2));
    CHECK(group[n5].standing().term == group.term.next());
  }

  TEST_CASE("a group that sleeps wakes, and the leader that lives is heard first") {
    led_group group{voters(3), {.hibernate_after_ticks = 20}};
    group.group.tick_all(60);
    REQUIRE(group[n2].asleep());

    group[n2].report_lost(n1); // At both ends; and the way is soon there again.
    group[n1].report_lost(n2);
    group.group.settle();
    group.group.tick_all(15);

    CHECK(group.leads(n1));
    CHECK(group[n2].standing().term == group.term);
    CHECK(group.sent[message_kind::prevote] == 0);
  }

  TEST_CASE("a group that sleeps has another leader in a few ticks") {
    led_group group{voters(3), {.hibernate_after_ticks = 20}};
    group.group.tick_all(60);
    REQUIRE(group[n3].asleep());
    group.cut_from_leader({n2, n3});

    group[n2].report_lost(n1);
    group[n3].report_lost(n1);
    group.group.tick_all(2);

    CHECK(group.leads(n2));
  }

  // rule 28: the leader may live, and rely on it.
  TEST_CASE("a vote that a lease relies on is not given, nor asked for, any sooner") {
    led_group group{voters(3), {.lease_ticks = 7}};
    group.cut_from_leader({n2, n3});

    group[n2].report_lost(n1);
    group[n3].report_lost(n1);
    group.group.tick_all(9);
    CHECK(group.sent[message_kind::prevote] == 0);
    CHECK_FALSE(group.leads(n2));
    group.group.tick_all(30);

    CHECK((group.leads(n2) || group.leads(n3)));
  }

  TEST_CASE("without PreVote nobody asks, for that would end the leader's term") {
    led_group group{voters(3), {.prevote = false}};

    group[n2].report_lost(n1);
    group.group.tick_all(20);

    CHECK(group.leads(n1));
    CHECK(group[n2].standing().term == group.term);
  }

  TEST_CASE("what was asked of the lost leader fails at once, and a lost follower is none") {
    led_group group{voters(3)};
    CHECK(group[n2].read(7));
    group[n2].take_output();

    group[n2].report_lost(n3);
    CHECK(group[n2].standing().leader == n1);
    group[n2].report_lost(n1);

    CHECK(group[n2].take_output().failed_reads == std::vector<std::uint64_t>{7});
  }
}
