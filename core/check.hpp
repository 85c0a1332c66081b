#pragma once

namespace grape {

/// Prints the broken invariant to stderr and aborts. Called by GRAPE_CHECK only.
[[noreturn]] void check_failed(const char* expression, const char* file, int line) noexcept;

} // namespace grape

/// States an invariant of ours. A broken one is a fault of this program: it stops at once, before
/// it can damage data. Never use it on input from outside. Active in every build.
#define GRAPE_CHECK(expression)                                                                    \
  do {                                                                                             \
    if (!(expression)) [[unlikely]]                                                                \
      ::grape::check_failed(#expression, __FILE__, __LINE__);                                      \
  } while (false)
