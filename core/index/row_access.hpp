#pragma once

#include "core/index/segment.hpp"
#include "core/index/segment_content.hpp"
#include "core/index/walk.hpp"
#include "core/vector/kernels.hpp"

#include <bit>
#include <cstdint>
#include <span>

namespace grape::index {

/// True if the row may be found, see row_filter.
inline bool passes(const row_filter& filter, std::uint32_t row) noexcept {
  const auto bit = [](const std::uint64_t* words, std::uint32_t at) {
    return (words[at / 64] >> (at % 64) & 1) != 0;
  };
  if (filter.live != nullptr && !bit(filter.live, row))
    return false;
  return filter.allowed == nullptr || bit(filter.allowed, filter.slot_of_row[row]);
}

/// True if it may keep rows out.
inline bool filters(const row_filter& filter) noexcept {
  return filter.live != nullptr || filter.allowed != nullptr;
}

/// Calls take(row) for each of `rows` that passes, ascending, until it says false.
template <class Take>
void for_each_passing(const row_filter& filter, std::uint32_t rows, Take&& take) {
  row_filter allowed = filter;
  allowed.live = nullptr;
  for (std::uint32_t first = 0; first < rows; first += 64) {
    auto word = filter.live != nullptr ? filter.live[first / 64] : ~std::uint64_t{0};
    if (rows - first < 64)
      word &= (std::uint64_t{1} << (rows - first)) - 1;
    for (; word != 0; word &= word - 1) {
      const auto row = first + static_cast<std::uint32_t>(std::countr_zero(word));
      if (passes(allowed, row) && !take(row))
        return;
    }
  }
}

/// What a walk reads that compares the content's codes with a query prepared by its quantizer,
/// which there must be. It borrows both.
walk_vectors codes_for_walk(const segment_content& content, const code_query& coded) noexcept;

/// What a walk reads that compares the vectors themselves. It borrows both.
walk_vectors vectors_for_walk(const segment_content& content,
                              std::span<const float> query) noexcept;

/// How codes of this kind are measured; coding::floats: vectors of floats.
row_codec codec_of(metric kind, coding code) noexcept;

/// How vectors of this form are measured.
row_codec codec_of(metric kind, row_form form) noexcept;

/// Need `with` to be usable on this processor.
std::uint32_t run_descent(isa with, const walk_request& request) noexcept;
std::size_t run_walk(isa with, const walk_request& request) noexcept;
void run_scan(isa with, const scan_request& request) noexcept;

} // namespace grape::index
