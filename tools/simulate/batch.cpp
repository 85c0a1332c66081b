#include "tools/simulate/batch.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <string_view>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace grape::simulate {

namespace {

constexpr unsigned workers_max = 64;
constexpr std::size_t failures_kept = 256;
constexpr unsigned seed_s_max = 60; ///< A seed that takes longer hangs.

struct note {
  std::uint64_t seed = 0;
  char what[500] = {};
};

/// What one worker has to tell; only it writes, until it is gone.
struct desk {
  std::atomic<std::uint64_t> seed = 0; ///< 0 = between two.
  batch_result sums;                   ///< Without the failures.
  std::uint64_t digest = 0;
};

/// Lies in memory that all workers share.
struct board {
  std::atomic<std::uint64_t> next_seed = 0;
  std::atomic<std::uint64_t> failed = 0;
  desk desks[workers_max];
  note notes[failures_kept];
  std::uint64_t steps = 0; ///< For one probe.
  std::uint64_t faults = 0;
  char law[100] = {};
};

/// A mapping that children share with their parent.
class shared_board {
public:
  shared_board()
    : memory_(
        mmap(nullptr, sizeof(board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED)
      throw std::bad_alloc{};
    new (memory_) board;
  }
  shared_board(const shared_board&) = delete;
  shared_board& operator=(const shared_board&) = delete;
  ~shared_board() { munmap(memory_, sizeof(board)); }

  board& operator*() const noexcept { return *static_cast<board*>(memory_); }
  board* operator->() const noexcept { return static_cast<board*>(memory_); }

private:
  void* memory_;
};

void write_note(board& on, std::uint64_t seed, std::string_view what) {
  const auto place = on.failed.fetch_add(1);
  if (place >= failures_kept)
    return;
  auto& to = on.notes[place];
  to.seed = seed;
  std::memcpy(to.what, what.data(), std::min(what.size(), sizeof to.what - 1));
}

void tell(board& on, std::uint64_t seed, const std::string& what) {
  std::printf("seed %llu failed: %s\n", static_cast<unsigned long long>(seed), what.c_str());
  std::fflush(stdout);
  write_note(on, seed, what);
}

/// A cluster's run, told as that of a group, with what only clusters do.
simulation::verdict run_cluster(std::uint64_t seed, const arguments& given, batch_result& sums) {
  const auto found = fleet::run_world(seed, weather_of(seed, given), world_options_of(given));
  sums.done.add(found.done);
  sums.messages += found.messages;
  simulation::verdict told;
  told.result.steps = found.steps;
  told.result.faults = found.faults;
  told.result.digest = found.digest;
  told.result.committed = found.committed;
  told.result.answered = found.answered;
  told.result.ended_at = found.ended_at;
  told.result.healed = found.passed();
  told.law = found.law;
  told.detail = found.detail;
  return told;
}

void add_up(batch_result& to, const simulation::run_result& one) {
  ++to.runs;
  to.steps += one.steps;
  to.faults += one.faults;
  to.committed += one.committed;
  to.answered += one.answered;
  to.virtual_us += one.ended_at;
  to.healed += one.healed ? 1 : 0;
  to.counts.add(one.counts);
}

void work(board& on, desk& at, const arguments& given) {
  const auto options = options_of(given);
  while (on.failed < given.failures_max) {
    const auto seed = on.next_seed.fetch_add(1);
    if (seed > given.last_seed)
      break;
    at.seed = seed;
    alarm(seed_s_max);
    const auto found = given.clustered
                           ? run_cluster(seed, given, at.sums)
                           : simulation::run_seed(seed, storm_of(seed, given), options);
    alarm(0);
    add_up(at.sums, found.result);
    if (!found.passed())
      tell(on, seed, found.detail);
    if (given.prints_digests)
      std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(found.result.digest));
    at.seed = 0;
  }
  std::fflush(stdout);
}

pid_t start_worker(board& on, desk& at, const arguments& given) {
  std::fflush(nullptr);
  const auto child = fork();
  if (child != 0)
    return child;
  work(on, at, given);
  _exit(0);
}

std::string ended_by(int state) {
  if (!WIFSIGNALED(state))
    return "exited with " + std::to_string(WEXITSTATUS(state));
  const auto signal = WTERMSIG(state);
  return signal == SIGALRM ? "hangs" : std::string{"ended by "} + strsignal(signal);
}

void supervise(board& on, const arguments& given, unsigned workers) {
  std::vector<pid_t> children;
  for (unsigned i = 0; i < workers; ++i)
    children.push_back(start_worker(on, on.desks[i], given));
  auto alive = workers;
  while (alive > 0) {
    int state = 0;
    const auto gone = wait(&state);
    const auto found = std::find(children.begin(), children.end(), gone);
    if (found == children.end())
      continue;
    auto& at = on.desks[found - children.begin()];
    const auto seed = at.seed.exchange(0);
    if (seed == 0) {
      --alive;
      continue;
    }
    ++at.sums.runs;
    tell(on, seed, ended_by(state));
    *found = start_worker(on, at, given);
  }
}

} // namespace

batch_result run_batch(const arguments& given) {
  const shared_board on;
  on->next_seed = given.first_seed;
  const auto workers = std::min(given.workers, workers_max);
  const auto began = std::chrono::steady_clock::now();
  supervise(*on, given, workers);
  batch_result total;
  total.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  for (unsigned i = 0; i < workers; ++i) {
    const auto& one = on->desks[i].sums;
    total.runs += one.runs;
    total.steps += one.steps;
    total.faults += one.faults;
    total.committed += one.committed;
    total.answered += one.answered;
    total.virtual_us += one.virtual_us;
    total.healed += one.healed;
    total.counts.add(one.counts);
    total.done.add(one.done);
    total.messages += one.messages;
  }
  const auto failed = std::min<std::uint64_t>(on->failed, failures_kept);
  for (std::uint64_t i = 0; i < failed; ++i)
    total.failures.push_back({on->notes[i].seed, on->notes[i].what});
  std::sort(total.failures.begin(), total.failures.end(),
            [](const auto& a, const auto& b) { return a.seed < b.seed; });
  return total;
}

probe run_apart(std::uint64_t seed, const arguments& given, bool quiet) {
  const shared_board on;
  std::fflush(nullptr);
  const auto child = fork();
  if (child == 0) {
    if (const auto nowhere = quiet ? open("/dev/null", O_WRONLY) : -1; nowhere >= 0)
      dup2(nowhere, STDERR_FILENO);
    alarm(seed_s_max);
    const auto found = simulation::run_seed(seed, storm_of(seed, given), options_of(given));
    on->steps = found.result.steps;
    on->faults = found.result.faults;
    std::memcpy(on->law, found.law.data(), std::min(found.law.size(), sizeof on->law - 1));
    if (!found.passed())
      write_note(*on, seed, found.detail);
    _exit(0);
  }
  int state = 0;
  waitpid(child, &state, 0);
  if (WIFSIGNALED(state))
    return {true, ended_by(state), ended_by(state), 0, 0};
  return {on->failed != 0, on->notes[0].what, on->law, on->steps, on->faults};
}

} // namespace grape::simulate
