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
using std::chrono::nanoseconds;

constexpr auto look_every = 50ms;
constexpr int starving = 10; // Who gets less than one in so many.
constexpr int enough = 2;    // Who gets one in so many does not compete for a processor.

nanoseconds time_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + nanoseconds{now.tv_nsec};
}

/// Work whose helpers are watched. What is not a function is protected by `mutex`.
struct watched_work : shared_work {
  using shared_work::shared_work;

  /// Processor time of all helpers so far.
  nanoseconds used() const {
    auto sum = used_by_gone;
    for (const auto& [clock, since] : clocks)
      sum += time_of(clock) - since;
    return sum;
  }

  std::size_t coming = 0;  ///< Helpers that have not ended, or were not dropped, yet.
  std::size_t working = 0; ///< Helpers that are at a piece.
  bool resting = false;    ///< They begin none.
  std::condition_variable rested;
  std::list<std::pair<clockid_t, nanoseconds>> clocks; ///< Of helpers, and when they began.
  nanoseconds used_by_gone{0};
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
    do {
      begin_piece();
    } while (end_piece(work_->do_one(*job_)));
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
    work_->clocks.emplace_front(clock, time_of(clock));
    return work_->clocks.begin();
  }

  void begin_piece() const {
    std::unique_lock lock{work_->mutex};
    work_->rested.wait(lock, [this] { return !work_->resting; });
    ++work_->working;
  }

  bool end_piece(bool go_on) const {
    const std::lock_guard guard{work_->mutex};
    if (--work_->working == 0)
      work_->changed.notify_all();
    return go_on;
  }

  void leave(clocks::iterator own) const {
    const std::lock_guard guard{work_->mutex};
    work_->used_by_gone += time_of(own->first) - own->second;
    work_->clocks.erase(own);
  }

  std::shared_ptr<watched_work> work_;
  const shared_work::piece* job_; // The caller's; see begin_help.
};

/// Does pieces on the calling thread until it has enough of a processor for others to go on.
void work_alone(shared_work& work, const shared_work::piece& job) {
  using clock = std::chrono::steady_clock;
  for (bool competes = true; competes && !work.all_taken();) {
    const auto began = clock::now();
    const auto used = time_of(CLOCK_THREAD_CPUTIME_ID);
    while (clock::now() - began < look_every && work.do_one(job)) {}
    competes = (time_of(CLOCK_THREAD_CPUTIME_ID) - used) * enough < clock::now() - began;
  }
}

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
  for (;;) {
    const auto began = std::chrono::steady_clock::now();
    const auto before = work->used();
    if (work->changed.wait_for(lock, look_every, nobody_works))
      break;
    const auto passed = std::chrono::steady_clock::now() - began;
    // Helpers that wait for threads of the pool wait for work that goes on.
    if (work->running == 0 || (work->used() - before) * starving >= passed)
      continue;
    work->resting = true;
    work->changed.wait(lock, [&work] { return work->working == 0; });
    lock.unlock();
    work_alone(*work, job);
    lock.lock();
    work->resting = false;
    work->rested.notify_all();
  }
  lock.unlock();
  work->do_all(job); // Of a pool that is closed.
  work->rethrow();
}

} // namespace grape::actors
