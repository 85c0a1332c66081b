#include "core/link/backoff.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <utility>

namespace grape::link {

backoff::backoff(const backoff_options& options, std::uint64_t seed)
  : options_(options)
  , chance_(seed)
  , longest_ms_(options.first_ms) {
  GRAPE_CHECK(options.first_ms >= 1);
  GRAPE_CHECK(options.delay_ms_max >= options.first_ms && options.delay_ms_max <= UINT32_MAX);
}

std::uint64_t backoff::failed(std::uint64_t now_ms) noexcept {
  const auto since = std::exchange(connected_ms_, std::nullopt);
  if (since && now_ms - *since >= options_.lasted_ms)
    longest_ms_ = options_.first_ms;
  const auto wait_ms = 1 + chance_.below(static_cast<std::uint32_t>(longest_ms_));
  longest_ms_ = std::min(2 * longest_ms_, options_.delay_ms_max);
  return wait_ms;
}

} // namespace grape::link
