#pragma once

#include "core/link/frame.hpp"
#include "core/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace grape::link {

/// The requests over one link that wait for an answer. Their number is bounded. Knows no clock; not
/// thread-safe.
class pending {
public:
  explicit pending(std::size_t requests_max)
    : requests_max_(requests_max) {}

  /// A request that waits until `deadline_ms`; its number was never given before, on no earlier
  /// connection either. Errors: overloaded.
  outcome<ticket> begin(std::uint64_t deadline_ms);

  /// An answer came. False: nobody waits for it (any more), ignore it.
  bool answered(ticket request);

  /// Whose deadline has passed, the earliest first. They wait no longer.
  std::vector<ticket> expired(std::uint64_t now_ms);

  /// The link died: everybody who waited, in order of number. They wait no longer.
  std::vector<ticket> closed();

  /// When to ask for the `expired` again; nothing: nobody waits.
  std::optional<std::uint64_t> wake_ms() const;

  /// Of a request that waits.
  std::uint64_t deadline_ms(ticket request) const { return deadlines_ms_.at(request); }

  std::size_t size() const noexcept { return deadlines_ms_.size(); }

private:
  std::size_t requests_max_;
  ticket last_{};
  std::map<ticket, std::uint64_t> deadlines_ms_;
  std::set<std::pair<std::uint64_t, ticket>> by_deadline_; // The same, in order of deadline.
};

} // namespace grape::link
