#pragma once

// The steps of walk_steps_portable.hpp with AVX2.

#include "core/index/walk_keys.hpp"

#include <immintrin.h>

namespace grape::index {
namespace {

/// For each set of eight lanes, the numbers of those in it, four bits each, lowest first.
struct lane_lists {
  std::uint32_t of[256];

  constexpr lane_lists() noexcept
    : of{} {
    for (std::uint32_t set = 0; set < 256; ++set)
      for (std::uint32_t lane = 0, at = 0; lane < 8; ++lane)
        if ((set >> lane & 1) != 0)
          of[set] |= lane << (4 * at++);
  }
};

constexpr lane_lists lanes_in;

/// Moves the lanes in `set` to the front, in order.
inline __m256i compress(__m256i values, unsigned set) noexcept {
  const auto list = _mm256_set1_epi32(static_cast<int>(lanes_in.of[set]));
  const auto shifted = _mm256_srlv_epi32(list, _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28));
  return _mm256_permutevar8x32_epi32(values, shifted); // It looks at the lowest three bits.
}

inline unsigned lanes_set(__m256i mask) noexcept {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(mask)));
}

/// Up to eight links; no_link behind the end of the list.
inline __m256i load_links(const std::uint32_t* list, std::size_t count) noexcept {
  if (count >= 8)
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(list));
  const auto mask = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                                       _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  const auto links = _mm256_maskload_epi32(reinterpret_cast<const int*>(list), mask);
  return _mm256_blendv_epi8(_mm256_set1_epi32(-1), links, mask);
}

template <class Wanted>
std::size_t take_unseen(const std::uint32_t* list, std::size_t width, std::uint64_t* visited,
                        std::uint32_t* out, Wanted wanted) noexcept {
  const auto one = _mm256_set1_epi32(1);
  const auto zero = _mm256_setzero_si256();
  std::size_t count = 0;
  for (std::size_t i = 0; i < width; i += 8) {
    const auto links = load_links(list + i, width - i);
    const auto absent = _mm256_cmpeq_epi32(links, _mm256_set1_epi32(-1));
    const auto present = _mm256_xor_si256(absent, _mm256_set1_epi32(-1));
    const auto words = _mm256_mask_i32gather_epi32(zero, reinterpret_cast<const int*>(visited),
                                                   _mm256_srli_epi32(links, 5), present, 4);
    const auto bits = _mm256_sllv_epi32(one, _mm256_and_si256(links, _mm256_set1_epi32(31)));
    const auto unseen = _mm256_cmpeq_epi32(_mm256_and_si256(words, bits), zero);
    const auto unseen_lanes = lanes_set(_mm256_andnot_si256(absent, unseen));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + count), compress(links, unseen_lanes));
    count += mark_all(visited, out + count, static_cast<unsigned>(__builtin_popcount(unseen_lanes)),
                      wanted);
    if (lanes_set(absent) != 0)
      break;
  }
  return count;
}

inline std::size_t keys_below(std::int64_t worst, const float* distances, const std::uint32_t* rows,
                              std::size_t count, std::int64_t* out) noexcept {
  std::size_t good = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto key = key_of(distances[i], rows[i]);
    out[good] = key;
    good += key < worst ? 1 : 0;
  }
  return good;
}

/// By rank, without a branch that depends on the keys: each key's place is the number of smaller
/// ones.
inline void sort_keys(std::int64_t* keys, std::size_t count, std::int64_t* sorted) noexcept {
  const auto* vectors = reinterpret_cast<const __m256i*>(keys);
  for (std::size_t i = 0; i < count; i += 8) {
    const auto low = _mm256_loadu_si256(vectors + i / 4);
    const auto high = _mm256_loadu_si256(vectors + i / 4 + 1);
    auto low_rank = _mm256_setzero_si256();
    auto high_rank = _mm256_setzero_si256();
    for (std::size_t j = 0; j < count; ++j) {
      const auto other = _mm256_set1_epi64x(keys[j]);
      low_rank = _mm256_sub_epi64(low_rank, _mm256_cmpgt_epi64(low, other));
      high_rank = _mm256_sub_epi64(high_rank, _mm256_cmpgt_epi64(high, other));
    }
    alignas(32) std::uint64_t ranks[8];
    _mm256_store_si256(reinterpret_cast<__m256i*>(ranks), low_rank);
    _mm256_store_si256(reinterpret_cast<__m256i*>(ranks + 4), high_rank);
    for (std::size_t j = 0; j < 8 && i + j < count; ++j)
      sorted[ranks[j]] = keys[i + j];
  }
}

} // namespace
} // namespace grape::index
