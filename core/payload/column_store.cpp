#include "core/payload/column_store.hpp"

#include <algorithm>

namespace grape::payload {

namespace {

using bits = std::array<std::uint64_t, 16>;

bool has(const bits& in, std::size_t offset) noexcept {
  return (in[offset / 64] >> (offset % 64) & 1) != 0;
}

void put(bits& in, std::size_t offset, bool on) noexcept {
  const auto bit = std::uint64_t{1} << (offset % 64);
  if (on)
    in[offset / 64] |= bit;
  else
    in[offset / 64] &= ~bit;
}

template <class T>
auto find_run(T& runs, std::size_t offset) {
  return std::lower_bound(runs.begin(), runs.end(), offset,
                          [](const auto& r, std::size_t o) { return r.offset < o; });
}

/// Whether the slot holds these facts already, for the common cases of none and one value.
template <class T>
bool holds_already(const column_block<T>& block, std::size_t offset, const slot_facts<T>& facts) {
  if (facts.values.size() > 1 || has(block.other, offset) != facts.other
      || has(block.null, offset) != facts.null || has(block.filled, offset) != facts.filled)
    return false;
  if (!facts.values.empty())
    return has(block.single, offset) && block.values[offset] == facts.values.front();
  const auto run = find_run(block.runs, offset);
  return !has(block.single, offset) && (run == block.runs.end() || run->offset != offset);
}

/// Drops the values that no run names.
template <class T>
void compact(column_block<T>& block) {
  std::vector<T> live;
  live.reserve(block.pool.size() - block.pool_dead);
  for (auto& run : block.runs) {
    const auto from = block.pool.begin() + run.begin;
    run.begin = static_cast<std::uint32_t>(live.size());
    live.insert(live.end(), from, from + run.count);
  }
  block.pool = std::move(live);
  block.pool_dead = 0;
}

/// Takes the values out of a slot and returns how many they were.
template <class T>
std::size_t take_values(column_block<T>& block, std::size_t offset) {
  if (has(block.single, offset)) {
    put(block.single, offset, false);
    return 1;
  }
  const auto run = find_run(block.runs, offset);
  if (run == block.runs.end() || run->offset != offset)
    return 0;
  const std::size_t count = run->count;
  block.pool_dead += count;
  block.runs.erase(run);
  if (block.pool_dead > 64 && block.pool_dead * 2 > block.pool.size())
    compact(block);
  return count;
}

template <class T>
void put_values(column_block<T>& block, std::size_t offset, const std::vector<T>& values) {
  if (values.empty())
    return;
  if (values.size() == 1) {
    put(block.single, offset, true);
    block.values[offset] = values.front();
    return;
  }
  const typename column_block<T>::run added{static_cast<std::uint16_t>(offset),
                                            static_cast<std::uint32_t>(block.pool.size()),
                                            static_cast<std::uint32_t>(values.size())};
  block.runs.insert(find_run(block.runs, offset), added);
  block.pool.insert(block.pool.end(), values.begin(), values.end());
}

} // namespace

template <class T>
void column_store<T>::set(std::size_t slot, const slot_facts<T>& facts) {
  const auto at = slot / block::slots;
  const auto offset = slot % block::slots;
  if (at >= blocks_.size())
    blocks_.resize(at + 1);
  if (holds_already(blocks_[at], offset, facts))
    return; // Spares the copy of a block that a snapshot shares.
  auto& changing = blocks_.edit(at);
  values_ -= take_values(changing, offset);
  put_values(changing, offset, facts.values);
  values_ += facts.values.size();
  filled_ += (facts.filled ? 1 : 0) - (has(changing.filled, offset) ? std::size_t{1} : 0);
  put(changing.other, offset, facts.other);
  put(changing.null, offset, facts.null);
  put(changing.filled, offset, facts.filled);
}

template <class T>
slot_facts<T> column_store<T>::facts(std::size_t slot) const {
  slot_facts<T> found;
  if (slot / block::slots >= blocks_.size())
    return found;
  const auto& in = blocks_[slot / block::slots];
  const auto offset = slot % block::slots;
  if (has(in.single, offset))
    found.values.push_back(in.values[offset]);
  const auto run = find_run(in.runs, offset);
  if (run != in.runs.end() && run->offset == offset)
    found.values.assign(in.pool.begin() + run->begin, in.pool.begin() + run->begin + run->count);
  found.other = has(in.other, offset);
  found.null = has(in.null, offset);
  found.filled = has(in.filled, offset);
  return found;
}

template <class T>
std::size_t column_store<T>::bytes() const noexcept {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < blocks_.size(); ++i)
    sum += sizeof(block) + blocks_[i].pool.capacity() * sizeof(T)
           + blocks_[i].runs.capacity() * sizeof(typename block::run);
  return sum;
}

template class column_store<std::uint32_t>;
template class column_store<std::int64_t>;
template class column_store<double>;
template class column_store<std::uint8_t>;
template class column_store<uuid>;
template class column_store<geo_point>;

} // namespace grape::payload
