#include "core/raft/freshness.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::raft;

namespace {

const replica_id own{1}, r2{2}, r3{3};

leadership following(replica_id leader, std::uint64_t in = 5) {
  return {role::follower, leader, term{in}};
}

commit_news says(replica_id from, std::uint64_t commit, std::uint64_t in = 5) {
  return {from, term{in}, log_index{commit}};
}

configuration three_voters() {
  configuration made;
  made.voters = {own, r2, r3};
  return made;
}

} // namespace

TEST_SUITE("raft.freshness") {
  TEST_CASE("a follower is as new as the last word of its leader that it has applied") {
    freshness of;
    CHECK_FALSE(of.known_ms().has_value());
    of.applied(log_index{10});
    CHECK_FALSE(of.known_ms().has_value());
    of.heard(says(r2, 10), following(r2), 100);
    CHECK(of.known_ms() == 100);
    of.heard(says(r2, 12), following(r2), 110);
    of.heard(says(r2, 12), following(r2), 120);
    of.heard(says(r2, 13), following(r2), 130);
    CHECK(of.known_ms() == 100);
    of.applied(log_index{12});
    CHECK(of.known_ms() == 120);
    of.applied(log_index{13});
    CHECK(of.known_ms() == 130);
  }

  TEST_CASE("who is no leader of now, or does not know, makes nothing newer") {
    freshness of;
    of.applied(log_index{10});
    of.heard(says(r3, 10), following(r2), 100);
    of.heard(says(r2, 10, 4), following(r2), 100);
    of.heard(says(r2, 0), following(r2), 100);
    of.heard(says(r2, 10), {role::candidate, replica_id{}, term{5}}, 100);
    CHECK_FALSE(of.known_ms().has_value());
  }

  TEST_CASE("a leader is as new as the last moment at which a majority spoke in its term") {
    freshness of;
    const leadership leads{role::leader, own, term{5}};
    of.applied(log_index{10});
    of.leads(three_voters(), own, log_index{10}, 100);
    CHECK_FALSE(of.known_ms().has_value());
    of.heard(says(r2, 0, 4), leads, 100); // An answer to another leader.
    of.leads(three_voters(), own, log_index{10}, 100);
    CHECK_FALSE(of.known_ms().has_value());
    of.heard(says(r2, 0), leads, 110);
    of.leads(three_voters(), own, log_index{0}, 115); // Nothing of its term is committed.
    CHECK_FALSE(of.known_ms().has_value());
    of.leads(three_voters(), own, log_index{10}, 120);
    CHECK(of.known_ms() == 110);
    of.heard(says(r3, 0), leads, 150);
    of.leads(three_voters(), own, log_index{11}, 160);
    CHECK(of.known_ms() == 110);
    of.applied(log_index{11});
    CHECK(of.known_ms() == 150);
  }

  TEST_CASE("one that lags for long forgets moments, never that it lags") {
    freshness of;
    for (std::uint64_t i = 1; i <= 1'000; ++i)
      of.heard(says(r2, i), following(r2), i);
    of.applied(log_index{30});
    CHECK(of.known_ms() == 30);
    of.applied(log_index{999});
    CHECK(*of.known_ms() <= 999);
    of.applied(log_index{1'000});
    CHECK(of.known_ms() == 1'000);
  }

  TEST_CASE("only a leader's appends and heartbeats say how much is committed") {
    message said;
    said.from = r2;
    said.term = term{5};
    said.hint = log_index{9};
    said.kind = message_kind::heartbeat;
    CHECK(news_of(said).commit == log_index{9});
    said.kind = message_kind::append;
    CHECK(news_of(said).commit == log_index{9});
    said.kind = message_kind::append_response;
    CHECK(news_of(said).commit == log_index{});
  }

  TEST_CASE("asleep it is as new as the others are known to live, alone always") {
    fresh_mark is;
    CHECK_FALSE(staleness_ms(is, {}, 1'000).has_value());
    is.known_ms = 400;
    CHECK(staleness_ms(is, 900, 1'000) == 600);
    is.asleep = true;
    CHECK(staleness_ms(is, 900, 1'000) == 100);
    CHECK(staleness_ms(is, {}, 1'000) == 600);
    CHECK(staleness_ms(is, 300, 1'000) == 600);
    CHECK(staleness_ms(is, 900, 500) == 0); // Clocks of two threads.
    is = {.known_ms = {}, .alone = true};
    CHECK(staleness_ms(is, {}, 1'000) == 0);
  }
}
