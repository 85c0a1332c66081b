#include "core/payload/posting_list.hpp"

#include "core/sole_owner.hpp"

#include <algorithm>

namespace grape::payload {

posting_list::chunk::chunk(const chunk& other)
  : number(other.number)
  , offsets(other.offsets)
  , members(other.members) {
  if (other.bits)
    bits = std::make_unique<std::array<std::uint64_t, chunk_slots / 64>>(*other.bits);
}

/// Where the chunk is, or belongs.
std::size_t posting_list::place_of(std::uint32_t number) const noexcept {
  if (!chunks_.empty() && chunks_.back()->number < number)
    return chunks_.size(); // New slots are mostly the highest ones.
  const auto at = std::lower_bound(chunks_.begin(), chunks_.end(), number,
                                   [](const auto& c, std::uint32_t n) { return c->number < n; });
  return static_cast<std::size_t>(at - chunks_.begin());
}

posting_list::chunk& posting_list::own(std::size_t place) {
  auto& shared = chunks_[place];
  if (!is_sole_owner(shared))
    shared = std::make_shared<chunk>(*shared);
  return *shared;
}

void posting_list::insert(slot where) {
  const auto number = static_cast<std::uint32_t>(where.value / chunk_slots);
  const auto offset = static_cast<std::uint16_t>(where.value % chunk_slots);
  const auto place = place_of(number);
  if (place == chunks_.size() || chunks_[place]->number != number)
    chunks_.insert(chunks_.begin() + static_cast<std::ptrdiff_t>(place),
                   std::make_shared<chunk>(number));
  auto& in = own(place);
  if (!in.bits) {
    const auto at = std::lower_bound(in.offsets.begin(), in.offsets.end(), offset);
    if (at != in.offsets.end() && *at == offset)
      return;
    in.offsets.insert(at, offset);
    ++in.members;
    if (in.offsets.size() <= list_max)
      return;
    in.bits = std::make_unique<std::array<std::uint64_t, chunk_slots / 64>>();
    for (const auto each : in.offsets)
      (*in.bits)[each / 64] |= std::uint64_t{1} << (each % 64);
    in.offsets = {};
    return;
  }
  auto& word = (*in.bits)[offset / 64];
  const auto bit = std::uint64_t{1} << (offset % 64);
  in.members += (word & bit) == 0 ? 1 : 0;
  word |= bit;
}

void posting_list::erase(slot where) {
  const auto number = static_cast<std::uint32_t>(where.value / chunk_slots);
  const auto offset = static_cast<std::uint16_t>(where.value % chunk_slots);
  const auto place = place_of(number);
  if (place == chunks_.size() || chunks_[place]->number != number)
    return;
  auto& in = own(place);
  if (in.bits) {
    auto& word = (*in.bits)[offset / 64];
    const auto bit = std::uint64_t{1} << (offset % 64);
    in.members -= (word & bit) != 0 ? 1 : 0;
    word &= ~bit;
  } else {
    const auto at = std::lower_bound(in.offsets.begin(), in.offsets.end(), offset);
    if (at != in.offsets.end() && *at == offset) {
      in.offsets.erase(at);
      --in.members;
    }
  }
  if (in.members == 0)
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(place));
}

std::size_t posting_list::count() const noexcept {
  std::size_t sum = 0;
  for (const auto& each : chunks_)
    sum += each->members;
  return sum;
}

void posting_list::add_to(slot_set& to) const {
  const auto words = to.words();
  for (const auto& each : chunks_) {
    const auto first = std::size_t{each->number} * chunk_slots;
    if (first >= to.capacity())
      break;
    for (const auto offset : each->offsets)
      if (first + offset < to.capacity())
        words[(first + offset) / 64] |= std::uint64_t{1} << (offset % 64);
    if (!each->bits)
      continue;
    for (std::size_t w = 0; w < each->bits->size() && first / 64 + w < words.size(); ++w)
      words[first / 64 + w] |= (*each->bits)[w];
  }
  if (const auto used = to.capacity() % 64; used != 0) // Bits may have reached beyond.
    words.back() &= (std::uint64_t{1} << used) - 1;
}

std::size_t posting_list::bytes() const noexcept {
  auto sum = chunks_.capacity() * sizeof(chunks_.front());
  for (const auto& each : chunks_)
    sum += sizeof(chunk) + each->offsets.capacity() * sizeof(std::uint16_t)
           + (each->bits ? sizeof *each->bits : 0);
  return sum;
}

} // namespace grape::payload
