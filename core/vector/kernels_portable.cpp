#include "core/vector/code_primitives_portable.hpp"

#include "core/vector/kernel_table_entries.hpp"

namespace grape {

const kernel_table& portable_kernels() noexcept { return compiled_kernels; }

} // namespace grape
