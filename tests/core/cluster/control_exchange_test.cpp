#include "core/cluster/control_exchange.hpp"

#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::cluster;

namespace {

host_report full_report() {
  host_report made;
  made.incarnation = 3;
  made.number = 99;
  made.silent = {node_number{2}};
  group_report led;
  led.group = group_id{7};
  led.term = term{5};
  led.members.voters = {replica_id{1}, replica_id{2}};
  led.members.outgoing = {replica_id{1}, replica_id{3}};
  led.members.learners = {replica_id{4}};
  led.members.learners_next = {replica_id{3}};
  led.members.witnesses = {replica_id{2}};
  led.members.auto_leave = true;
  led.members_since = log_index{40};
  led.leader = replica_id{1};
  led.successor = replica_id{2};
  led.following = {replica_id{4}};
  led.failures = {{replica_id{4}, 2}};
  made.leads = {led};
  made.indexed = {{group_id{7}, replica_id{1}}};
  made.gone = {{group_id{7}, replica_id{3}}, {group_id{8}, replica_id{2}}};
  return made;
}

std::vector<control_post> one_of_each() {
  raft::configuration_change change;
  change.steps = {{raft::change_kind::add_voter, replica_id{4}},
                  {raft::change_kind::remove, replica_id{1}}};
  const replica which{replica_id{4}, node_number{3}, replica_role::voter};
  return {full_report(),
          host_report{},
          group_action{group_id{7}, change_members{change, log_index{40}}},
          group_action{group_id{7}, build_indexes{which}},
          group_action{group_id{7}, hand_leadership_over{replica_id{2}}},
          group_action{group_id{7}, delete_replica{which}}};
}

} // namespace

TEST_SUITE("cluster.control_exchange") {
  TEST_CASE("every word comes back as it was, in pinned bytes") {
    std::string all;
    for (const auto& one : one_of_each()) {
      const auto bytes = encode(one);
      const auto read = decode_control_post(bytes);
      REQUIRE_MESSAGE(read.ok(), (read ? std::string{} : to_string(read.error())));
      CHECK(read->index() == one.index());
      CHECK(encode(*read) == bytes);
      all += bytes;
    }
    CHECK(testing::is_golden("control-exchange-2.bin", all));
  }

  TEST_CASE("nothing of a report is lost") {
    const auto read = decode_control_post(encode(full_report()));
    REQUIRE(read.ok());
    const auto& report = std::get<host_report>(*read);
    const auto wanted = full_report();
    CHECK(report.incarnation == wanted.incarnation);
    CHECK(report.number == wanted.number);
    CHECK(report.silent == wanted.silent);
    CHECK(report.indexed == wanted.indexed);
    CHECK(report.gone == wanted.gone);
    REQUIRE(report.leads.size() == 1);
    CHECK(report.leads[0].members == wanted.leads[0].members);
    CHECK(report.leads[0].following == wanted.leads[0].following);
    CHECK(report.leads[0].failures == wanted.leads[0].failures);
    CHECK(report.leads[0].successor == replica_id{2});
  }

  TEST_CASE("any bytes are read or refused") {
    std::mt19937 random{11};
    for (const auto& one : one_of_each())
      for (int i = 0; i < 5'000; ++i) {
        auto bytes = encode(one);
        bytes[random() % bytes.size()] = static_cast<char>(random());
        bytes.resize(random() % (bytes.size() + 1));
        if (const auto read = decode_control_post(bytes); read.ok())
          (void)encode(*read);
      }
    CHECK(decode_control_post("").error().code == errc::corrupted);
  }
}
