#pragma once

#include "core/outcome.hpp"
#include "core/shard/question.hpp"
#include "core/storage/point_store.hpp"

#include <string_view>

namespace grape::shard {

/// The piece of the store's state that comes after `cursor` (empty: the first one), in the form in
/// which replicas send snapshots to each other: all points, then what changed meanwhile. Errors:
/// bad_request (no cursor of ours), unavailable (so much was erased since the cursor that it must
/// be begun anew), corrupted, io_error.
outcome<piece_of_state> next_piece(storage::point_reader from, std::string_view cursor);

} // namespace grape::shard
