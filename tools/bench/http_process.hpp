#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace grape::bench {

/// A process of this machine, measured from outside.
class process_meter {
public:
  /// Error: not_found.
  static outcome<process_meter> of(int process);

  /// The process that listens on this port; none if it runs elsewhere or is not ours to see.
  static std::optional<process_meter> listening_on(std::uint16_t port);

  /// Processor time of all its threads so far, user and system, in seconds.
  double cpu_s() const;

  /// The same by names of threads, those of one name together. Empty where the system keeps no
  /// such account.
  std::map<std::string, double> cpu_s_by_thread() const;

  std::uint64_t resident_bytes() const;

private:
  process_meter(int process, int clock) noexcept : process_(process), clock_(clock) {
  }

  int process_;
  int clock_;
};

} // namespace grape::bench
