#pragma once

#include "core/request/read.hpp"
#include "core/request/write.hpp"

#include <cstdint>
#include <vector>

/// What requests cost where a collection's strict mode limits how much is done in a minute.
namespace grape {

/// One token for each row of a vector that points are compared with, and one for any other search;
/// one for each condition; one for each point that is named, and one for leaving those out.
std::uint64_t cost_of(const query_request& asked);
std::uint64_t cost_of(const query_batch_request& asked);
std::uint64_t cost_of(const query_groups_request& asked);
std::uint64_t cost_of(const matrix_request& asked);
std::uint64_t cost_of(const facet_request& asked);
std::uint64_t cost_of(const scroll_request& asked);
std::uint64_t cost_of(const count_request& asked);
std::uint64_t cost_of(const retrieve_request& asked);

/// One token for each point; `matching` for an operation by filter; at least one for each.
std::uint64_t cost_of(const std::vector<write_operation>& operations, std::uint64_t matching);

} // namespace grape
