#include "core/index/tail.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

namespace grape::index {

namespace {

// Small enough that an almost empty field costs little, large enough that a view of a large tail
// shares few pieces.
constexpr std::size_t chunk_bytes = 256 * 1024;

// At least 64 rows, so that a word of live bits never spans two chunks.
std::uint32_t shift_for(const row_layout& layout) {
  const auto rows = std::max<std::size_t>(64, chunk_bytes / layout.bytes());
  return static_cast<std::uint32_t>(std::bit_width(std::min<std::size_t>(rows, 4'096)) - 1);
}

} // namespace

tail::tail(segment_id id, const row_layout& layout)
  : id_(id)
  , layout_(layout)
  , chunk_shift_(shift_for(layout)) {
  GRAPE_CHECK(layout.dimension() > 0);
}

row tail::append(slot owner, const point_id& id, std::uint64_t vector_version,
                 std::span<const float> values) {
  GRAPE_CHECK(values.size() == layout_.dimension());
  layout_.store(values.data(), add(owner, id, vector_version));
  return row{rows_ - 1};
}

row tail::append_stored(slot owner, const point_id& id, std::uint64_t vector_version,
                        const void* stored) {
  std::memcpy(add(owner, id, vector_version), stored, layout_.bytes());
  return row{rows_ - 1};
}

// A new row but for its components, which belong where the result points to.
std::byte* tail::add(slot owner, const point_id& id, std::uint64_t vector_version) {
  const row added{rows_};
  const auto within = offset(added);
  if (within == 0) {
    const auto count = std::size_t{1} << chunk_shift_;
    auto fresh = std::make_shared<chunk>();
    fresh->values = std::make_unique_for_overwrite<std::byte[]>(count * layout_.bytes());
    fresh->owners = std::make_unique<slot[]>(count);
    fresh->ids = std::make_unique<point_id[]>(count);
    fresh->versions = std::make_unique<std::uint64_t[]>(count);
    chunks_.push_back(std::move(fresh));
  }
  const auto& into = at(added);
  into.owners[within] = owner;
  into.ids[within] = id;
  into.versions[within] = vector_version;
  if (rows_ % 64 == 0)
    live_words_.push_back(0);
  live_words_.edit(rows_ / 64) |= std::uint64_t{1} << (rows_ % 64);
  ++rows_;
  ++live_;
  return into.values.get() + within * layout_.bytes();
}

void tail::kill(row where) {
  GRAPE_CHECK(where.value < rows_ && is_live(where));
  live_words_.edit(where.value / 64) &= ~(std::uint64_t{1} << (where.value % 64));
  --live_;
}

std::uint64_t tail::bytes() const noexcept {
  const auto per_row
    = layout_.bytes() + sizeof(slot) + sizeof(point_id) + sizeof(std::uint64_t);
  return (chunks_.size() << chunk_shift_) * per_row + live_words_.size() * sizeof(std::uint64_t);
}

// The live rows of a word that the filter lets through, as bits.
std::uint64_t tail::passing(std::uint32_t word, const slot_set* allowed) const {
  auto bits = live_words_[word];
  if (allowed == nullptr)
    return bits;
  for (auto rest = bits; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
    if (!allowed->contains(owner(row{word * 64 + bit})))
      bits &= ~(std::uint64_t{1} << bit);
  }
  return bits;
}

// The distances to the rows of a word that are set in `bits`, in their order. `widened` has room
// for a word's rows, if they are not plain.
void tail::measure(const distance_function& distance, const float* query, std::uint32_t word,
                   std::uint64_t bits, std::span<float> widened,
                   std::span<float> distances) const {
  std::array<const float*, 64> rows{};
  std::size_t count = 0;
  for (auto rest = bits; rest != 0; rest &= rest - 1, ++count) {
    const row where{word * 64 + static_cast<std::uint32_t>(std::countr_zero(rest))};
    rows[count] = layout_.load(
      stored(where), widened.data() + (widened.empty() ? 0 : count * layout_.dimension()));
  }
  distance.scattered(query, std::span(rows.data(), count), distances.first(count));
}

void tail::scan(const distance_function& distance, const float* query, const slot_set* allowed,
                top_k<scored_slot>& best, budget& left) const {
  std::array<float, 64> distances{};
  std::vector<float> widened(layout_.is_plain() ? 0 : 64 * layout_.dimension());
  for (std::uint32_t word = 0; word * 64 < rows_; ++word) {
    const auto bits = passing(word, allowed);
    const auto count = static_cast<std::size_t>(std::popcount(bits));
    if (count == 0)
      continue;
    const auto first = word * 64;
    // Most rows pass: reading the few others in one stream costs less than picking rows.
    const auto streamed = layout_.is_plain() && count >= 48;
    if (streamed)
      distance.contiguous(query, static_cast<const float*>(stored(row{first})),
                          std::span(distances).first(std::min<std::size_t>(64, rows_ - first)));
    else
      measure(distance, query, word, bits, widened, distances);
    std::size_t next = 0;
    for (auto rest = bits; rest != 0; rest &= rest - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(rest));
      const auto found = distances[streamed ? bit : next++];
      if (found <= best.bound())
        best.offer({found, owner(row{first + bit})});
    }
    if (!left.spend(count))
      return;
  }
}

} // namespace grape::index
