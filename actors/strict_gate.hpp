#pragma once

#include "core/cluster/metadata.hpp"
#include "core/request/rate_limit.hpp"
#include "core/request/request_cost.hpp"
#include "core/request/strict_mode.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

namespace grape::actors {

/// What the strict modes of collections let in, for all threads of a node, by its clock. Rates are
/// of this node alone. Thread-safe.
class strict_gate {
public:
  explicit strict_gate(std::function<std::uint64_t()> now_ms)
    : now_ms_(std::move(now_ms)) {
  }

  /// Whether a read may go on, and its tokens are taken.
  template <class Request>
  status enter(const cluster::metadata& known, const Request& asked) {
    const auto* entry = known.find(asked.collection);
    const auto limits
      = entry != nullptr ? strict_limits_of(entry->schema.options) : std::nullopt;
    if (!limits)
      return {};
    if (auto fits = check_strictly(*limits, entry->schema, asked); !fits.ok())
      return fits;
    if (!limits->reads_per_minute)
      return {};
    return take(known, entry->id, rate_limits::kind::read, *limits->reads_per_minute,
                cost_of(asked));
  }

  /// The tokens of a write that everything else lets in.
  status take_write(const cluster::metadata& known, collection_id of, std::uint64_t per_minute,
                    std::uint64_t tokens) {
    return take(known, of, rate_limits::kind::write, per_minute, tokens);
  }

private:
  status take(const cluster::metadata& known, collection_id of, rate_limits::kind what,
              std::uint64_t per_minute, std::uint64_t tokens) {
    const std::lock_guard guard{mutex_};
    if (rates_.size() > 2 * known.collections().size()) {
      std::set<collection_id> alive;
      for (const auto& [name, entry] : known.collections())
        alive.insert(entry.id);
      rates_.keep_only([&alive](collection_id one) { return alive.contains(one); });
    }
    return rates_.take(of, what, per_minute, tokens, now_ms_());
  }

  std::function<std::uint64_t()> now_ms_;
  std::mutex mutex_;
  rate_limits rates_;
};

} // namespace grape::actors
