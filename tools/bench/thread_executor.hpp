#pragma once

#include "core/executor.hpp"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace grape::bench {

/// One thread per core, started anew for each run.
class thread_executor final : public executor {
public:
  std::size_t width() const noexcept override {
    return std::max(1u, std::thread::hardware_concurrency());
  }

  void run(std::size_t count, const std::function<void(std::size_t)>& job) override {
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < std::min(width(), count); ++i)
      threads.emplace_back([&] {
        for (auto at = next++; at < count; at = next++)
          job(at);
      });
    for (auto& thread : threads)
      thread.join();
  }
};

} // namespace grape::bench
