#include "core/cow_array.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

using namespace grape;

namespace {

using small_pages = cow_array<int, 4>;

std::vector<int> content_of(const small_pages& array) {
  std::vector<int> all;
  for (std::size_t i = 0; i < array.size(); ++i)
    all.push_back(array[i]);
  return all;
}

} // namespace

TEST_SUITE("core.cow_array") {
  TEST_CASE("a copy stays as it was, whatever becomes of the original") {
    small_pages array;
    for (int i = 0; i < 10; ++i)
      array.push_back(i);
    const auto before = array;

    array.edit(5) = 50;
    array.resize(6);
    array.resize(8);

    CHECK(content_of(before) == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
    CHECK(content_of(array) == std::vector<int>{0, 1, 2, 3, 4, 50, 0, 0});
  }

  // Nothing but the count of owners orders a reader's last look and the writer's next change: what
  // is relaxed here orders nothing. The thread sanitizer judges that: `tools/nightly races`.
  TEST_CASE("readers on other threads see one moment each, and their pages are written again") {
    constexpr int rounds = 500;
    constexpr int readers = 2;
    small_pages array;
    array.resize(16);
    std::mutex mutex;
    small_pages shown;
    std::atomic<int> newest{0};
    std::atomic<int> taken{0};
    std::atomic<int> alone{0};
    std::atomic<int> dropped{0};
    std::atomic<bool> torn{false};
    const auto read = [&] {
      for (int round = 1; round <= rounds; ++round) {
        while (newest.load(std::memory_order_relaxed) < round)
          std::this_thread::yield();
        {
          std::unique_lock lock{mutex};
          const auto mine = shown;
          lock.unlock();
          taken.fetch_add(1, std::memory_order_relaxed);
          while (alone.load(std::memory_order_relaxed) < round)
            std::this_thread::yield();
          const auto seen = content_of(mine);
          if (std::count(seen.begin(), seen.end(), round) != 16)
            torn = true;
        }
        dropped.fetch_add(1, std::memory_order_relaxed);
      }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < readers; ++i)
      threads.emplace_back(read);

    for (int round = 1; round <= rounds; ++round) {
      for (std::size_t i = 0; i < array.size(); ++i)
        array.edit(i) = round;
      {
        const std::lock_guard guard{mutex};
        shown = array;
      }
      newest.store(round, std::memory_order_relaxed);
      while (taken.load(std::memory_order_relaxed) < readers * round)
        std::this_thread::yield();
      {
        const std::lock_guard guard{mutex};
        shown = {};
      }
      alone.store(round, std::memory_order_relaxed);
      while (dropped.load(std::memory_order_relaxed) < readers * round)
        std::this_thread::yield();
    }
    for (auto& thread : threads)
      thread.join();

    CHECK_FALSE(torn);
  }
}
