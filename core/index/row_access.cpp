#include "core/index/row_access.hpp"

#include "core/check.hpp"

#ifndef GRAPE_HAS_X86_SETS
#define GRAPE_HAS_X86_SETS 0
#endif
#ifndef GRAPE_HAS_NEON
#define GRAPE_HAS_NEON 0
#endif

namespace grape::index {

namespace {

row_codec by_metric(metric kind, row_codec dot, row_codec euclid, row_codec manhattan) noexcept {
  switch (kind) {
    case metric::cosine:
    case metric::dot: return dot;
    case metric::euclid: return euclid;
    case metric::manhattan: return manhattan;
  }
  return dot;
}

/// What is compiled once per instruction set, see walk.hpp.
struct walk_functions {
  std::uint32_t (*descend)(const walk_request&) noexcept;
  std::size_t (*walk)(const walk_request&) noexcept;
  void (*scan)(const scan_request&) noexcept;
};

walk_functions compiled_for(isa with) noexcept {
#if GRAPE_HAS_X86_SETS
  if (with == isa::avx512)
    return {descend_avx512, walk_avx512, scan_avx512};
  if (with == isa::avx2)
    return {descend_avx2, walk_avx2, scan_avx2};
#endif
#if GRAPE_HAS_NEON
  if (with == isa::neon)
    return {descend_neon, walk_neon, scan_neon};
#endif
  GRAPE_CHECK(with == isa::portable);
  return {descend_portable, walk_portable, scan_portable};
}

} // namespace

row_codec codec_of(metric kind, coding code) noexcept {
  using enum row_codec;
  switch (code) {
    case coding::floats: return by_metric(kind, float_dot, float_euclid, float_manhattan);
    case coding::int8: return by_metric(kind, code_dot, code_euclid, code_manhattan);
    case coding::int4: return kind == metric::euclid ? nibble_euclid : nibble_dot;
    case coding::bits: return bits;
    case coding::bfloat16: return by_metric(kind, half_dot, half_euclid, half_manhattan);
    case coding::product: return product;
  }
  return float_dot;
}

row_codec codec_of(metric kind, row_form form) noexcept {
  using enum row_codec;
  switch (form) {
    case row_form::float32: return codec_of(kind, coding::floats);
    case row_form::float16: return by_metric(kind, float16_dot, float16_euclid, float16_manhattan);
    case row_form::uint8: return by_metric(kind, uint8_dot, uint8_euclid, uint8_manhattan);
    case row_form::unit_uint8: return uint8_cosine;
  }
  return float_dot;
}

walk_vectors codes_for_walk(const segment_content& content, const code_query& coded) noexcept {
  walk_vectors vectors;
  vectors.codec = codec_of(content.distance, content.code());
  vectors.first = content.codes.data();
  vectors.stride = content.quantizer->stride();
  vectors.length = content.quantizer->code_length();
  vectors.query = coded.data();
  vectors.dot_offset = coded.dot_offset;
  vectors.dot_factor = coded.dot_factor;
  return vectors;
}

walk_vectors vectors_for_walk(const segment_content& content,
                              std::span<const float> query) noexcept {
  walk_vectors vectors;
  vectors.codec = codec_of(content.distance, content.form);
  vectors.first = content.vectors.data();
  vectors.stride = content.layout().bytes();
  vectors.length = content.dimension;
  vectors.query = query.data();
  return vectors;
}

std::uint32_t run_descent(isa with, const walk_request& request) noexcept {
  return compiled_for(with).descend(request);
}

std::size_t run_walk(isa with, const walk_request& request) noexcept {
  return compiled_for(with).walk(request);
}

void run_scan(isa with, const scan_request& request) noexcept {
  compiled_for(with).scan(request);
}

} // namespace grape::index
