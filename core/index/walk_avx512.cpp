#include "core/vector/code_primitives_avx512.hpp"

#include "core/index/walk_steps_avx512.hpp"

#include "core/index/walk_loop.hpp"

namespace grape::index {

std::uint32_t descend_avx512(const walk_request& request) noexcept { return descend(request); }
std::size_t walk_avx512(const walk_request& request) noexcept { return walk(request); }
void scan_avx512(const scan_request& request) noexcept { scan(request); }

} // namespace grape::index
