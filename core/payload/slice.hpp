#pragma once

#include "core/payload/filter.hpp"
#include "core/vector/point.hpp"

namespace grape::payload {

/// Whether the point belongs to this part: SipHash-2-4 under the zero key of its id (8 bytes, least
/// significant first, or the 16 of a UUID), modulo `total`. Every node and version agree.
bool is_in(const slice& part, const point_id& id) noexcept;

} // namespace grape::payload
