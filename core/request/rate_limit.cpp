#include "core/request/rate_limit.hpp"

#include <algorithm>
#include <string>

namespace grape {

namespace {

/// With one digit behind the point, cut off: what is told to be there is there.
std::string tenths(std::uint64_t of, std::uint64_t whole) {
  const auto all = of * 10 / whole;
  return std::to_string(all / 10) + "." + std::to_string(all % 10);
}

} // namespace

status rate_limit::take(std::uint64_t tokens, std::uint64_t now_ms, std::string_view kind) {
  auto text = std::string(kind) + " rate limit exceeded";
  if (tokens > per_minute_)
    return {errc::rate_limited, text
                                    + ", request larger than rate limiter capacity, please try to"
                                      " split your request"};
  // After a minute it is full anyway.
  const auto passed_ms = std::min(now_ms - std::min(last_ms_, now_ms), parts);
  last_ms_ = std::max(last_ms_, now_ms);
  left_ = std::min(left_ + passed_ms * per_minute_, per_minute_ * parts);
  if (left_ >= tokens * parts) {
    left_ -= tokens * parts;
    return {};
  }
  const auto missing_ms = (tokens * parts - left_ + per_minute_ - 1) / per_minute_;
  const auto wait_s = (missing_ms + 999) / 1'000;
  return {errc::rate_limited, text + ": Operation requires " + std::to_string(tokens)
                                  + " tokens but only " + tenths(left_, parts)
                                  + " were available. Retry after " + std::to_string(wait_s) + "s"};
}

status rate_limits::take(collection_id of, kind what, std::uint64_t per_minute,
                         std::uint64_t tokens, std::uint64_t now_ms) {
  constexpr std::uint64_t practically_unlimited = 1'000'000'000'000;
  const rate_limit fresh{std::min(per_minute, practically_unlimited), now_ms};
  auto& limit = known_.try_emplace({of, what}, fresh).first->second;
  if (limit.per_minute() != fresh.per_minute())
    limit = fresh;
  return limit.take(tokens, now_ms, what == kind::read ? "Read" : "Write");
}

} // namespace grape
