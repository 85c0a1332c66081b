#include "actors/pool/idle_executor.hpp"

#include "actors/pool/thread_pool.hpp"
#include "tests/actors/executor_checks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using namespace grape::actors;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<thread_pool> pool_of(std::size_t threads) {
  return std::make_shared<thread_pool>(
      thread_pool_options{.name = "t", .threads = threads, .queue_max = 8, .how = urgency::idle});
}

} // namespace

TEST_SUITE("actors.pool.idle_executor") {
  TEST_CASE("each piece is done once, by at most as many threads as it is wide") {
    idle_executor two{pool_of(4), 2};

    for (int round = 0; round < 50; ++round) {
      std::vector<std::atomic<int>> seen(17);
      std::atomic<int> running{0};
      two.run(seen.size(), [&](std::size_t i) {
        CHECK(++running <= 2);
        ++seen[i];
        --running;
      });
      for (const auto& times : seen)
        REQUIRE(times == 1);
    }
  }

  TEST_CASE("while helpers get no processor the caller goes on, and nobody beside it") {
    idle_executor two{pool_of(2), 2};
    const auto caller = std::this_thread::get_id();
    std::vector<std::thread::id> by(60);
    std::atomic<int> running{0};
    std::atomic<bool> beside{false};

    two.run(by.size(), [&](std::size_t i) {
      by[i] = std::this_thread::get_id();
      const auto others = running++;
      std::this_thread::sleep_for(20ms); // What starving looks like: time goes, none is used.
      if (by[i] == caller && (others > 0 || running > 1))
        beside = true;
      --running;
    });

    CHECK(std::count(by.begin(), by.end(), caller) > 0);
    CHECK_FALSE(beside);
  }

  TEST_CASE("the caller does what a closed pool leaves") {
    const auto pool = pool_of(1);
    idle_executor one{pool, 1};
    pool->close();
    int done = 0;

    one.run(5, [&done](std::size_t) { ++done; });

    CHECK(done == 5);
  }

  TEST_CASE("the caller does what a pool drops when it closes") {
    const auto pool = pool_of(1);
    std::promise<void> busy;
    std::promise<void> free;
    REQUIRE(pool->post([&] {
      busy.set_value();
      free.get_future().wait();
    }));
    busy.get_future().wait();
    std::atomic<int> done{0};
    std::thread caller{[&] { idle_executor{pool, 1}.run(5, [&done](std::size_t) { ++done; }); }};
    while (pool->waiting() == 0) // Until its helper waits behind the other job.
      std::this_thread::yield();
    CHECK(done == 0);

    pool->close();
    caller.join();
    free.set_value();

    CHECK(done == 5);
  }

  TEST_CASE("what a piece throws comes to the caller, when no other runs any more") {
    idle_executor wide{pool_of(3), 3};

    check_throwing(wide);
  }

  TEST_CASE("a pool without threads does everything at once") {
    int done = 0;

    idle_executor{std::make_shared<inline_pool>(), 4}.run(5, [&done](std::size_t) { ++done; });

    CHECK(done == 5);
  }
}
