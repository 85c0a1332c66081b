#pragma once

#include "core/budget.hpp"
#include "core/outcome.hpp"
#include "core/payload/filter.hpp"
#include "core/shard/recent_filters.hpp"

#include <memory>
#include <optional>

namespace grape::shard {

struct view_state;

/// Which points a filter admits; null: all. Errors: timed_out, and those of the store.
outcome<std::shared_ptr<const admitted_slots>>
resolve_filter(const view_state& state, const std::optional<payload::filter>& wanted, budget& left);

} // namespace grape::shard
