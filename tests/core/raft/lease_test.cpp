#include "small_group.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::testing;
using raft::message_kind;
using raft::role;

namespace {

raft::options with_lease() {
  return {.lease_ticks = 7};
}

raft::options sleepy() {
  return {.hibernate_after_ticks = 20};
}

void lead(small_group& group) {
  group[n1].campaign();
  group.settle();
  REQUIRE(group[n1].standing().role == role::leader);
}

} // namespace

TEST_SUITE("core.raft.lease") {
  // rule 28, S-54: the host compares valid_until with the clock again after it has read the data.
  TEST_CASE("a read by lease says until when its answer may leave") {
    small_group group{voters(3), with_lease()};
    lead(group);
    group[n1].advance_clock(3);
    CHECK(group[n1].read(1));

    const auto reads = group[n1].take_output().reads;

    REQUIRE(reads.size() == 1);
    CHECK(reads[0].index == log_index{1});
    CHECK(reads[0].valid_until == 7); // The round that was answered was sent at 0.
  }

  // rule 28
  TEST_CASE("a lease counts from when the round was sent, not from when it was answered") {
    small_group group{voters(3), with_lease()};
    lead(group);
    group[n1].advance_clock(100);
    group[n1].tick();
    auto out = group[n1].take_output();
    group[n1].advance_clock(105);
    for (auto& message : out.messages) {
      group[message.to].step(message);
      for (auto& answer : group[message.to].take_output().messages)
        group[n1].step(answer);
    }
    CHECK(group[n1].read(1));
    CHECK(group[n1].take_output().reads.at(0).valid_until == 107);

    group[n1].advance_clock(107);
    CHECK(group[n1].read(2));

    CHECK(group[n1].take_output().reads.empty());
  }

  // rule 28
  TEST_CASE("once a TimeoutNow has left there is no lease in this term any more") {
    small_group group{voters(3), with_lease()};
    group.passes = [](const auto& one) { return one.kind != message_kind::timeout_now; };
    lead(group);
    group[n1].transfer_to(n2);
    group.tick_all(12); // The transfer is given up, and heartbeats are answered.
    CHECK(group[n1].status().transferee == replica_id{});

    CHECK(group[n1].read(1));

    const auto out = group[n1].take_output();
    CHECK(out.reads.empty());
    CHECK_FALSE(out.messages.empty());
  }

  // rule 28, S-47
  TEST_CASE("a follower's read takes no round while the lease holds") {
    small_group group{voters(3), with_lease()};
    lead(group);
    raft::message asked;
    asked.kind = message_kind::read;
    asked.from = n2;
    asked.to = n1;
    asked.term = group[n1].standing().term;
    asked.context = 5;

    group[n1].step(asked);

    const auto answers = group[n1].take_output().messages;
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].kind == message_kind::read_response);
    CHECK(answers[0].context == 5);
    CHECK(answers[0].index == log_index{1});

    group[n1].advance_clock(7);
    group[n1].step(asked);

    for (const auto& one : group[n1].take_output().messages)
      CHECK(one.kind == message_kind::heartbeat);
  }
}

TEST_SUITE("core.raft.sleep") {
  TEST_CASE("an idle group falls asleep whole, and a proposal wakes it") {
    small_group group{voters(3), sleepy()};
    lead(group);
    group.tick_all(23);
    for (const auto which : {n1, n2, n3})
      CHECK(group[which].asleep());
    int messages = 0;
    group.passes = [&messages](const auto&) { return ++messages > 0; };
    group.tick_all(1'000);
    CHECK(messages == 0);

    group[n1].propose(bytes("x"));
    group.settle();

    for (const auto which : {n1, n2, n3}) {
      CHECK_FALSE(group[which].asleep());
      CHECK(group[which].commit() == log_index{2});
    }
    CHECK(group[n1].standing().term == grape::term{1});
  }

  TEST_CASE("a group does not sleep while a member lacks anything") {
    small_group group{voters(3), sleepy()};
    lead(group);
    group.passes = [](const auto& one) { return one.to != n3 && one.from != n3; };
    group[n1].propose(bytes("x"));
    group.settle();

    group.tick_all(200);

    CHECK_FALSE(group[n1].asleep());
  }

  TEST_CASE("the death of a sleeping leader is found out: a woken follower leads soon") {
    small_group group{voters(3), sleepy()};
    lead(group);
    group.tick_all(23);
    group.passes = [](const auto& one) { return one.to != n1 && one.from != n1; };

    group[n2].wake();
    group.tick_all(20);

    // Three slept, too: the request woke it, and time asleep counts as time without a leader.
    const bool another_leads = group[n2].standing().role == role::leader
                               || group[n3].standing().role == role::leader;
    CHECK(another_leads);
  }

  TEST_CASE("a leader that wakes without a quorum steps down") {
    small_group group{voters(3), sleepy()};
    lead(group);
    group.tick_all(23);
    REQUIRE(group[n1].asleep());
    group.passes = [](const auto& one) { return one.to != n1 && one.from != n1; };

    group[n1].wake();
    group.tick_all(11);

    CHECK(group[n1].standing().role != role::leader);
  }

  TEST_CASE("a leader that is about to sleep does not, if its followers die before") {
    small_group group{voters(3), sleepy()};
    lead(group);
    while (!group[n2].asleep() || !group[n3].asleep())
      group.tick_all();
    REQUIRE_FALSE(group[n1].asleep()); // They have agreed; its next heartbeats are its last.
    group.passes = [](const auto& one) { return one.to != n1 && one.from != n1; };

    group[n1].wake();
    group.tick_all(21); // Two rounds of CheckQuorum: they were heard in the first.

    CHECK_FALSE(group[n1].asleep());
    CHECK(group[n1].standing().role != role::leader);
  }

  // rule 28
  TEST_CASE("sleep ends the lease: a woken follower may vote at once") {
    auto how = sleepy();
    how.lease_ticks = 7;
    small_group group{voters(3), how};
    lead(group);
    group.tick_all(23);
    REQUIRE(group[n1].asleep());

    CHECK(group[n1].read(1));

    CHECK(group[n1].take_output().reads.empty());
    CHECK_FALSE(group[n1].asleep());
  }
}
