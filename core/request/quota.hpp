#pragma once

#include "core/status.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace grape {

/// What each node of a cluster may use of its own machine. All in percent.
struct quota_config {
  bool enabled = false;                   ///< False: nothing below is looked at.
  std::optional<std::uint8_t> memory_max; ///< Resident of what the process may have: 1..100.
  std::optional<std::uint8_t> disk_max;   ///< Used of the disk of the data: 1..100.
  /// How far below its limit what has reached it must fall before it is let in again: 0..100.
  /// Absent: 5.
  std::optional<std::uint8_t> release_margin;

  friend bool operator==(const quota_config&, const quota_config&) = default;
};

/// Of one node, in percent, 0..100; absent: the system does not say.
struct quota_usage {
  std::optional<std::uint8_t> memory;
  std::optional<std::uint8_t> disk;

  friend bool operator==(const quota_usage&, const quota_usage&) = default;
};

/// Which limits a node refuses writes for; absent: one that is not enforced.
struct quota_exceeded {
  std::optional<bool> memory;
  std::optional<bool> disk;

  bool any() const noexcept { return memory.value_or(false) || disk.value_or(false); }

  friend bool operator==(const quota_exceeded&, const quota_exceeded&) = default;
};

struct node_quota {
  quota_usage usage;
  bool exceeded = false;

  friend bool operator==(const node_quota&, const node_quota&) = default;
};

struct get_quotas_request {};

struct set_quotas_request {
  quota_config to;
};

struct quota_status {
  quota_config config;
  quota_usage usage;       ///< Of the node asked.
  quota_exceeded exceeded; ///< The same.
  /// By node number, of those that answered; absent: this node is alone.
  std::optional<std::map<std::uint32_t, node_quota>> peers;
};

/// `used` of `total`, rounded down, at most 100. Nothing of nothing.
std::optional<std::uint8_t> percent_of(std::uint64_t used, std::uint64_t total) noexcept;

/// What a node makes of its usage, one measurement after the other. Not thread-safe.
class quota_judge {
public:
  /// ok, or `no_space` for the first resource that is over: at its limit, or on its way back from
  /// it and not yet the margin below.
  status judge(const quota_config& limits, const quota_usage& now);

  /// By the last judgement.
  const quota_exceeded& exceeded() const noexcept { return exceeded_; }

private:
  quota_exceeded exceeded_;
};

} // namespace grape
