#include "core/vector/code_primitives_avx2.hpp"

#include "core/index/walk_steps_avx2.hpp"

#include "core/index/walk_loop.hpp"

namespace grape::index {

std::uint32_t descend_avx2(const walk_request& request) noexcept { return descend(request); }
std::size_t walk_avx2(const walk_request& request) noexcept { return walk(request); }
void scan_avx2(const scan_request& request) noexcept { scan(request); }

} // namespace grape::index
