#include "tests/simulation/chain.hpp"

#include "core/check.hpp"
#include "tests/simulation/chance.hpp"

#include <algorithm>
#include <cstring>

namespace grape::simulation {

std::uint64_t content_hash(const raft::entry& of) noexcept {
  auto hash = mixed(of.term.value, static_cast<std::uint64_t>(of.kind));
  if (!of.data)
    return hash;
  const auto& bytes = *of.data;
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, std::min<std::size_t>(8, bytes.size() - i));
    hash = (hash ^ word) * 0x9fb21c651e98df25ull;
    hash ^= hash >> 32;
  }
  return mixed(hash, bytes.size());
}

void chain::restart(log_index base, grape::term at_base, std::uint64_t prefix) {
  base_ = base;
  links_.assign(1, link{at_base, prefix, false});
}

void chain::put(const raft::entry& next) {
  GRAPE_CHECK(next.index > base_);
  GRAPE_CHECK(next.index.value <= last().value + 1);
  links_.resize(offset(next.index));
  const auto changes = next.kind == raft::entry_kind::configuration;
  links_.push_back({next.term, mixed(links_.back().prefix, content_hash(next)), changes});
}

void chain::cut_from(log_index index) {
  if (index <= last())
    links_.resize(std::max<std::size_t>(1, offset(index)));
}

log_index chain::last_change(log_index through) const {
  for (auto i = std::min(through, last()); i > base_; --i.value)
    if (at(i).changes_members)
      return i;
  return log_index{};
}

} // namespace grape::simulation
