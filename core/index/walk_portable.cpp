#include "core/vector/code_primitives_portable.hpp"

#include "core/index/walk_steps_portable.hpp"

#include "core/index/walk_loop.hpp"

namespace grape::index {

std::uint32_t descend_portable(const walk_request& request) noexcept { return descend(request); }
std::size_t walk_portable(const walk_request& request) noexcept { return walk(request); }
void scan_portable(const scan_request& request) noexcept { scan(request); }

} // namespace grape::index
