#pragma once

#include <chrono>
#include <ctime>

namespace grape::bench {

/// Seconds since its making: on the wall, and of this thread's processor time. The latter is what
/// throughput is computed from: other programs on the machine hardly change it.
class stopwatch {
public:
  double wall() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  }

  double cpu() const { return thread_seconds() - began_cpu_; }

private:
  static double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  double began_cpu_ = thread_seconds();
};

/// Seconds of processor time of all of this process's threads since its making.
class process_stopwatch {
public:
  double cpu() const { return process_seconds() - began_; }

private:
  static double process_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  }

  double began_ = process_seconds();
};

} // namespace grape::bench
