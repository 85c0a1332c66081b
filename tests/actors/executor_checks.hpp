#pragma once

#include "core/executor.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <new>
#include <thread>

namespace grape::actors {

/// What a job throws comes to the caller of `wide`, when no other job runs any more.
inline void check_throwing(executor& wide) {
  for (std::size_t failing = 0; failing < 40; ++failing) {
    std::atomic<int> running{0};
    const auto job = [&running, failing](std::size_t i) {
      ++running;
      std::this_thread::yield();
      --running;
      if (i >= failing)
        throw std::bad_alloc{};
    };
    CHECK_THROWS_AS(wide.run(40, job), std::bad_alloc);
    CHECK(running == 0);
  }
}

} // namespace grape::actors
