#include "core/vector/code_primitives_neon.hpp"

#include "core/vector/kernel_table_entries.hpp"

namespace grape {

const kernel_table& neon_kernels() noexcept {
  return compiled_kernels;
}

} // namespace grape
