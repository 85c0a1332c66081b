#include "actors/pool/urgency.hpp"

#include <cstdint>

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace grape::actors {

namespace {

/// An index that never gets built makes searches slower than one that is built beside them.
constexpr int background_nice = 10;

/// Since Linux 6.12 a thread that wakes up takes a processor away at once from one with a longer
/// slice. The default is 3 ms, as long as many searches together, or as a score of syncs.
constexpr std::uint64_t long_slice_ns = 20'000'000;
constexpr std::uint64_t short_slice_ns = 100'000;

/// As the kernel reads it; glibc has no name for it yet.
struct schedule {
  std::uint32_t size = sizeof(schedule);
  std::uint32_t policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t slice_ns = 0; ///< 0 = the system's.
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

/// Nobody may make a thread nicer to itself than it was.
int own_nice() noexcept {
  return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
}

schedule schedule_of(urgency wanted) noexcept {
  schedule made;
  made.nice = own_nice();
  switch (wanted) {
    case urgency::prompt: made.slice_ns = short_slice_ns; break;
    case urgency::ordinary: break;
    case urgency::patient:
      made.policy = SCHED_BATCH;
      made.slice_ns = long_slice_ns;
      break;
    case urgency::background:
      made.policy = SCHED_BATCH;
      made.slice_ns = long_slice_ns;
      made.nice = background_nice > made.nice ? background_nice : made.nice;
      break;
    // Who wakes up goes to an idle processor if there is one, and to the kernel one that runs such
    // a thread is idle. Nobody may come back from here without a privilege.
    case urgency::idle:
      made.policy = SCHED_IDLE;
      made.nice = background_nice > made.nice ? background_nice : made.nice; // If there is none.
      break;
  }
  return made;
}

} // namespace

void set_urgency(urgency wanted) noexcept {
  auto made = schedule_of(wanted);
  if (syscall(SYS_sched_setattr, 0, &made, 0U) != 0) // Older kernels take the nice value only.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), made.nice);
}

} // namespace grape::actors
