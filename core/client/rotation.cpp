#include "core/client/rotation.hpp"

#include "core/check.hpp"

namespace grape::client {

rotation::rotation(std::size_t nodes, std::uint64_t seed)
  : nodes_(nodes)
  , rest_({.first_ms = 100, .delay_ms_max = 2'000, .lasted_ms = 10'000}, seed) {
  GRAPE_CHECK(nodes > 0);
}

void rotation::connected(std::uint64_t now_ms) noexcept {
  in_a_row_ = 0;
  rest_.connected(now_ms);
}

std::uint64_t rotation::failed(std::uint64_t now_ms) noexcept {
  current_ = (current_ + 1) % nodes_;
  return ++in_a_row_ % nodes_ == 0 ? rest_.failed(now_ms) : 0;
}

} // namespace grape::client
