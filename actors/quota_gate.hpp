#pragma once

#include "core/request/quota.hpp"

#include <cstdint>
#include <mutex>

namespace grape::actors {

struct house;

/// Whether a node is within the quota of its cluster. Measures at most once a second. Thread-safe.
class quota_gate {
public:
  /// ok, or `no_space`. Measures nothing where no quota is enforced.
  status check(const house& home);

  struct reading {
    quota_config config;
    quota_usage usage;
    quota_exceeded exceeded;
  };

  /// As it is now, or was within the last second.
  reading read(const house& home);

private:
  void look(const house& home, const quota_config& limits);

  std::mutex mutex_; // Protects the rest.
  std::uint64_t measured_ms_ = 0; // 0: never.
  quota_config judged_by_;
  quota_usage usage_;
  quota_judge judge_;
  status verdict_;
};

} // namespace grape::actors
