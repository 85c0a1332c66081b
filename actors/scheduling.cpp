#include "actors/scheduling.hpp"

#include <caf/policy/unprofiled.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace grape::actors {

namespace {

/// So many actors in a row before those that wait for any thread get their turn.
constexpr unsigned row_max = 32;

/// A policy in the sense of CAF 0.17.6 (caf/policy/work_sharing.hpp is its model): one queue for
/// all, and before it one place for each thread.
class next_of_kin : public caf::policy::unprofiled {
public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex lock;
    std::condition_variable come;
    std::deque<caf::resumable*> queue;
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}

    caf::resumable* next = nullptr; // Touched by the worker's own thread only.
    unsigned row = 0;               // Actors that this thread ran since it looked at the queue.
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    {
      const std::lock_guard guard{d(self).lock};
      d(self).queue.push_back(job);
    }
    d(self).come.notify_one();
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  /// CAF promises that the worker's own thread calls; what outlives its turn may break that.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    if (here != self || d(self).next != nullptr)
      return central_enqueue(self->parent(), job);
    d(self).next = job;
  }

  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    here = self;
    auto& own = d(self);
    if (own.next != nullptr && ++own.row < row_max)
      return std::exchange(own.next, nullptr);
    own.row = 0;
    if (own.next != nullptr)
      central_enqueue(self->parent(), std::exchange(own.next, nullptr));
    auto& all = d(self->parent());
    std::unique_lock guard{all.lock};
    all.come.wait(guard, [&all] { return !all.queue.empty(); });
    auto* job = all.queue.front();
    all.queue.pop_front();
    return job;
  }

  template <class Worker, class Visit>
  void foreach_resumable(Worker* self, Visit visit) {
    if (auto* job = std::exchange(d(self).next, nullptr))
      visit(job);
  }

  template <class Coordinator, class Visit>
  void foreach_central_resumable(Coordinator* self, Visit visit) {
    for (;;) {
      caf::resumable* job = nullptr;
      {
        const std::lock_guard guard{d(self).lock};
        if (d(self).queue.empty())
          return;
        job = d(self).queue.front();
        d(self).queue.pop_front();
      }
      visit(job);
    }
  }

private:
  static thread_local const void* here; // The worker of this thread.
};

thread_local const void* next_of_kin::here = nullptr;

} // namespace

void schedule_next_of_kin(caf::actor_system_config& config) {
  config.module_factories.emplace_back([](caf::actor_system& system) -> caf::actor_system::module* {
    return new caf::scheduler::coordinator<next_of_kin>(system);
  });
}

} // namespace grape::actors
