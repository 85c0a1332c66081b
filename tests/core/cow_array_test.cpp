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

  // The thread sanitizer has to see it, too: `tools/nightly races`.
  TEST_CASE("readers on other threads see one moment each while the writer goes on") {
    small_pages array;
    array.resize(16);
    std::mutex mutex;
    small_pages shown = array;
    std::atomic<bool> over{false};
    std::atomic<bool> torn{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i)
      readers.emplace_back([&] {
        while (!over) {
          auto mine = std::make_unique<small_pages>();
          {
            const std::lock_guard guard{mutex};
            *mine = shown;
          }
          const auto seen = content_of(*mine);
          if (std::count(seen.begin(), seen.end(), seen.front()) != 16)
            torn = true;
        }
      });

    for (int round = 1; round <= 2'000; ++round) {
      for (std::size_t i = 0; i < array.size(); ++i)
        array.edit(i) = round;
      const std::lock_guard guard{mutex};
      shown = round % 2 == 0 ? array : small_pages{};
      if (shown.size() == 0)
        shown.resize(16);
    }
    over = true;
    for (auto& reader : readers)
      reader.join();

    CHECK_FALSE(torn);
  }
}
