#include "tools/simulate/exploring.hpp"

#include "tests/simulation/exploration.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

namespace grape::simulate {

namespace {

void print_path(const std::vector<std::string>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i)
    std::printf("%4zu  %s\n", i + 1, steps[i].c_str());
}

/// The same again up to the step that aborts, which then is the last one that was told.
void print_path_to_abort(const simulation::bounds& may, std::uint64_t transitions) {
  std::uint64_t seen = 0;
  simulation::explore(may, [&](const std::vector<std::string>& steps) {
    if (++seen < transitions)
      return;
    print_path(steps);
    std::fflush(stdout);
    _exit(1);
  });
}

/// How many steps were taken before a check of the core aborted; 0 if none did.
std::uint64_t transitions_before_abort(const simulation::bounds& may) {
  int ends[2] = {};
  if (pipe(ends) != 0)
    return 0;
  std::fflush(stdout);
  if (fork() == 0) {
    std::uint64_t seen = 0;
    simulation::explore(may, [&](const std::vector<std::string>&) {
      ++seen;
      if (write(ends[1], &seen, sizeof seen) < 0)
        _exit(2);
    });
    _exit(0);
  }
  close(ends[1]);
  std::uint64_t seen = 0;
  while (read(ends[0], &seen, sizeof seen) == sizeof seen) {}
  close(ends[0]);
  int state = 0;
  wait(&state);
  return WIFSIGNALED(state) ? seen : 0;
}

int explore_here(const simulation::bounds& may) {
  const auto began = std::chrono::steady_clock::now();
  const auto found = simulation::explore(may, {});
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  print_path(found.path);
  std::printf("%u nodes, %u campaigns, %u proposals, %u crashes: %llu distinct states, %llu steps, "
              "depth %llu, %s\n%.1f s, %.3g states an hour\n",
              may.nodes, may.campaigns, may.proposals, may.crashes,
              static_cast<unsigned long long>(found.states),
              static_cast<unsigned long long>(found.transitions),
              static_cast<unsigned long long>(found.depth_max),
              !found.law.empty() ? found.detail.c_str()
              : found.complete   ? "complete"
                                 : "cut at the limit of states",
              took, static_cast<double>(found.states) / took * 3'600);
  std::fflush(stdout);
  return found.law.empty() ? 0 : 1;
}

} // namespace

int explore_and_print(const simulation::bounds& may) {
  std::fflush(stdout);
  if (fork() == 0)
    _exit(explore_here(may));
  int state = 0;
  wait(&state);
  if (!WIFSIGNALED(state))
    return WEXITSTATUS(state);
  if (const auto transitions = transitions_before_abort(may); transitions != 0)
    print_path_to_abort(may, transitions);
  return 1;
}

} // namespace grape::simulate
