#include "actors/pool/idle_executor.hpp"

#include "actors/pool/shared_work.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <list>

#include <pthread.h>

namespace grape::actors {

namespace {

using namespace std::chrono_literals;

constexpr auto look_every = 50ms;
constexpr int share_min = 10; // One in so many: what a starving job gets.

/// Work whose helpers are watched.
struct watched_work : shared_work {
  using shared_work::shared_work;

  /// Processor time of all helpers so far. Needs the lock.
  std::chrono::nanoseconds used() const {
    auto sum = used_by_gone;
    for (const auto& [clock, since] : clocks)
      sum += time_of(clock) - since;
    return sum;
  }

  static std::chrono::nanoseconds time_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  }

  std::size_t coming = 0; ///< Helpers that have not ended, or were not dropped, yet.
  std::list<std::pair<clockid_t, std::chrono::nanoseconds>> clocks; ///< Of those that run.
  std::chrono::nanoseconds used_by_gone{0};
};

/// One helper from its invitation on; it may be dropped before it began.
class helper {
public:
  helper(std::shared_ptr<watched_work> work, const shared_work::piece& job)
    : work_(std::move(work))
    , job_(&job) {
    const std::lock_guard guard{work_->mutex};
    ++work_->coming;
  }

  ~helper() {
    const std::lock_guard guard{work_->mutex};
    --work_->coming;
    work_->changed.notify_all();
  }

  helper(const helper&) = delete;
  helper& operator=(const helper&) = delete;

  void help() const {
    if (!work_->begin_help())
      return;
    const auto own = arrive();
    work_->do_all(*job_);
    leave(own);
    work_->end_help();
  }

private:
  using clocks = decltype(watched_work::clocks);

  clocks::iterator arrive() const {
    clockid_t clock{};
    if (pthread_getcpuclockid(pthread_self(), &clock) != 0)
      clock = CLOCK_MONOTONIC; // As if it were never kept waiting.
    const std::lock_guard guard{work_->mutex};
    work_->clocks.emplace_front(clock, watched_work::time_of(clock));
    return work_->clocks.begin();
  }

  void leave(clocks::iterator own) const {
    const std::lock_guard guard{work_->mutex};
    work_->used_by_gone += watched_work::time_of(own->first) - own->second;
    work_->clocks.erase(own);
  }

  std::shared_ptr<watched_work> work_;
  const shared_work::piece* job_; // The caller's; see begin_help.
};

} // namespace

idle_executor::idle_executor(std::shared_ptr<job_pool> pool, std::size_t width)
  : pool_(std::move(pool))
  , width_(std::max<std::size_t>(width, 1)) {}

void idle_executor::run(std::size_t count, const std::function<void(std::size_t)>& job) {
  const auto work = std::make_shared<watched_work>(count);
  for (std::size_t i = 0; i < std::min(width_, count); ++i)
    if (!pool_->post([one = std::make_shared<helper>(work, job)] { one->help(); }))
      break;
  std::unique_lock lock{work->mutex};
  const auto nobody_works = [&work] {
    return work->running == 0 && (work->coming == 0 || work->all_taken());
  };
  for (auto before = work->used(); !work->changed.wait_for(lock, look_every, nobody_works);
       before = work->used())
    // Helpers that wait for threads of the pool wait for work that goes on.
    if (work->running > 0 && (work->used() - before) * share_min < look_every) {
      lock.unlock();
      work->do_one(job);
      lock.lock();
    }
  lock.unlock();
  work->do_all(job); // Of a pool that is closed.
  work->rethrow();
}

} // namespace grape::actors
