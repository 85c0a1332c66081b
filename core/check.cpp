#include "core/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace grape {

void check_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "grape: broken invariant at %s:%d: %s\n", file, line, expression);
  std::abort();
}

} // namespace grape
