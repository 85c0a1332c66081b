#include "core/vector/kernels.hpp"

#include "core/check.hpp"
#include "core/vector/kernel_table.hpp"

#include <cmath>

#ifndef GRAPE_HAS_X86_SETS
#define GRAPE_HAS_X86_SETS 0
#endif
#ifndef GRAPE_HAS_NEON
#define GRAPE_HAS_NEON 0
#endif

#if GRAPE_HAS_NEON
#include <sys/auxv.h>
#endif

namespace grape {

namespace {

// Short vectors: one sum in order, the same on every processor and equal to the textbook loop.
constexpr std::size_t ordered_below = 16;

float ordered_dot(const float* a, const float* b, std::size_t dimension) {
  float sum = 0;
  for (std::size_t i = 0; i < dimension; ++i)
    sum += a[i] * b[i];
  return -sum;
}

float ordered_euclid(const float* a, const float* b, std::size_t dimension) {
  float sum = 0;
  for (std::size_t i = 0; i < dimension; ++i)
    sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

float ordered_manhattan(const float* a, const float* b, std::size_t dimension) {
  float sum = 0;
  for (std::size_t i = 0; i < dimension; ++i)
    sum += std::fabs(a[i] - b[i]);
  return sum;
}

kernel_table::float_pair ordered_floats(metric kind) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return ordered_dot;
    case metric::euclid: return ordered_euclid;
    case metric::manhattan: return ordered_manhattan;
  }
  return ordered_dot;
}

bool runs_avx2() noexcept {
#if GRAPE_HAS_X86_SETS
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

bool runs_avx512() noexcept {
#if GRAPE_HAS_X86_SETS
  return runs_avx2() && __builtin_cpu_supports("avx512f") != 0
         && __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512dq") != 0
         && __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vnni") != 0
         && __builtin_cpu_supports("avx512vpopcntdq") != 0;
#else
  return false;
#endif
}

bool runs_neon() noexcept {
#if GRAPE_HAS_NEON
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#else
  return false;
#endif
}

} // namespace

std::string_view to_string(isa kind) noexcept {
  switch (kind) {
    case isa::portable: return "portable";
    case isa::avx2: return "avx2";
    case isa::avx512: return "avx512";
    case isa::neon: return "neon";
  }
  return "unknown";
}

isa best_isa() noexcept {
  static const auto best = usable_isas().back();
  return best;
}

std::vector<isa> usable_isas() {
  std::vector<isa> usable{isa::portable};
  if (runs_avx2())
    usable.push_back(isa::avx2);
  if (runs_avx512())
    usable.push_back(isa::avx512);
  if (runs_neon())
    usable.push_back(isa::neon);
  return usable;
}

kernel_table::float_pair kernel_table::floats(metric kind) const noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return dot;
    case metric::euclid: return euclid;
    case metric::manhattan: return manhattan;
  }
  return dot;
}

const kernel_table& kernels_of(isa kind) noexcept {
#if GRAPE_HAS_X86_SETS
  if (kind == isa::avx512)
    return avx512_kernels();
  if (kind == isa::avx2)
    return avx2_kernels();
#endif
#if GRAPE_HAS_NEON
  if (kind == isa::neon)
    return neon_kernels();
#endif
  GRAPE_CHECK(kind == isa::portable);
  return portable_kernels();
}

distance_function::distance_function(metric kind, std::size_t dimension, isa with) noexcept
  : pair_(dimension < ordered_below ? ordered_floats(kind) : kernels_of(with).floats(kind))
  , dimension_(dimension)
  , kind_(kind) {
  GRAPE_CHECK(dimension > 0);
}

void distance_function::contiguous(const float* query, const float* rows,
                                   std::span<float> distances) const noexcept {
  for (std::size_t i = 0; i < distances.size(); ++i)
    distances[i] = pair_(query, rows + i * dimension_, dimension_);
}

void distance_function::scattered(const float* query, std::span<const float* const> rows,
                                  std::span<float> distances) const noexcept {
  constexpr std::size_t ahead = 4;
  constexpr std::size_t floats_per_line = 16;
  const auto fetch = [this](const float* row) {
    for (std::size_t i = 0; i < dimension_; i += floats_per_line)
      __builtin_prefetch(row + i);
    __builtin_prefetch(row + dimension_ - 1);
  };
  for (std::size_t i = 0; i < rows.size() && i < ahead; ++i)
    fetch(rows[i]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + ahead < rows.size())
      fetch(rows[i + ahead]);
    distances[i] = pair_(query, rows[i], dimension_);
  }
}

float score_from_distance(metric kind, float distance) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return -distance;
    case metric::euclid: return std::sqrt(distance);
    case metric::manhattan: return distance;
  }
  return distance;
}

float distance_from_score(metric kind, float score) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return -score;
    case metric::euclid: return score * score;
    case metric::manhattan: return score;
  }
  return score;
}

// In double: a float's sum over a thousand components is off by more than what tells a vector that
// was normalised before, and it would drift each time it is stored again.
void normalise(std::span<float> vector) noexcept {
  double squares = 0;
  for (const auto component : vector)
    squares += static_cast<double>(component) * static_cast<double>(component);
  if (squares < static_cast<double>(std::numeric_limits<float>::epsilon())
      || std::abs(squares - 1.0) <= 1e-6)
    return;
  const auto length = std::sqrt(squares);
  for (auto& component : vector)
    component = static_cast<float>(static_cast<double>(component) / length);
}

} // namespace grape
