#include "tests/simulation/checker.hpp"
#include "tests/simulation/violation.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace grape;
using namespace grape::simulation;

raft::entry entry_of(std::uint64_t index, std::uint64_t term, const char* says) {
  return {log_index{index}, grape::term{term}, raft::entry_kind::normal,
          std::make_shared<const std::string>(says)};
}

staged_snapshot three_voters() {
  staged_snapshot first;
  first.mark = {log_index{1}, grape::term{1}, {}};
  first.mark.members.voters = {replica_id{1}, replica_id{2}, replica_id{3}};
  first.data.applied = first.mark.index;
  first.data.members = std::make_shared<const raft::configuration>(first.mark.members);
  first.prefix = 7;
  return first;
}

/// The logs of three replicas and the laws that they must keep.
struct bed {
  bed() {
    laws.begin(three_voters());
    for (auto& each : logs)
      each.restart(log_index{1}, grape::term{1}, 7);
  }

  void write(int replica, const raft::entry& next) {
    logs[replica - 1].put(next);
    laws.log_changed(replica_id(replica), logs[replica - 1], next.index);
  }

  checker::moment leader(std::uint64_t replica, std::uint64_t term, std::uint64_t commit) const {
    return {replica_id{replica}, raft::role::leader, grape::term{term}, log_index{commit}, {}};
  }

  void commit(const checker::moment& now) {
    laws.committed(now, three_voters().mark.members, logs[now.who.value - 1],
                   [this](replica_id each) { return &logs[each.value - 1]; });
  }

  sometimes counts;
  checker laws{counts};
  std::array<chain, 3> logs;
};

/// The law that `breaks` breaks; empty if none.
template <class Function>
std::string broken_by(Function breaks) {
  try {
    breaks();
  } catch (const violation& found) {
    return found.law;
  }
  return {};
}

} // namespace

TEST_SUITE("simulation.checker") {
  TEST_CASE("two leaders of one term break election safety") {
    bed it;
    it.laws.became_leader(it.leader(1, 2, 1), {}, it.logs[0]);

    CHECK(broken_by([&] { it.laws.became_leader(it.leader(1, 2, 1), {}, it.logs[0]); }).empty());
    CHECK(broken_by([&] { it.laws.became_leader(it.leader(2, 2, 1), {}, it.logs[1]); })
          == "election_safety");
  }

  TEST_CASE("one index and term with two contents break log matching") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));

    CHECK(broken_by([&] { it.write(2, entry_of(2, 2, "x")); }).empty());
    CHECK(broken_by([&] { it.write(3, entry_of(2, 2, "y")); }) == "log_matching");
  }

  TEST_CASE("a leader commits only what a quorum has on disk") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));
    CHECK(broken_by([&] { it.commit(it.leader(1, 2, 2)); }) == "commit_is_durable");

    it.write(3, entry_of(2, 2, "x"));
    CHECK(broken_by([&] { it.commit(it.leader(1, 2, 2)); }).empty());
  }

  TEST_CASE("a leader that commits an entry of an older term by counting is noticed") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));

    CHECK(broken_by([&] { checker::counted(it.leader(1, 2, 2), it.logs[0]); }).empty());
    CHECK(broken_by([&] { checker::counted(it.leader(1, 4, 2), it.logs[0]); })
          == "commit_counts_own_term");
  }

  TEST_CASE("a later leader without a committed entry breaks leader completeness") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));
    it.write(3, entry_of(2, 2, "x"));
    it.commit(it.leader(1, 2, 2));

    CHECK(broken_by([&] { it.laws.became_leader(it.leader(3, 3, 1), {}, it.logs[2]); }).empty());
    CHECK(broken_by([&] { it.laws.became_leader(it.leader(2, 4, 1), {}, it.logs[1]); })
          == "leader_completeness");
  }

  TEST_CASE("an old candidate that wins late need not know what came after its term") {
    bed it;
    it.write(1, entry_of(2, 5, "x"));
    it.write(3, entry_of(2, 5, "x"));
    it.commit(it.leader(1, 5, 2));

    CHECK(broken_by([&] { it.laws.became_leader(it.leader(2, 3, 1), {}, it.logs[1]); }).empty());
  }

  TEST_CASE("a disk that loses a committed entry is noticed") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));
    it.write(3, entry_of(2, 2, "x"));
    it.commit(it.leader(1, 2, 2));
    const auto kept = it.laws.disk_changed(replica_id{3}, it.logs[2], term{2}, log_index{1});
    CHECK(kept == log_index{2});

    it.logs[2].cut_from(log_index{2});

    CHECK(broken_by([&] { it.laws.disk_changed(replica_id{3}, it.logs[2], term{2}, kept); })
          == "committed_is_durable");
  }

  TEST_CASE("a disk that does not know of the term that committed an entry may lose its copy") {
    bed it;
    it.write(1, entry_of(2, 2, "x"));
    it.write(3, entry_of(2, 2, "x"));
    it.commit(it.leader(1, 2, 2));

    const auto kept = it.laws.disk_changed(replica_id{3}, it.logs[2], term{1}, log_index{1});

    CHECK(kept == log_index{1});
  }

  TEST_CASE("a read below an acknowledged write is stale") {
    CHECK(broken_by([] { checker::read(replica_id{1}, log_index{5}, log_index{5}); }).empty());
    CHECK(broken_by([] { checker::read(replica_id{1}, log_index{5}, log_index{4}); })
          == "reads_are_linearizable");
  }

  TEST_CASE("nothing of a replica goes back") {
    bed it;
    const auto before = it.leader(1, 3, 9);

    CHECK(broken_by([&] { checker::compare(before, it.leader(1, 2, 9)); }) == "term_monotonic");
    CHECK(broken_by([&] { checker::compare(before, it.leader(1, 3, 8)); }) == "commit_monotonic");
    CHECK(broken_by([&] { checker::compare(before, it.leader(1, 4, 9)); }).empty());
  }

  TEST_CASE("quorums meet after a step by one voter, and not after a leap") {
    raft::configuration three;
    three.voters = {replica_id{1}, replica_id{2}, replica_id{3}};
    auto four = three;
    four.voters.push_back(replica_id{4});
    raft::configuration others;
    others.voters = {replica_id{3}, replica_id{4}, replica_id{5}};
    auto joint = others;
    joint.outgoing = three.voters;

    CHECK(quorums_meet(three, four));
    CHECK_FALSE(quorums_meet(three, others));
    CHECK(quorums_meet(three, joint));
    CHECK(quorums_meet(joint, others));
  }
}
