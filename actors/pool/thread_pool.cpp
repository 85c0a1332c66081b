#include "actors/pool/thread_pool.hpp"

#include "actors/pool/shared_work.hpp"
#include "core/check.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <limits>
#include <utility>

#include <pthread.h>
#include <semaphore.h>

namespace grape::actors {

/// A thread's bed. POSIX's semaphore wakes with one system call and does not spin; the mutex of a
/// condition variable costs another on each waking.
struct thread_pool::worker {
  worker() { GRAPE_CHECK(sem_init(&alarm, 0, 0) == 0); }
  ~worker() { sem_destroy(&alarm); }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  void wake() { GRAPE_CHECK(sem_post(&alarm) == 0); }

  void sleep() {
    while (sem_wait(&alarm) != 0)
      GRAPE_CHECK(errno == EINTR);
  }

  sem_t alarm;
  std::function<void()> job; // Given before waking; empty: the pool was closed.
};

/// A caller in a place, until this goes.
struct thread_pool::guest {
  explicit guest(thread_pool& from) : of(from) {
  }
  ~guest() { of.leave(); }
  guest(const guest&) = delete;
  guest& operator=(const guest&) = delete;

  thread_pool& of;
};

thread_pool::thread_pool(thread_pool_options options)
  : options_(std::move(options))
  , free_(options_.threads) {
  GRAPE_CHECK(options_.threads > 0);
  threads_.reserve(options_.threads);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    auto& bed = *workers_.emplace_back(std::make_unique<worker>());
    threads_.emplace_back([this, &bed] { serve(bed); });
  }
}

thread_pool::~thread_pool() {
  join();
}

bool thread_pool::post(std::function<void()> job) {
  worker* woken = nullptr;
  {
    const std::lock_guard guard{mutex_};
    if (closed_)
      return false;
    if (free_ == 0 || asleep_.empty()) { // At the start they are not asleep yet.
      if (queue_.size() >= options_.queue_max)
        return false;
      queue_.push_back(std::move(job));
      return true;
    }
    if (!queue_.empty()) { // A guest is about to come back for that, and finds this.
      queue_.push_back(std::move(job));
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    --free_;
    woken = asleep_.back();
    asleep_.pop_back();
    woken->job = std::move(job);
  }
  woken->wake();
  return true;
}

bool thread_pool::run_here(const std::function<void()>& job) {
  {
    const std::lock_guard guard{mutex_};
    if (closed_ || free_ == 0 || !queue_.empty())
      return false;
    --free_;
    ++guests_;
  }
  const guest here{*this};
  job();
  return true;
}

bool thread_pool::run_waiting() {
  std::function<void()> job;
  {
    const std::lock_guard guard{mutex_};
    if (closed_ || free_ == 0 || queue_.empty())
      return false;
    --free_;
    ++guests_;
    job = std::move(queue_.front());
    queue_.pop_front();
  }
  const guest here{*this};
  std::exchange(job, nullptr)(); // Gone before its place is free.
  return true;
}

void thread_pool::leave() {
  const std::lock_guard guard{mutex_};
  ++free_;
  if (--guests_ == 0)
    guests_left_.notify_all();
}

std::size_t thread_pool::waiting() const {
  const std::lock_guard guard{mutex_};
  return queue_.size();
}

void thread_pool::close() {
  std::deque<std::function<void()>> dropped; // Destroyed without the lock: a job may post.
  std::vector<worker*> woken;
  {
    const std::lock_guard guard{mutex_};
    closed_ = true;
    if (!options_.finish_queue)
      dropped.swap(queue_);
    woken.swap(asleep_);
  }
  for (auto* each : woken)
    each->wake();
}

void thread_pool::join() {
  close();
  const std::lock_guard guard{joining_};
  for (auto& thread : threads_)
    if (thread.joinable())
      thread.join();
  std::unique_lock lock{mutex_};
  guests_left_.wait(lock, [this] { return guests_ == 0; });
}

void thread_pool::serve(worker& self) {
  pthread_setname_np(pthread_self(), options_.name.substr(0, 15).c_str());
  set_urgency(options_.how);
  bool has_place = false;
  std::unique_lock lock{mutex_};
  while (!closed_ || !queue_.empty()) {
    std::function<void()> job;
    if (!queue_.empty() && (has_place || free_ > 0 || closed_)) {
      if (!std::exchange(has_place, true) && free_ > 0)
        --free_;
      job = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
    } else {
      if (std::exchange(has_place, false))
        ++free_;
      asleep_.push_back(&self);
      lock.unlock();
      self.sleep();
      job = std::exchange(self.job, nullptr);
      has_place = job != nullptr;
    }
    if (job)
      job();
    job = nullptr;
    lock.lock();
  }
}

pool_executor::pool_executor(std::shared_ptr<job_pool> pool, std::size_t width)
  : pool_(std::move(pool))
  , width_(std::max<std::size_t>(width, 1)) {
}

void pool_executor::run(std::size_t count, const std::function<void(std::size_t)>& job) {
  const auto work = std::make_shared<shared_work>(count);
  const auto help = [work, caller_job = &job] {
    if (!work->begin_help())
      return;
    work->do_all(*caller_job);
    work->end_help();
  };
  for (std::size_t i = 1; i < std::min(width_, count); ++i)
    if (!pool_->post(help))
      break;
  work->do_all(job);
  {
    std::unique_lock lock{work->mutex};
    work->changed.wait(lock, [&work] { return work->running == 0; });
  }
  work->rethrow();
}

compaction_lane::compaction_lane(std::size_t threads)
  : pool_({.name = "grape-compact",
           .threads = threads,
           .queue_max = std::numeric_limits<std::size_t>::max(),
           .how = urgency::patient, // A writer that is far ahead waits for it.
           .finish_queue = true}) {
}

void compaction_lane::post(std::function<void()> job) {
  if (!pool_.post(job)) // Closing; a store that posted must still see its job run.
    std::thread{std::move(job)}.detach();
}

} // namespace grape::actors
