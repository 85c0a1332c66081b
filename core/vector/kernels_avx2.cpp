#include "core/vector/code_primitives_avx2.hpp"

#include "core/vector/kernel_table_entries.hpp"

namespace grape {

const kernel_table& avx2_kernels() noexcept { return compiled_kernels; }

} // namespace grape
