#include "actors/supervision/supervisor.hpp"

#include "actors/owed.hpp"
#include "actors/reporting.hpp"
#include "actors/supervision/census.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <utility>

namespace grape::actors {

using supervision::child_index;
using supervision::exit_kind;
using supervision::orders;

namespace {

/// To itself: these children may start now.
struct start_due {
  std::vector<child_index> who;
};

/// To itself: has this child ended by now?
struct shutdown_overdue {
  child_index who;
  std::uint64_t life = 0;
};

} // namespace

} // namespace grape::actors

GRAPE_STAYS_ON_NODE(grape::actors::start_due);
GRAPE_STAYS_ON_NODE(grape::actors::shutdown_overdue);

namespace grape::actors {

namespace {

using supervisor_self = supervisor_actor::extend<
  // From itself: the delay before a renewal is over.
  caf::reacts_to<start_due>,
  // From itself: a child was asked to end a while ago.
  caf::reacts_to<shutdown_overdue>>;

struct place {
  child_plan plan;
  caf::actor handle;      // Invalid: does not run.
  std::uint64_t life = 0; // Counts the actors that had this place.
  std::vector<owed<done>> farewells;
};

struct supervisor_state {
  supervisor_state() {}

  /// Children never outlive their floor: whoever is renewed above starts them anew.
  ~supervisor_state() {
    for (auto at = places.rbegin(); at != places.rend(); ++at)
      if (at->second.handle)
        caf::anon_send<caf::message_priority::high>(
          at->second.handle, caf::exit_msg{{}, caf::exit_reason::kill});
  }

  void perform(const orders& given);
  void start(child_index who);
  void stop(child_index who);
  void ended(const caf::down_msg& down);
  void report(child_index who, exit_kind how, std::string why);
  void adopt(const child_plan& plan);

  std::uint64_t now_ms() const {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                        self->clock().now().time_since_epoch())
                                        .count());
  }

  supervisor_self::stateful_pointer<supervisor_state> self = nullptr;
  std::string name;
  std::function<void()> renewed;
  std::optional<supervision::family> family;
  std::map<child_index, place> places;
  caf::error last_fall;
};


exit_kind kind_of(const supervision::child_spec& who, const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::normal || reason == caf::exit_reason::user_shutdown)
    return exit_kind::orderly;
  return supervision::kind_of_fall(who, to_status(reason).code);
}

void supervisor_state::perform(const orders& given) {
  if (given.escalate)
    return self->quit(last_fall ? last_fall : caf::make_error(errc::internal, name));
  if (given.closed)
    return self->quit(caf::exit_reason::user_shutdown);
  for (const auto who : given.stop)
    stop(who);
  if (given.delay_ms > 0)
    self->delayed_send(self, std::chrono::milliseconds{given.delay_ms}, start_due{given.start});
  else
    for (const auto who : given.start)
      start(who);
}

void supervisor_state::start(child_index who) {
  const auto at = places.find(who);
  if (at == places.end() || at->second.handle)
    return; // Dismissed, or stopped, during the delay.
  auto& place = at->second;
  if (++place.life > 1 && renewed)
    renewed();
  place.handle = place.plan.start(self->system());
  self->monitor(place.handle);
  family->started(who);
}

void supervisor_state::stop(child_index who) {
  const auto& place = places.at(who);
  if (!place.handle)
    return report(who, exit_kind::orderly, {});
  caf::anon_send<caf::message_priority::high>(
    place.handle, caf::exit_msg{self->address(), caf::exit_reason::user_shutdown});
  self->delayed_send(self, std::chrono::milliseconds{place.plan.spec.shutdown_ms},
                     shutdown_overdue{who, place.life});
}

void supervisor_state::ended(const caf::down_msg& down) {
  for (auto& [who, place] : places) {
    if (!place.handle || place.handle.address() != down.source)
      continue;
    place.handle = nullptr;
    const auto how = kind_of(place.plan.spec, down.reason);
    if (how != exit_kind::orderly)
      last_fall = down.reason;
    return report(who, how, describe(down.reason));
  }
}

void supervisor_state::report(child_index who, exit_kind how, std::string why) {
  const auto given = family->ended(who, how, std::move(why), now_ms());
  const auto stays = family->chronicles();
  const bool gone = std::none_of(stays.begin(), stays.end(),
                                 [who](const auto& told) { return told.who == who; });
  if (gone) {
    for (const auto& farewell : places.at(who).farewells)
      farewell.deliver(done{});
    places.erase(who);
  }
  perform(given);
}

void supervisor_state::adopt(const child_plan& plan) {
  if (family->find(plan.spec.name))
    return;
  const auto given = family->add(plan.spec);
  // The newborn is the youngest of the chronicles.
  places[family->chronicles().back().who].plan = plan;
  perform(given);
}

std::vector<census_entry> entries_of(const supervisor_state& state) {
  std::vector<census_entry> all;
  for (const auto& told : state.family->chronicles()) {
    const auto& place = state.places.at(told.who);
    all.push_back({told.spec.name, told.restarts, told.last_error, place.handle,
                   place.plan.is_floor});
  }
  return all;
}

supervisor_self::behavior_type
supervisor(supervisor_self::stateful_pointer<supervisor_state> self,
           const std::shared_ptr<const floor_plan>& plan) {
  auto& state = self->state;
  state.self = self;
  state.name = plan->name;
  state.renewed = plan->renewed;
  state.family.emplace(plan->how, plan->limit);
  if (plan->opened)
    plan->opened(caf::actor_cast<supervisor_actor>(self));
  self->set_down_handler([self](const caf::down_msg& down) { self->state.ended(down); });
  self->set_exit_handler(
    [self](const caf::exit_msg&) { self->state.perform(self->state.family->close()); });
  for (const auto& child : plan->children)
    state.adopt(child);
  return {
    reports(self),
    [self](const parcel<child_plan>& child) {
      self->state.adopt(*child.value);
      return done{};
    },
    [self](const parcel<dismissal>& whom) -> caf::result<done> {
      auto& own = self->state;
      const auto who = own.family->find(whom.value->name);
      if (!who)
        return done{};
      const owed<done> promise{self, fell()};
      own.places.at(*who).farewells.push_back(promise);
      own.perform(own.family->retire(*who));
      return promise;
    },
    [self](const kill_actor_request& asked) -> caf::result<done> {
      return kill_below(self, entries_of(self->state), asked);
    },
    [self](const list_actors_request&) -> caf::result<actor_tree> {
      return take_census(self, self->state.name, entries_of(self->state));
    },
    [self](const start_due& due) {
      for (const auto who : due.who)
        self->state.start(who);
    },
    [self](const shutdown_overdue& late) {
      const auto at = self->state.places.find(late.who);
      if (at != self->state.places.end() && at->second.handle && at->second.life == late.life)
        caf::anon_send<caf::message_priority::high>(
          at->second.handle, caf::exit_msg{self->address(), caf::exit_reason::kill});
    },
  };
}

} // namespace

supervisor_actor spawn_supervisor(caf::actor_system& system, floor_plan plan) {
  return system.spawn(supervisor, std::make_shared<const floor_plan>(std::move(plan)));
}

} // namespace grape::actors
