#include "core/index/tail.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

namespace grape::index {

namespace {

// Small enough that an almost empty field costs little, large enough that a view of a large tail
// shares few pieces.
constexpr std::size_t chunk_bytes = 256 * 1024;

// Scanning fewer takes a few microseconds.
constexpr std::uint32_t coded_rows_min = 1'024;

// At least 64 rows, so that a word of live bits never spans two chunks.
std::uint32_t shift_for(const row_layout& layout) {
  const auto rows = std::max<std::size_t>(64, chunk_bytes / layout.bytes());
  return static_cast<std::uint32_t>(std::bit_width(std::min<std::size_t>(rows, 4'096)) - 1);
}

} // namespace

tail::tail(segment_id id, const row_layout& layout, std::optional<metric> coded)
  : id_(id)
  , layout_(layout)
  , coded_(coded && tail_codes::suit(*coded, layout.dimension()) ? coded : std::nullopt)
  , chunk_shift_(shift_for(layout)) {
  GRAPE_CHECK(layout.dimension() > 0);
}

row tail::append(slot owner, const point_id& id, std::uint64_t vector_version,
                 std::span<const float> values) {
  GRAPE_CHECK(values.size() == layout_.dimension());
  layout_.store(values.data(), add(owner, id, vector_version));
  encode();
  return row{rows_ - 1};
}

row tail::append_stored(slot owner, const point_id& id, std::uint64_t vector_version,
                        const void* stored) {
  std::memcpy(add(owner, id, vector_version), stored, layout_.bytes());
  encode();
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

// The block that the newest row has made whole; all of them once they are many.
void tail::encode() {
  if (!coded_ || rows_ % bit_block_rows != 0 || rows_ < coded_rows_min)
    return;
  std::vector<float> buffer(layout_.is_plain() ? 0 : layout_.dimension());
  if (!codes_)
    codes_.emplace(*coded_, layout_.dimension());
  while (codes_->blocks() < rows_ / bit_block_rows)
    codes_->append_block([&](std::size_t i) {
      return layout_.load(stored(row{static_cast<std::uint32_t>(i)}), buffer.data());
    });
}

void tail::kill(row where) {
  GRAPE_CHECK(where.value < rows_ && is_live(where));
  live_words_.edit(where.value / 64) &= ~(std::uint64_t{1} << (where.value % 64));
  --live_;
}

std::uint64_t tail::bytes() const noexcept {
  const auto per_row
    = layout_.bytes() + sizeof(slot) + sizeof(point_id) + sizeof(std::uint64_t);
  return (chunks_.size() << chunk_shift_) * per_row + live_words_.size() * sizeof(std::uint64_t)
         + (codes_ ? codes_->bytes() : 0);
}

} // namespace grape::index
