#pragma once

#include "core/outcome.hpp"
#include "core/request/write.hpp"

#include <span>

namespace grape::query {

/// The parts of one batch, each done or refused by its shard, as one receipt: the highest index,
/// the least progress. Errors: what every shard says if none applied anything; stale_route if all
/// the shards that failed say so (doing the batch again is right); no_space if these all are full;
/// else commit_unknown. With these two some shards applied their part, and the detail says so.
outcome<write_receipt> merge(std::span<const outcome<write_receipt>> parts);

} // namespace grape::query
