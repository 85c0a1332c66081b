#pragma once

#include <cstddef>
#include <functional>

namespace grape::actors {

/// Threads that run jobs, or whatever stands in for them in tests. Thread-safe.
class job_pool {
public:
  virtual ~job_pool() = default;

  /// Runs `job` soon, or right away on the calling thread. False: the queue is full or the pool is
  /// closed, and the job was destroyed without having run. Jobs must not throw.
  virtual bool post(std::function<void()> job) = 0;

  /// Runs `job` on the calling thread, in the place of one of the pool's own, if one of those is
  /// free: so nobody has to be woken. Afterwards the caller calls `run_waiting` until that is
  /// false: what came to wait meanwhile waits for it. The caller gets what a job throws, here and
  /// there. False: no place is free, or the pool is closed; nothing was done.
  virtual bool run_here(const std::function<void()>& job) = 0;

  /// Runs one job that waits on the calling thread, if a place is free. False: nothing was done.
  virtual bool run_waiting() = 0;

  /// Jobs that wait for a thread.
  virtual std::size_t waiting() const = 0;

  /// Takes no more jobs, and does not wait for those that run.
  virtual void close() = 0;

  /// Closes, and returns when nothing runs any more. Never called from a job of this pool.
  virtual void join() = 0;
};

/// Runs every job at once on the calling thread: for tests without threads.
class inline_pool final : public job_pool {
public:
  bool post(std::function<void()> job) override {
    if (closed_)
      return false;
    job();
    return true;
  }

  bool run_here(const std::function<void()>& job) override { return post(job); }
  bool run_waiting() override { return false; }
  std::size_t waiting() const override { return 0; }
  void close() override { closed_ = true; }
  void join() override { closed_ = true; }

private:
  bool closed_ = false;
};

} // namespace grape::actors
