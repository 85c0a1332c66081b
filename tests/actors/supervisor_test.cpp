#include "tests/actors/deterministic_house.hpp"

#include "actors/reporting.hpp"

using namespace grape;
using namespace grape::actors;

namespace {

struct witness_state {
  witness_state() {}

  ~witness_state() {
    if (diary)
      diary->push_back("-" + name);
  }

  std::shared_ptr<std::vector<std::string>> diary;
  std::string name;
};

reporting_actor::behavior_type witness(reporting_actor::stateful_pointer<witness_state> self,
                                       const std::shared_ptr<std::vector<std::string>>& diary,
                                       const std::string& name) {
  self->state.diary = diary;
  self->state.name = name;
  diary->push_back("+" + name);
  return {reports(self)};
}

struct floor_of_witnesses : deterministic_system {
  floor_plan plan(supervision::strategy how, std::uint32_t restarts_max = 5) {
    floor_plan out;
    out.name = "floor";
    out.how = how;
    out.limit.restarts_max = restarts_max;
    for (const auto* name : {"a", "b", "c"})
      out.children.push_back(
        {{.name = name}, false, [diary = diary, name](caf::actor_system& in) {
           return caf::actor_cast<caf::actor>(in.spawn(witness, diary, std::string{name}));
         }});
    return out;
  }

  void kill(const supervisor_actor& floor, const std::string& name) {
    caf::anon_send(floor, kill_actor_request{name});
    settle();
  }

  std::string told() {
    std::string all;
    for (const auto& line : std::exchange(*diary, {}))
      all += line + " ";
    return all;
  }

  std::shared_ptr<std::vector<std::string>> diary
    = std::make_shared<std::vector<std::string>>();
};

void end(const supervisor_actor& floor, caf::exit_reason how) {
  caf::anon_send<caf::message_priority::high>(caf::actor_cast<caf::actor>(floor),
                                              caf::exit_msg{{}, how});
}

} // namespace

TEST_SUITE("actors.supervisor") {
  TEST_CASE_FIXTURE(floor_of_witnesses, "children start in order and end youngest first") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::one_for_one));
    settle();
    CHECK(told() == "+a +b +c ");

    end(floor, caf::exit_reason::user_shutdown);
    settle();

    CHECK(told() == "-c -b -a ");
  }

  TEST_CASE_FIXTURE(floor_of_witnesses, "one for one renews who fell") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::one_for_one));
    settle();
    (void)told();

    kill(floor, "b");

    CHECK(told() == "-b +b ");
    end(floor, caf::exit_reason::user_shutdown);
    settle();
  }

  TEST_CASE_FIXTURE(floor_of_witnesses, "rest for one renews who fell and who leaned on it") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::rest_for_one));
    settle();
    (void)told();

    kill(floor, "a");

    CHECK(told() == "-a -c -b +a +b +c ");
    end(floor, caf::exit_reason::user_shutdown);
    settle();
  }

  TEST_CASE_FIXTURE(floor_of_witnesses, "a floor that cannot heal falls with all its children") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::one_for_one, 1));
    settle();
    auto ended = std::make_shared<bool>(false);
    floor->attach_functor([ended](const caf::error&) { *ended = true; });

    kill(floor, "a");
    CHECK_FALSE(*ended);
    kill(floor, "a");
    advance(10);

    CHECK(*ended);
    CHECK(told() == "+a +b +c -a +a -a -c -b ");
  }

  TEST_CASE_FIXTURE(floor_of_witnesses, "children never outlive a floor that is killed") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::one_for_one));
    settle();
    (void)told();

    end(floor, caf::exit_reason::kill);
    settle();

    CHECK(told() == "-c -b -a ");
  }

  TEST_CASE_FIXTURE(floor_of_witnesses, "a child that is dismissed is not renewed") {
    auto floor = spawn_supervisor(system, plan(supervision::strategy::one_for_one));
    settle();
    (void)told();

    caf::anon_send(floor, wrap(dismissal{"b"}));
    settle();
    kill(floor, "b");

    CHECK(told() == "-b ");
    end(floor, caf::exit_reason::user_shutdown);
    settle();
  }
}
