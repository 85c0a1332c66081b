// Goal: whoever runs next on the same thread keeps nobody else waiting, and nothing is lost.

#include "actors/scheduling.hpp"

#include <caf/all.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <vector>

using namespace grape;

namespace {

constexpr std::chrono::seconds patience{20};

struct config : caf::actor_system_config {
  explicit config(std::size_t threads) {
    set("scheduler.max-threads", threads);
    set("scheduler.max-throughput", std::size_t{10});
    actors::schedule_next_of_kin(*this);
  }
};

struct house {
  explicit house(std::size_t threads)
    : settings(threads)
    , system(settings) {}

  config settings;
  caf::actor_system system;
  caf::scoped_actor self{system};
};

struct ring_state {
  ring_state() {}

  caf::actor next;
};

/// Passes a number on to the next actor of a ring, one less, until there is nothing left of it.
caf::behavior ring_member(caf::stateful_actor<ring_state>* self, const caf::actor& done) {
  return {
      [self](const caf::actor& next) { self->state.next = next; },
      [self, done](std::uint64_t left) {
        if (left == 0)
          self->send(done, caf::ok_atom_v);
        else
          self->send(self->state.next, left - 1);
      },
  };
}

std::vector<caf::actor> ring(house& in, std::size_t size) {
  std::vector<caf::actor> all;
  for (std::size_t i = 0; i < size; ++i)
    all.push_back(in.system.spawn(ring_member, caf::actor{in.self}));
  for (std::size_t i = 0; i < size; ++i)
    caf::anon_send(all[i], all[(i + 1) % size]);
  return all;
}

/// Each message makes two of the same kind, for actors of the next generation.
caf::behavior sower(caf::event_based_actor* self, const std::shared_ptr<std::atomic<int>>& sown) {
  return {[self, sown](int generations) {
    sown->fetch_add(1);
    for (int i = 0; i < 2 && generations > 0; ++i)
      self->send(self->spawn(sower, sown), generations - 1);
  }};
}

} // namespace

TEST_SUITE("actors.scheduling") {
  TEST_CASE("an endless conversation on the only thread leaves others their turn") {
    house at_home{1};
    const auto talkers = ring(at_home, 2);
    caf::anon_send(talkers[0], std::uint64_t{1} << 62);

    const auto other = ring(at_home, 2);
    caf::anon_send(other[0], std::uint64_t{1'000});

    bool heard = false;
    at_home.self->receive([&](caf::ok_atom) { heard = true; }, caf::after(patience) >> [] {});
    CHECK(heard);
    for (const auto& talker : talkers)
      at_home.self->send<caf::message_priority::high>(
          talker, caf::exit_msg{at_home.self->address(), caf::exit_reason::kill});
    for (const auto& one : other)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }

  TEST_CASE("many conversations on many threads all come to their end") {
    house at_home{4};
    constexpr int rings = 50;
    std::vector<caf::actor> all;
    for (int i = 0; i < rings; ++i)
      for (auto& one : ring(at_home, 5))
        all.push_back(one);
    for (int i = 0; i < rings; ++i)
      caf::anon_send(all[static_cast<std::size_t>(i) * 5], std::uint64_t{2'000});

    int ended = 0;
    bool late = false;
    while (ended < rings && !late)
      at_home.self->receive([&](caf::ok_atom) { ++ended; },
                            caf::after(patience) >> [&] { late = true; });

    CHECK(ended == rings);
    for (const auto& one : all)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  }

  TEST_CASE("an actor that sends to several loses none of them, also when the system ends") {
    const auto sown = std::make_shared<std::atomic<int>>(0);
    {
      house at_home{3};
      caf::anon_send(at_home.system.spawn(sower, sown), 10);
    } // Waits for all actors: each ends when nobody knows it any more.

    CHECK(sown->load() == (1 << 11) - 1);
  }
}
