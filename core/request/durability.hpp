#pragma once

#include "core/request/collection.hpp"
#include "core/request/options.hpp"
#include "core/status.hpp"

/// Which acknowledgements and levels a collection allows, by its sync_mode. Errors: bad_request,
/// with the nearest pair that is allowed.
namespace grape {

/// May a collection have this sync_mode, write_consistency_factor and read level? `async`
/// acknowledges one copy, so it cannot promise more of them.
status check_durability(const collection_options& options);

/// May a write to this collection ask for this?
status check_ack(const write_options& asked, const collection_options& of);

/// May a read name this level? `collection_default` always.
status check_level(read_level asked, const collection_options& of);

/// The level of reads that name none: what the collection says, but for `linearizable` under
/// `async`, which means the strongest level that there is.
read_level default_level(const collection_options& of) noexcept;

} // namespace grape
