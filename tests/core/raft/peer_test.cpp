#include "small_group.hpp"

#include "core/raft/chance.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <variant>

using namespace grape;
using namespace grape::testing;
using raft::message_kind;
using raft::role;

namespace {

raft::message from_peer(message_kind kind, replica_id from, replica_id to, std::uint64_t term) {
  raft::message made;
  made.kind = kind;
  made.from = from;
  made.to = to;
  made.term = grape::term{term};
  return made;
}

bool has(const std::vector<raft::message>& messages, message_kind kind) {
  return std::any_of(messages.begin(), messages.end(),
                     [kind](const auto& one) { return one.kind == kind; });
}

constexpr auto all_writes = std::numeric_limits<std::size_t>::max();

} // namespace

TEST_SUITE("core.raft.peer") {
  // rule 05, S-11
  TEST_CASE("election timeouts are uniform in [T, 2T - 1]") {
    const std::pair<int, double> expected[] = {{5, 0}, {10, .1}, {13, .4}, {15, .6}, {18, .9},
                                               {20, 1}};
    const raft_drive::memory_log disk{{{}, {}, voters(3)}, {}};
    raft::options how;
    how.self = n1;
    how.prevote = false;
    for (const auto& [ticks, probability] : expected) {
      int fired = 0;

      for (how.seed = 0; how.seed < 10'000; ++how.seed) {
        raft::peer one{how, {{}, {}, voters(3)}, disk};
        for (int tick = 0; tick < ticks; ++tick)
          one.tick();
        fired += one.standing().role == role::candidate ? 1 : 0;
      }

      CAPTURE(ticks);
      CHECK(fired / 10'000.0 == doctest::Approx(probability).epsilon(0.03));
    }
  }

  TEST_CASE("a peer is a value: a copy does what the original does") {
    raft::options how;
    how.self = n1;
    how.seed = 5;
    const raft_drive::memory_log disk{{{}, {}, voters(3)}, {}};
    raft::peer one{how, {{}, {}, voters(3)}, disk};
    one.tick();

    auto other = one;
    for (int tick = 0; tick < 200; ++tick) {
      one.tick();
      other.tick();
    }

    CHECK(one.fingerprint() == other.fingerprint());
    CHECK(one.take_output().messages == other.take_output().messages);
  }

  // rule 01: a leader that forgot its term could lead it again, with other entries.
  TEST_CASE("nothing that a leader says leaves before its term and vote are durable") {
    const auto members = voters(3);
    raft_drive::node one{{.self = n1, .prevote = false}, {{{}, {}, members}, {}}};
    one.peer()->campaign();
    one.ready();
    auto grant = from_peer(message_kind::vote_response, n2, n1, 1);
    one.peer()->step(grant);
    grant.from = n3;
    one.peer()->step(grant);

    CHECK(one.peer()->standing().role == role::leader); // By the votes of others.
    one.tick();
    CHECK(one.ready().empty());
    CHECK(has(one.persist(all_writes), message_kind::append));
  }

  // rule 03: a request leaves before its term is durable. A crash may take back the term, and
  // entries that were not durable; a grant for that longer log must not elect the shorter one.
  TEST_CASE("a grant for a longer log than the candidate has is not counted") {
    raft_drive::node one{{.self = n1, .prevote = false}, {{{}, {}, voters(2)}, {}}};
    one.peer()->campaign();
    one.ready();
    one.persist(all_writes);
    auto grant = from_peer(message_kind::vote_response, n2, n1, 1);
    grant.index = log_index{1};
    grant.log_term = grape::term{1};

    one.peer()->step(grant);

    CHECK(one.peer()->standing().role == role::candidate);
    grant.index = {};
    grant.log_term = {};
    one.peer()->step(grant);
    CHECK(one.peer()->standing().role == role::leader);
  }

  TEST_CASE("a witness votes and acknowledges, and leads only to hand over") {
    auto members = voters(3);
    members.witnesses = {n3};
    small_group group{members, {.prevote = false}};
    bool lose_handover = true;
    group.passes = [&lose_handover](const auto& one) {
      return one.kind != message_kind::timeout_now || !lose_handover;
    };
    group[n3].campaign();
    group.settle();

    CHECK(group[n3].standing().role == role::leader);
    CHECK(std::holds_alternative<raft::dropped>(group[n3].propose(bytes("x"))));
    CHECK_FALSE(group[n3].read(1));
    CHECK(group[n3].commit() == log_index{1});
    lose_handover = false; // The first one was lost: the next heartbeat's answer brings another.
    group.node(n3).tick();
    group.settle();
    CHECK(group[n3].standing().role == role::follower);
    CHECK(group[n3].standing().leader != replica_id{});
    CHECK(group[n3].standing().leader != n3);
  }

  TEST_CASE("leadership is not transferred to a witness") {
    auto members = voters(3);
    members.witnesses = {n3};
    small_group group{members, {}};
    group[n1].campaign();
    group.settle();

    group[n1].transfer_to(n3);
    group.settle();

    CHECK(group[n1].standing().role == role::leader);
    CHECK(group[n1].status().transferee == replica_id{});
  }

  // rule 33
  TEST_CASE("a snapshot of an old term is forgotten with the term") {
    raft_drive::memory_log disk{{log_index{5}, grape::term{1}, voters(2)}, {}};
    disk.state.term = grape::term{1};
    raft_drive::node one{{.self = n1, .prevote = false}, std::move(disk)};
    one.peer()->campaign();
    one.ready();
    one.persist(all_writes);
    one.peer()->step(from_peer(message_kind::vote_response, n2, n1, 2));
    auto refusal = from_peer(message_kind::append_response, n2, n1, 2);
    refusal.reject = true;
    refusal.index = log_index{5};
    one.peer()->step(refusal);
    CHECK(one.peer()->status().progress[1].state == raft::progress_state::snapshot);

    one.peer()->step(from_peer(message_kind::heartbeat, n2, n1, 3));
    one.peer()->report_snapshot(n2, true);

    CHECK(one.peer()->status().progress.empty());
    one.peer()->campaign();
    one.ready();
    one.persist(all_writes);
    one.peer()->step(from_peer(message_kind::vote_response, n2, n1, 4));
    CHECK(one.peer()->status().progress[1].state == raft::progress_state::probe);
  }

  // rule 38
  TEST_CASE("reads that wait are bounded, and a question that is lost fails in time") {
    small_group group{voters(3), {.pending_reads_max = 3}};
    group[n1].campaign();
    group.settle();

    for (std::uint64_t context = 1; context <= 3; ++context) {
      CHECK(group[n1].read(context));
      CHECK(group[n2].read(context));
    }

    CHECK_FALSE(group[n1].read(4));
    CHECK_FALSE(group[n2].read(4));
    CHECK(group[n1].take_output().failed_reads == std::vector<std::uint64_t>{4});
    CHECK(group[n2].take_output().failed_reads == std::vector<std::uint64_t>{4});
    for (int tick = 0; tick < 20; ++tick)
      group[n2].tick();
    CHECK(group[n2].take_output().failed_reads.size() == 3);
    CHECK(group[n2].status().pending_reads == 0);
  }

  // rule 38: what a peer keeps does not grow with what it is sent. Also: no message, however
  // broken, brings it down.
  TEST_CASE("arbitrary messages neither stop a peer nor make it grow") {
    raft::chance dice{99};
    const auto number = [&dice] { return std::uint64_t{dice.below(7)}; };
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      CAPTURE(seed);
      raft_drive::node one{{.self = n1, .seed = seed, .prevote = seed % 2 == 0, .inflight_max = 4},
                           {{{}, {}, voters(3)}, {}}};
      log_index commit;
      grape::term term;
      for (int step = 0; step < 400; ++step) {
        auto made = from_peer(static_cast<message_kind>(1 + dice.below(14)), replica_id{number()},
                              n1, one.peer()->standing().term.value + number() / 6);
        made.index = log_index{number()};
        made.log_term = grape::term{number()};
        // Commits and entries only as a correct leader could send them: of one history.
        made.commit = std::min(made.index, commit.next());
        made.reject = dice.below(2) == 0;
        made.hint = log_index{number()};
        made.hint_term = grape::term{number()};
        made.context = number();
        made.force = dice.below(4) == 0;
        if (dice.below(3) == 0)
          made.snapshot = std::make_shared<const raft::snapshot_mark>(
            raft::snapshot_mark{log_index{number()}, grape::term{number()}, voters(3)});
        one.peer()->step(std::move(made));
        one.peer()->propose(bytes("x"));
        one.peer()->read(1'000 + number());
        if (dice.below(3) == 0)
          one.tick();
        if (dice.below(2) == 0)
          one.ready();
        if (dice.below(2) == 0)
          one.persist(dice.below(3));
        one.apply();
        CHECK(one.peer()->commit() >= commit);
        CHECK(one.peer()->standing().term >= term);
        CHECK(one.peer()->status().held_messages < 1'000);
        commit = one.peer()->commit();
        term = one.peer()->standing().term;
      }
    }
  }
}
