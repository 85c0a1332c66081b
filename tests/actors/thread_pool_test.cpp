#include "actors/pool/thread_pool.hpp"
#include "tests/actors/executor_checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace grape::actors;

namespace {

/// How the system treats the calling thread.
struct treatment {
  int policy = sched_getscheduler(0);
  int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));

  bool operator==(const treatment&) const = default;
};

/// Of a thread that asked for some urgency; the others keep theirs.
treatment treatment_of(urgency wanted) {
  std::promise<treatment> told;
  thread_pool pool{{.name = "t", .threads = 1, .how = wanted}};
  REQUIRE(pool.post([&told] { told.set_value(treatment{}); }));
  return told.get_future().get();
}

} // namespace

TEST_SUITE("actors.pool") {
  TEST_CASE("a thread is as urgent as was asked, and nobody else") {
    const treatment own;

    CHECK(treatment_of(urgency::ordinary) == own);
    CHECK(treatment_of(urgency::prompt) == own); // Its slice is shorter.
    CHECK(treatment_of(urgency::patient).policy == SCHED_BATCH);
    CHECK(treatment_of(urgency::patient).nice == own.nice);
    CHECK(treatment_of(urgency::background).policy == SCHED_BATCH);
    CHECK(treatment_of(urgency::background).nice == std::max(own.nice, 10));
    CHECK(treatment_of(urgency::idle).policy == SCHED_IDLE);
    CHECK(treatment{} == own);
  }

  TEST_CASE("every job that was taken runs once") {
    std::atomic<int> ran{0};
    {
      thread_pool pool{{.name = "t", .threads = 3, .queue_max = 1'000, .finish_queue = true}};
      for (int i = 0; i < 500; ++i)
        CHECK(pool.post([&ran] { ++ran; }));
    }
    CHECK(ran == 500);
  }

  TEST_CASE("a full queue refuses, and destroys what it refuses") {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    thread_pool pool{{.name = "t", .threads = 1, .queue_max = 2}};
    std::promise<void> begun;
    REQUIRE(pool.post([opened, &begun] {
      begun.set_value();
      opened.wait();
    }));
    begun.get_future().wait(); // The only thread is busy from here on.
    auto witness = std::make_shared<int>();

    CHECK(pool.post([witness] {}));
    CHECK(pool.post([witness] {}));
    CHECK_FALSE(pool.post([witness] {}));

    CHECK(witness.use_count() == 3);
    CHECK(pool.waiting() == 2);
    gate.set_value();
  }

  TEST_CASE("closing drops what waits unless it is to be finished") {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    std::promise<void> begun;
    std::atomic<int> ran{0};
    thread_pool pool{{.name = "t", .threads = 1, .queue_max = 9}};
    REQUIRE(pool.post([opened, &begun] {
      begun.set_value();
      opened.wait();
    }));
    begun.get_future().wait();
    REQUIRE(pool.post([&ran] { ++ran; }));

    pool.close();
    gate.set_value();
    pool.join();

    CHECK(ran == 0);
    CHECK_FALSE(pool.post([] {}));
  }

  TEST_CASE("a caller runs its job itself in a free place, and what came to wait for it") {
    thread_pool pool{{.name = "t", .threads = 1, .queue_max = 9}};
    const auto me = std::this_thread::get_id();
    std::vector<std::thread::id> ran;
    const auto job = [&ran] { ran.push_back(std::this_thread::get_id()); };

    CHECK_FALSE(pool.run_waiting());
    const bool was_free = pool.run_here([&] {
      job();
      CHECK_FALSE(pool.run_here(job)); // The only place is taken.
      CHECK(pool.post(job));
      CHECK(pool.post(job));
      CHECK_FALSE(pool.run_waiting());
    });
    CHECK(was_free);
    CHECK(pool.waiting() == 2);
    CHECK_FALSE(pool.run_here(job)); // Others were first.

    CHECK(pool.run_waiting());
    CHECK(pool.run_waiting());
    CHECK_FALSE(pool.run_waiting());
    CHECK(ran == std::vector<std::thread::id>{me, me, me});
    pool.close();
    CHECK_FALSE(pool.run_here(job));
  }

  TEST_CASE("a caller whose job fails leaves its place") {
    thread_pool pool{{.name = "t", .threads = 1, .queue_max = 9}};
    const auto fail = [] { throw std::bad_alloc{}; };

    CHECK_THROWS_AS(pool.run_here(fail), std::bad_alloc);
    const bool is_free_again = pool.run_here([&] { pool.post(fail); });
    CHECK(is_free_again);
    CHECK_THROWS_AS(pool.run_waiting(), std::bad_alloc);
    CHECK(pool.run_here([] {}));
    CHECK(pool.waiting() == 0);
  }

  TEST_CASE("what waits for a caller that does not come goes on with the next job") {
    thread_pool pool{{.name = "t", .threads = 1, .queue_max = 9}};
    std::vector<int> ran;
    std::promise<void> both;
    const bool was_free = pool.run_here([&] {
      pool.post([&ran] { ran.push_back(1); });
    });
    REQUIRE(was_free);

    REQUIRE(pool.post([&] {
      ran.push_back(2);
      both.set_value();
    }));

    both.get_future().wait();
    CHECK(ran == std::vector<int>{1, 2});
  }

  TEST_CASE("callers and threads together never run more jobs than there are places") {
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<int> ran{0};
    const auto job = [&] {
      const int now = ++running;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::yield();
      --running;
      ++ran;
    };
    {
      thread_pool pool{{.name = "t", .threads = 2, .queue_max = 10'000}};
      std::vector<std::thread> callers;
      for (int who = 0; who < 4; ++who)
        callers.emplace_back([&pool, &job, who] {
          for (int i = 0; i < 1'000; ++i) {
            if ((i + who) % 3 == 0 || !pool.run_here(job))
              pool.post(job);
            while (pool.run_waiting()) {
            }
          }
        });
      for (auto& each : callers)
        each.join();
      while (ran < 4'000) // None is left behind when all callers are gone.
        std::this_thread::yield();
    }

    CHECK(most <= 2);
  }

  TEST_CASE("joining waits for callers that run a job in the pool") {
    thread_pool pool{{.name = "t", .threads = 2, .queue_max = 9}};
    std::promise<void> begun;
    std::atomic<bool> ended{false};
    std::thread caller{[&] {
      pool.run_here([&] {
        begun.set_value();
        while (pool.post([] {})) // Until the pool is closed.
          std::this_thread::yield();
        ended = true;
      });
    }};
    begun.get_future().wait();

    pool.join();

    CHECK(ended);
    caller.join();
  }

  TEST_CASE("an executor runs each index once, also when the pool has no thread to spare") {
    auto pool = std::make_shared<thread_pool>(
      thread_pool_options{.name = "t", .threads = 2, .queue_max = 1});
    pool_executor wide{pool, 8};

    for (int round = 0; round < 200; ++round) {
      std::vector<std::atomic<int>> seen(17);
      wide.run(seen.size(), [&seen](std::size_t i) { ++seen[i]; });
      for (const auto& times : seen)
        REQUIRE(times == 1);
    }
  }

  TEST_CASE("an executor brings what a job throws to its caller, when no other runs any more") {
    auto pool = std::make_shared<thread_pool>(
      thread_pool_options{.name = "t", .threads = 3, .queue_max = 8});
    pool_executor wide{pool, 4};

    check_throwing(wide);
  }

  TEST_CASE("an executor works for a job of its own pool") {
    auto pool = std::make_shared<thread_pool>(
      thread_pool_options{.name = "t", .threads = 1, .queue_max = 8});
    std::promise<int> sum;

    REQUIRE(pool->post([&pool, &sum] {
      std::atomic<int> total{0};
      pool_executor{pool, 4}.run(10, [&total](std::size_t i) { total += static_cast<int>(i); });
      sum.set_value(total);
    }));

    CHECK(sum.get_future().get() == 45);
    pool->join(); // Before the last handle is gone: a pool cannot wait for the thread that is it.
  }
}
