#pragma once

#include "core/request/write.hpp"
#include "core/status.hpp"

#include <vector>

namespace grape {

/// The ids that must exist before the operations may be logged, ascending, each once: those that
/// an operation names and none before it in the list creates. An id that an earlier operation of
/// the list deletes is not tracked: whether it exists is then decided when it is applied.
std::vector<point_id> ids_that_must_exist(const std::vector<write_operation>& operations);

/// What a client is told about an id that must exist and does not: not_found.
status absent(const point_id& id);

} // namespace grape
