#pragma once

// The steps of walk_steps_portable.hpp with AVX-512. Lanes are compressed in registers: compressing
// stores are slow on some processors.

#include "core/index/walk_keys.hpp"

#include <immintrin.h>

namespace grape::index {
namespace {

inline __mmask16 first_lanes(std::size_t count) noexcept {
  return static_cast<__mmask16>(count >= 16 ? 0xffff : (1u << count) - 1);
}

template <class Wanted>
std::size_t take_unseen(const std::uint32_t* list, std::size_t width, std::uint64_t* visited,
                        std::uint32_t* out, Wanted wanted) noexcept {
  const auto one = _mm512_set1_epi32(1);
  std::size_t count = 0;
  for (std::size_t i = 0; i < width; i += 16) {
    const auto inside = first_lanes(width - i);
    const auto links = _mm512_maskz_loadu_epi32(inside, list + i);
    const auto present = _mm512_mask_cmpneq_epi32_mask(inside, links, _mm512_set1_epi32(-1));
    const auto words = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), present,
                                                   _mm512_srli_epi32(links, 5), visited, 4);
    const auto bits = _mm512_sllv_epi32(one, _mm512_and_si512(links, _mm512_set1_epi32(31)));
    const auto unseen_lanes = _mm512_mask_testn_epi32_mask(present, words, bits);
    _mm512_storeu_si512(out + count, _mm512_maskz_compress_epi32(unseen_lanes, links));
    count += mark_all(visited, out + count, static_cast<unsigned>(__builtin_popcount(unseen_lanes)),
                      wanted);
    if (present != 0xffff)
      break;
  }
  return count;
}

inline std::size_t keys_below(std::int64_t worst, const float* distances, const std::uint32_t* rows,
                              std::size_t count, std::int64_t* out) noexcept {
  const auto bound = _mm512_set1_epi64(worst);
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; i += 8) {
    const auto inside = static_cast<__mmask8>(first_lanes(count - i));
    const auto bits = _mm256_castps_si256(_mm256_maskz_loadu_ps(inside, distances + i));
    const auto flipped =
        _mm256_and_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(0x7fff'ffff));
    const auto high = _mm512_cvtepi32_epi64(_mm256_xor_si256(bits, flipped));
    const auto low = _mm512_cvtepu32_epi64(_mm256_maskz_loadu_epi32(inside, rows + i));
    const auto keys = _mm512_or_si512(_mm512_slli_epi64(high, 32), _mm512_slli_epi64(low, 1));
    const auto below = _mm512_mask_cmplt_epi64_mask(inside, keys, bound);
    _mm512_storeu_si512(out + good, _mm512_maskz_compress_epi64(below, keys));
    good += static_cast<unsigned>(__builtin_popcount(below));
  }
  return good;
}

/// By rank, without a branch that depends on the keys: each key's place is the number of smaller
/// ones.
inline void sort_keys(std::int64_t* keys, std::size_t count, std::int64_t* sorted) noexcept {
  const auto one = _mm512_set1_epi64(1);
  for (std::size_t i = 0; i < count; i += 16) {
    const auto low = _mm512_loadu_si512(keys + i);
    const auto high = _mm512_loadu_si512(keys + i + 8);
    auto low_rank = _mm512_setzero_si512();
    auto high_rank = _mm512_setzero_si512();
    for (std::size_t j = 0; j < count; ++j) {
      const auto other = _mm512_set1_epi64(keys[j]);
      low_rank =
          _mm512_mask_add_epi64(low_rank, _mm512_cmpgt_epi64_mask(low, other), low_rank, one);
      high_rank =
          _mm512_mask_add_epi64(high_rank, _mm512_cmpgt_epi64_mask(high, other), high_rank, one);
    }
    const auto inside = first_lanes(count - i);
    _mm512_mask_i64scatter_epi64(sorted, static_cast<__mmask8>(inside), low_rank, low, 8);
    _mm512_mask_i64scatter_epi64(sorted, static_cast<__mmask8>(inside >> 8), high_rank, high, 8);
  }
}

} // namespace
} // namespace grape::index
