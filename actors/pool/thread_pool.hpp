#pragma once

#include "actors/pool/job_pool.hpp"
#include "actors/pool/urgency.hpp"
#include "core/executor.hpp"
#include "core/storage/store.hpp"

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace grape::actors {

struct thread_pool_options {
  std::string name;              ///< Shown by the system's tools; at most 15 characters count.
  std::size_t threads = 1;       ///< At least 1.
  std::size_t queue_max = 1'024; ///< Jobs waiting; one more is refused.
  urgency how = urgency::ordinary; ///< Of its threads.
  bool finish_queue = false;     ///< True: closing runs what waits; false: drops it.
};

/// A bounded queue in front of a fixed number of places. A job goes straight to the thread that
/// fell asleep last, whose caches are the warmest, or runs on its caller's; it waits only while all
/// places are taken. Each place has a thread of the pool, which sleeps while another one works in
/// its stead.
class thread_pool final : public job_pool {
public:
  explicit thread_pool(thread_pool_options options);

  /// Closes and joins.
  ~thread_pool() override;

  bool post(std::function<void()> job) override;
  bool run_here(const std::function<void()>& job) override;
  bool run_waiting() override;
  std::size_t waiting() const override;
  void close() override;
  void join() override;

private:
  struct worker;
  struct guest;

  void serve(worker& self);
  void leave();

  thread_pool_options options_;
  std::vector<std::unique_ptr<worker>> workers_; // One for each thread.
  mutable std::mutex mutex_; // Protects what follows.
  std::deque<std::function<void()>> queue_; // Not empty while a place is free: for a guest.
  std::vector<worker*> asleep_;
  std::size_t free_;      // Places. Never more than sleepers.
  std::size_t guests_ = 0; // Callers that run a job here.
  std::condition_variable guests_left_;
  bool closed_ = false;
  std::mutex joining_; // Protects threads_.
  std::vector<std::thread> threads_;
};

/// Lets core spread a job over a pool. The calling thread works too, so it also ends when no
/// other thread of the pool is free. What a job throws comes to the caller when no other runs any
/// more; some may not have begun then.
class pool_executor final : public executor {
public:
  /// At most `width` threads at once, the caller's included.
  pool_executor(std::shared_ptr<job_pool> pool, std::size_t width);

  std::size_t width() const noexcept override { return width_; }
  void run(std::size_t count, const std::function<void(std::size_t)>& job) override;

private:
  std::shared_ptr<job_pool> pool_;
  std::size_t width_;
};

/// The threads on which the stores of a node compact.
class compaction_lane final : public storage::background_lane {
public:
  explicit compaction_lane(std::size_t threads);

  void post(std::function<void()> job) override;

private:
  thread_pool pool_;
};

} // namespace grape::actors
