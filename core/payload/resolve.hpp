#pragma once

#include "core/budget.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/payload/field_columns.hpp"
#include "core/payload/filter.hpp"
#include "core/payload/value.hpp"
#include "core/slot_set.hpp"
#include "core/vector/point.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace grape::payload {

/// What a filter is resolved against: one immutable moment of a shard. The functions are called
/// on the resolving thread, only with members of `live`; empty ones mean "none" or "no".
struct resolve_context {
  const slot_set* live = nullptr;       ///< Only these can match. Never null.
  const column_view* columns = nullptr; ///< Null: no field is indexed.
  std::function<std::optional<slot>(const point_id&)> slot_of; ///< For has_id; nullopt = absent.
  std::function<point_id(slot)> id_of;
  std::function<bool(slot, std::string_view)> has_vector;
  std::function<outcome<object>(slot)> payload_of; ///< For slots that the columns leave open.
};

/// How many slots match at least and at most; equal when the columns decide every one.
struct match_bounds {
  std::size_t least = 0;
  std::size_t most = 0;
};

/// The live slots that satisfy `wanted`: the same as asking `matches` of each. Columns decide what
/// they can; only slots they leave open cost a payload read, each one visit of `work`.
/// `*plan`, if given, receives one line on how. Errors: timed_out when the deadline of `work`
/// passed, too_large when its visits are used up, and whatever `payload_of` answers.
outcome<slot_set> resolve(const filter& wanted, const resolve_context& against, budget& work,
                          std::string* plan = nullptr);

/// Bounds without reading a payload: a scan of the columns named in `wanted`, well below a
/// millisecond per condition and 300,000 slots.
match_bounds estimate(const filter& wanted, const resolve_context& against);

} // namespace grape::payload
