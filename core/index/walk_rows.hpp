#pragma once

// How the walk measures rows, codec by codec. Each type has distance(row) and distances(rows,
// count, out). Included by walk_loop.hpp; the same rules hold.

#include "core/index/walk.hpp"
#include "core/vector/narrow_primitives.hpp"

#include <cstring>

namespace grape::index {
namespace {

constexpr std::size_t cache_line = 64;

inline void prefetch_bytes(const void* first, std::size_t bytes) noexcept {
  const auto* at = static_cast<const char*>(first);
  for (std::size_t i = 0; i < bytes; i += cache_line)
    prefetch(at + i);
  if (bytes % cache_line != 0)
    prefetch(at + bytes - 1);
}

struct byte_dots {
  static std::int32_t one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    return code_dot_query(code, static_cast<const std::int8_t*>(vectors.query), vectors.length);
  }

  static void four(const std::uint8_t* const (&codes)[4], const walk_vectors& vectors,
                   std::int32_t (&dots)[4]) noexcept {
    code_dot_query4(codes, static_cast<const std::int8_t*>(vectors.query), vectors.length, dots);
  }
};

struct nibble_dots {
  static std::int32_t one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    return nibbles_dot_query(code, static_cast<const std::int8_t*>(vectors.query), vectors.length);
  }

  static void four(const std::uint8_t* const (&codes)[4], const walk_vectors& vectors,
                   std::int32_t (&dots)[4]) noexcept {
    nibbles_dot_query4(codes, static_cast<const std::int8_t*>(vectors.query), vectors.length, dots);
  }
};

/// Codes whose distance is a scaled dot product, and a norm from the end of the code.
template <class Dots, bool WithNorm>
struct dot_rows {
  const walk_vectors& vectors;

  const std::uint8_t* code(std::uint32_t row) const noexcept {
    return vectors.first + row * vectors.stride;
  }

  float finish(const std::uint8_t* at, std::int32_t dot) const noexcept {
    const auto scaled = vectors.dot_factor * static_cast<float>(dot - vectors.dot_offset);
    if constexpr (!WithNorm)
      return scaled;
    std::int32_t norm;
    std::memcpy(&norm, at + vectors.stride - sizeof norm, sizeof norm);
    return static_cast<float>(norm) + scaled;
  }

  float distance(std::uint32_t row) const noexcept {
    return finish(code(row), Dots::one(code(row), vectors));
  }

  /// Reads three rows past `count` in `rows`, which the caller keeps for that.
  void distances(std::uint32_t* rows, std::size_t count, float* out) const noexcept {
    for (std::size_t i = count; i % 4 != 0; ++i)
      rows[i] = rows[count - 1];
    for (std::size_t i = 0; i < count; i += 4) {
      const std::uint8_t* const codes[4] = {code(rows[i]), code(rows[i + 1]), code(rows[i + 2]),
                                            code(rows[i + 3])};
      std::int32_t dots[4];
      Dots::four(codes, vectors, dots);
      for (std::size_t j = 0; j < 4; ++j)
        out[i + j] = finish(codes[j], dots[j]);
    }
  }
};

/// Rows that are measured one by one; Measure has `float one(const std::uint8_t* code, vectors)`.
template <class Measure>
struct single_rows {
  const walk_vectors& vectors;

  float distance(std::uint32_t row) const noexcept {
    return Measure::one(vectors.first + row * vectors.stride, vectors);
  }

  void distances(const std::uint32_t* rows, std::size_t count, float* out) const noexcept {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = distance(rows[i]);
  }
};

template <float (*Measure)(const float*, const float*, std::size_t), int Sign>
struct float_measure {
  static float one(const std::uint8_t* row, const walk_vectors& vectors) noexcept {
    return Sign
           * Measure(static_cast<const float*>(vectors.query), reinterpret_cast<const float*>(row),
                     vectors.length);
  }
};

template <float (*Measure)(const std::uint16_t*, const float*, std::size_t), int Sign>
struct half_measure {
  static float one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    return Sign
           * Measure(reinterpret_cast<const std::uint16_t*>(code),
                     static_cast<const float*>(vectors.query), vectors.length);
  }
};

struct dot_term {
  float operator()(float x, float q) const noexcept { return -x * q; }
};

struct square_term {
  float operator()(float x, float q) const noexcept { return (x - q) * (x - q); }
};

struct absolute_term {
  float operator()(float x, float q) const noexcept { return x < q ? q - x : x - q; }
};

/// Rows as row_layout stores them.
template <class Components, class Term>
struct narrow_measure {
  static float one(const std::uint8_t* row, const walk_vectors& vectors) noexcept {
    return sum_over<Components>(row, static_cast<const float*>(vectors.query), vectors.length,
                                Term{});
  }
};

/// Rows of whole numbers that are compared as if they had length 1.
struct cosine_measure {
  static float one(const std::uint8_t* row, const walk_vectors& vectors) noexcept {
    const auto* query = static_cast<const float*>(vectors.query);
    const auto dot = sum_over<uint8_components>(row, query, vectors.length, dot_term{});
    const auto squares = sum_over<uint8_components>(
        row, query, vectors.length, [](float x, float) noexcept { return x * x; });
    return squares > 0 ? dot / __builtin_sqrtf(squares) : 0.0f;
  }
};

/// Two int8 codes.
template <std::int32_t (*Measure)(const std::uint8_t*, const std::uint8_t*, std::size_t), int Sign>
struct pair_measure {
  static float one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    const auto* query = static_cast<const std::uint8_t*>(vectors.query);
    return static_cast<float>(Sign * Measure(code, query, vectors.length));
  }
};

struct manhattan_measure {
  static float one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    return static_cast<float>(code_absolute_difference(
        code, static_cast<const std::uint8_t*>(vectors.query), vectors.length));
  }
};

/// See quantizer_bits.
struct bit_measure {
  static float one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    const auto set = bits_dot_planes(code, vectors.query, vectors.length);
    float tail[2];
    std::memcpy(tail, code + vectors.stride - sizeof tail, sizeof tail);
    const auto product = static_cast<float>(2 * set - vectors.dot_offset);
    return tail[1] + tail[0] * vectors.dot_factor * product;
  }
};

struct table_measure {
  static float one(const std::uint8_t* code, const walk_vectors& vectors) noexcept {
    return sum_of_tables(code, static_cast<const float*>(vectors.query), vectors.length);
  }
};

template <float (*Measure)(const float*, const float*, std::size_t), int Sign>
using float_rows = single_rows<float_measure<Measure, Sign>>;
template <float (*Measure)(const std::uint16_t*, const float*, std::size_t), int Sign>
using half_rows = single_rows<half_measure<Measure, Sign>>;
template <class Components, class Term>
using narrow_rows = single_rows<narrow_measure<Components, Term>>;
using cosine_rows = single_rows<cosine_measure>;
using code_manhattan_rows = single_rows<manhattan_measure>;
using pair_dot_rows = single_rows<pair_measure<code_dot_code, -1>>;
using pair_euclid_rows = single_rows<pair_measure<code_squared_difference, 1>>;
using bit_rows = single_rows<bit_measure>;
using table_rows = single_rows<table_measure>;

} // namespace
} // namespace grape::index
