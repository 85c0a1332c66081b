#pragma once

#include "core/budget.hpp"
#include "core/index/segment.hpp"
#include "core/index/segment_content.hpp"
#include "core/vector/kernels.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace grape::index {

/// The `count` passing rows (fewer if fewer pass) that are nearest by their codes, in no order, by
/// looking at the codes of all; the query is prepared by the quantizer. Incomplete only if
/// `limit.over()`. Needs content with codes, and `with` to be usable on this processor.
std::vector<std::uint32_t> nearest_by_code(const segment_content& content, isa with,
                                           const code_query& query, std::size_t count,
                                           const row_filter& filter, budget& limit);

} // namespace grape::index
