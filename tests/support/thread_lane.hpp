#pragma once

#include "core/storage/store.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace grape::testing {

/// A background lane with one thread; runs what is left at its end.
class thread_lane final : public storage::background_lane {
public:
  thread_lane() : thread_([this] { work(); }) {
  }

  ~thread_lane() override {
    {
      const std::lock_guard guard{lock_};
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  thread_lane(const thread_lane&) = delete;
  thread_lane& operator=(const thread_lane&) = delete;

  void post(std::function<void()> job) override {
    {
      const std::lock_guard guard{lock_};
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
  }

private:
  void work() {
    std::unique_lock guard{lock_};
    for (;;) {
      wake_.wait(guard, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty())
        return;
      auto job = std::move(jobs_.front());
      jobs_.pop_front();
      guard.unlock();
      job();
      guard.lock();
    }
  }

  std::mutex lock_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace grape::testing
