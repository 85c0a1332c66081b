#include "core/raft/configuration.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

using namespace grape;
using namespace grape::raft;

namespace {

replica_set ids(std::initializer_list<std::uint64_t> from) {
  replica_set made;
  for (const auto each : from)
    made.emplace_back(each);
  return made;
}

configuration voters(std::initializer_list<std::uint64_t> from) {
  configuration made;
  made.voters = ids(from);
  return made;
}

change_step add(std::uint64_t which) {
  return {change_kind::add_voter, replica_id{which}};
}

change_step learner(std::uint64_t which) {
  return {change_kind::add_learner, replica_id{which}};
}

change_step removal(std::uint64_t which) {
  return {change_kind::remove, replica_id{which}};
}

change_step witness(std::uint64_t which) {
  return {change_kind::add_witness, replica_id{which}};
}

std::string refusal(const outcome<configuration>& of) {
  REQUIRE_FALSE(of.ok());
  CHECK(of.error().code == errc::invalid);
  return of.error().detail;
}

std::string text(const replica_set& of) {
  std::string made;
  for (const auto each : of)
    made += (made.empty() ? "" : " ") + std::to_string(each.value);
  return made;
}

/// "voters=1 2 outgoing=1 learners_next=3", without what is empty.
std::string text(const outcome<configuration>& of) {
  if (!of)
    return of.error().detail;
  auto made = "voters=" + text(of->voters);
  if (of->joint())
    made += " outgoing=" + text(of->outgoing);
  if (!of->learners.empty())
    made += " learners=" + text(of->learners);
  if (!of->learners_next.empty())
    made += " learners_next=" + text(of->learners_next);
  if (!of->witnesses.empty())
    made += " witnesses=" + text(of->witnesses);
  return made + (of->auto_leave ? " auto" : "");
}

bool is_set(const replica_set& of) {
  return std::adjacent_find(of.begin(), of.end(), std::greater_equal<>{}) == of.end();
}

bool meet(const replica_set& a, const replica_set& b) {
  return std::any_of(a.begin(), a.end(), [&](replica_id each) { return contains(b, each); });
}

bool within(const replica_set& part, const replica_set& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

/// What etcd's checkInvariants demands, and what witnesses add to it.
void check_sound(const configuration& of) {
  for (const auto* set : {&of.voters, &of.outgoing, &of.learners, &of.learners_next,
                          &of.witnesses})
    CHECK(is_set(*set));
  CHECK_FALSE(of.voters.empty());
  CHECK_FALSE(meet(of.learners, of.voters));
  CHECK_FALSE(meet(of.learners, of.outgoing));
  CHECK(within(of.learners_next, of.outgoing));
  CHECK_FALSE(meet(of.learners_next, of.voters));
  CHECK_FALSE(meet(of.learners_next, of.learners));
  CHECK_FALSE(within(of.voters, of.witnesses));
  for (const auto each : of.witnesses)
    CHECK(of.is_voter(each));
  if (!of.joint()) {
    CHECK(of.learners_next.empty());
    CHECK_FALSE(of.auto_leave);
  }
}

/// Whether every majority of one set meets every majority of the other: by trying all.
bool majorities_meet(const replica_set& a, const replica_set& b) {
  for (std::uint32_t left = 0; left < 1u << a.size(); ++left)
    for (std::uint32_t right = 0; right < 1u << b.size(); ++right) {
      replica_set one;
      replica_set other;
      for (std::size_t i = 0; i < a.size(); ++i)
        if ((left >> i & 1) != 0)
          one.push_back(a[i]);
      for (std::size_t i = 0; i < b.size(); ++i)
        if ((right >> i & 1) != 0)
          other.push_back(b[i]);
      if (2 * one.size() > a.size() && 2 * other.size() > b.size() && !meet(one, other))
        return false;
    }
  return true;
}

configuration_change any_change(std::mt19937_64& engine) {
  configuration_change made;
  made.mode = static_cast<change_mode>(1 + engine() % 4);
  for (auto left = engine() % 4; left > 0; --left)
    made.steps.push_back({static_cast<change_kind>(1 + engine() % 4),
                          replica_id{1 + engine() % 5}});
  return made;
}

} // namespace

TEST_SUITE("core.raft.configuration") {
  TEST_CASE("S-40: what a change may not do, rule 22") {
    const auto joint = *enter_joint(voters({1}), {add(2)}, false);
    CHECK(refusal(simple_change(voters({1}), {add(2), add(3)}))
          == "a change of members alters more than one voter without a joint state");
    CHECK(refusal(enter_joint(joint, {add(3)}, false))
          == "a change of members while in a joint state");
    CHECK(refusal(simple_change(joint, {add(3)}))
          == "a change of members while in a joint state");
    CHECK(refusal(changed(joint, {change_mode::automatic, {add(3)}}))
          == "a change of members while in a joint state");
    CHECK(refusal(leave_joint(voters({1})))
          == "a change of members leaves a joint state that is not there");
    CHECK(refusal(simple_change(voters({1}), {removal(1)}))
          == "a change of members leaves no voter");
    CHECK(refusal(enter_joint(voters({1, 2}), {removal(1), removal(2)}, true))
          == "a change of members leaves no voter");
    CHECK(refusal(enter_joint({}, {add(1)}, true))
          == "a change of members enters a joint state without a voter");
    CHECK(refusal(simple_change(voters({1}), {add(0)})) == "a change of members names replica 0");
    CHECK_FALSE(changed(voters({1}), {static_cast<change_mode>(9), {}}).ok());
    CHECK_FALSE(simple_change(voters({1}), {{static_cast<change_kind>(9), replica_id{2}}}).ok());
  }

  TEST_CASE("S-40: a joint change and its leaving") {
    const auto joint = enter_joint(voters({1}), {removal(1), add(2), add(3), learner(4)}, false);
    CHECK(text(joint) == "voters=2 3 outgoing=1 learners=4");
    CHECK(text(leave_joint(*joint)) == "voters=2 3 learners=4");
  }

  TEST_CASE("simple changes add, promote, demote and remove") {
    CHECK(text(simple_change({}, {add(1)})) == "voters=1");
    CHECK(text(simple_change(voters({1}), {add(2)})) == "voters=1 2");
    CHECK(text(simple_change(voters({1, 2}), {add(1)})) == "voters=1 2");
    CHECK(text(simple_change(voters({1, 2}), {removal(9)})) == "voters=1 2");
    CHECK(text(simple_change(voters({1, 2}), {learner(2)})) == "voters=1 learners=2");
    CHECK(text(simple_change(voters({1}), {learner(2), learner(3)})) == "voters=1 learners=2 3");
    const auto with_learner = *simple_change(voters({1}), {learner(2)});
    CHECK(text(simple_change(with_learner, {learner(2)})) == "voters=1 learners=2");
    CHECK(text(simple_change(with_learner, {add(2)})) == "voters=1 2");
    CHECK(text(simple_change(with_learner, {removal(2)})) == "voters=1");
  }

  TEST_CASE("a demoted voter votes until the joint state is left, rule 22") {
    const auto joint = enter_joint(voters({1, 2, 3}), {learner(3), add(4)}, true);

    CHECK(text(joint) == "voters=1 2 4 outgoing=1 2 3 learners_next=3 auto");
    CHECK(joint->is_voter(replica_id{3}));
    CHECK(joint->is_member(replica_id{3}));
    CHECK(joint->members() == ids({1, 2, 3, 4}));
    CHECK(text(leave_joint(*joint)) == "voters=1 2 4 learners=3");
  }

  TEST_CASE("steps are taken in their order, the last word holds") {
    CHECK(text(enter_joint(voters({1, 2}), {learner(2), add(2)}, false))
          == "voters=1 2 outgoing=1 2");
    CHECK(text(enter_joint(voters({1, 2}), {add(3), learner(3)}, false))
          == "voters=1 2 outgoing=1 2 learners=3");
    CHECK(text(enter_joint(voters({1, 2}), {learner(2), removal(2)}, false))
          == "voters=1 outgoing=1 2");
    CHECK(text(enter_joint(voters({1, 2}), {removal(2), learner(2)}, false))
          == "voters=1 outgoing=1 2 learners_next=2");
  }

  TEST_CASE("an automatic change is joint only when it must be, rule 21") {
    const auto automatic = [](configuration from, std::vector<change_step> steps) {
      return text(changed(from, {change_mode::automatic, std::move(steps)}));
    };
    CHECK(automatic(voters({1}), {add(2), learner(3)}) == "voters=1 2 learners=3");
    CHECK(automatic(voters({1}), {add(2), add(3)}) == "voters=1 2 3 outgoing=1 auto");
    CHECK(automatic(voters({1, 2}), {removal(1), add(3)}) == "voters=2 3 outgoing=1 2 auto");
    CHECK(automatic(voters({1}), {}) == "voters=1");
    CHECK(text(changed(voters({1}), {change_mode::joint, {add(2)}})) == "voters=1 2 outgoing=1");
    CHECK(text(changed(voters({1}), {change_mode::simple, {add(2)}})) == "voters=1 2");
    CHECK(text(changed(*enter_joint(voters({1}), {add(2)}, true), {change_mode::leave, {}}))
          == "voters=1 2");
  }

  TEST_CASE("a witness is a voter that never gets points and is never the only one") {
    const auto with_witness = *simple_change(voters({1, 2}), {witness(3)});
    CHECK(text(with_witness) == "voters=1 2 3 witnesses=3");
    CHECK(text(simple_change(with_witness, {witness(3)})) == "voters=1 2 3 witnesses=3");
    CHECK(text(simple_change(with_witness, {removal(3)})) == "voters=1 2");
    CHECK(text(simple_change(*simple_change(voters({1}), {learner(2)}), {witness(2)}))
          == "voters=1 2 witnesses=2");
    CHECK_FALSE(simple_change(with_witness, {add(3)}).ok());
    CHECK_FALSE(simple_change(with_witness, {learner(3)}).ok());
    CHECK_FALSE(simple_change(with_witness, {removal(3), add(3)}).ok());
    CHECK_FALSE(simple_change(with_witness, {witness(2)}).ok());
    CHECK_FALSE(enter_joint(with_witness, {removal(1), removal(2)}, true).ok());
    CHECK_FALSE(simple_change({}, {witness(1)}).ok());

    const auto joint = *enter_joint(with_witness, {removal(3), add(4)}, true);
    CHECK(text(joint) == "voters=1 2 4 outgoing=1 2 3 witnesses=3 auto");
    CHECK(text(leave_joint(joint)) == "voters=1 2 4");
  }

  TEST_CASE("whatever is asked for, the result is sound and its quorums meet the old ones") {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 engine{seed};
      auto now = voters({1, 2, 3});
      std::size_t taken = 0;
      for (int step = 0; step < 40; ++step) {
        const auto next = changed(now, any_change(engine));
        if (!next) {
          CHECK(next.error().code == errc::invalid);
          continue;
        }
        check_sound(*next);
        // A joint state decides with both sets, so one pair of sets that meets is enough.
        const auto old_half = now.joint() ? now.outgoing : now.voters;
        const auto safe = next->joint()  ? next->outgoing == now.voters
                          : now.joint()  ? next->voters == now.voters
                                         : majorities_meet(old_half, next->voters);
        CHECK(safe);
        now = *next;
        ++taken;
      }
      CHECK(taken > 0);
    }
  }
}
