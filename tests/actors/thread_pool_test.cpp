#include "actors/pool/thread_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

using namespace grape::actors;

TEST_SUITE("actors.pool") {
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

  TEST_CASE("an executor works for a job of its own pool") {
    auto pool = std::make_shared<thread_pool>(
      thread_pool_options{.name = "t", .threads = 1, .queue_max = 8});
    std::promise<int> sum;

    REQUIRE(pool->post([pool, &sum] {
      std::atomic<int> total{0};
      pool_executor{pool, 4}.run(10, [&total](std::size_t i) { total += static_cast<int>(i); });
      sum.set_value(total);
    }));

    CHECK(sum.get_future().get() == 45);
    pool->join(); // Before the last handle is gone: a pool cannot wait for the thread that is it.
  }
}
