#pragma once

#include "core/executor.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace grape::tests {

/// Real threads, started anew for each run.
class thread_executor final : public executor {
public:
  explicit thread_executor(std::size_t width) : width_(width) {
  }

  std::size_t width() const noexcept override { return width_; }

  void run(std::size_t count, const std::function<void(std::size_t)>& job) override {
    std::atomic<std::size_t> next = 0;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < width_; ++i)
      threads.emplace_back([&] {
        for (auto at = next++; at < count; at = next++)
          job(at);
      });
    for (auto& thread : threads)
      thread.join();
  }

private:
  std::size_t width_;
};

} // namespace grape::tests
