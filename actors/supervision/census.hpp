#pragma once

#include "actors/interfaces.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace grape::actors {

/// One child as its floor knows it.
struct census_entry {
  std::string name;
  std::uint64_t restarts = 0;
  std::string last_error;
  caf::actor handle; ///< Invalid: being renewed.
  bool is_floor = false;
};

/// An actor that has not said how it is within this time is shown as silent.
inline constexpr std::chrono::milliseconds census_timeout{1'000};

/// A census under way: the floor's own line, and what came back for each child.
struct census {
  actor_report head;
  std::vector<actor_tree> parts; // By child.
  std::size_t missing = 0;
  caf::typed_response_promise<actor_tree> promise;

  void one_less() {
    if (--missing > 0)
      return;
    actor_tree whole;
    whole.actors.push_back(std::move(head));
    for (auto& part : parts)
      for (auto& actor : part.actors)
        whole.actors.push_back(std::move(actor));
    promise.deliver(std::move(whole));
  }

  void silent(std::size_t child) {
    parts[child].actors[0].last_error += " (does not answer)";
    one_less();
  }
};

/// Asks one child of a floor for itself and everything below it.
template <class Self>
void count_child(Self* self, const std::shared_ptr<census>& count, std::size_t i,
                 const census_entry& child) {
  const auto failed = [count, i](const caf::error&) { count->silent(i); };
  if (child.is_floor)
    self
      ->template request<caf::message_priority::high>(
        caf::actor_cast<supervisor_actor>(child.handle), census_timeout, list_actors_request{})
      .then(
        [count, i](actor_tree& below) {
          // A floor does not know how often it was renewed itself; the floor above does.
          const auto mailbox = below.actors[0].mailbox;
          below.actors[0] = count->parts[i].actors[0];
          below.actors[0].mailbox = mailbox;
          count->parts[i] = std::move(below);
          count->one_less();
        },
        failed);
  else
    self
      ->template request<caf::message_priority::high>(
        caf::actor_cast<reporting_actor>(child.handle), census_timeout, report_yourself{})
      .then(
        [count, i](const self_report& said) {
          count->parts[i].actors[0].mailbox = said.mailbox;
          count->one_less();
        },
        failed);
}

/// Asks the children of a floor how they are, and floors for everything below them; the promise is
/// fulfilled when all have answered or been silent too long.
template <class Self>
caf::typed_response_promise<actor_tree> take_census(Self* self, const std::string& floor,
                                                    const std::vector<census_entry>& children) {
  auto count = std::make_shared<census>();
  count->promise = self->template make_response_promise<actor_tree>();
  count->missing = children.size() + 1;
  count->head.name = floor;
  count->head.mailbox = self->mailbox().size();
  for (const auto& child : children)
    count->parts.push_back({{{child.name, floor, child.restarts, 0, child.last_error}}});
  for (std::size_t i = 0; i < children.size(); ++i)
    if (children[i].handle)
      count_child(self, count, i, children[i]);
    else
      count->silent(i);
  auto promise = count->promise;
  count->one_less();
  return promise;
}

/// A search for an actor by name through the floors below.
struct manhunt {
  std::size_t missing = 1;
  bool found = false;
  std::string name;
  caf::typed_response_promise<done> promise;

  void one_less() {
    if (--missing == 0 && !found)
      promise.deliver(caf::make_error(errc::not_found, "no actor is called `" + name + "`"));
  }
};

/// Kills the child of that name, or asks the floors below to; not_found if nobody has it.
template <class Self>
caf::result<done> kill_below(Self* self, const std::vector<census_entry>& children,
                             const kill_actor_request& asked) {
  for (const auto& child : children)
    if (child.name == asked.name) {
      if (child.handle) // Else it has fallen already.
        caf::anon_send<caf::message_priority::high>(
          child.handle, caf::exit_msg{self->address(), caf::exit_reason::kill});
      return done{};
    }
  auto hunt = std::make_shared<manhunt>();
  hunt->name = asked.name;
  hunt->promise = self->template make_response_promise<done>();
  for (const auto& child : children)
    if (child.is_floor && child.handle) {
      ++hunt->missing;
      self
        ->template request<caf::message_priority::high>(
          caf::actor_cast<supervisor_actor>(child.handle), census_timeout, asked)
        .then(
          [hunt](done) {
            if (!std::exchange(hunt->found, true))
              hunt->promise.deliver(done{});
            hunt->one_less();
          },
          [hunt](const caf::error&) { hunt->one_less(); });
    }
  auto promise = hunt->promise;
  hunt->one_less();
  return promise;
}

} // namespace grape::actors
