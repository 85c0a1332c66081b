#include "core/vector/code_primitives_avx512.hpp"

#include "core/vector/kernel_table_entries.hpp"

namespace grape {

const kernel_table& avx512_kernels() noexcept {
  return compiled_kernels;
}

} // namespace grape
