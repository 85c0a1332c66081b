#include "core/index/sparse_segment.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace grape::index {

namespace {

struct posting {
  std::uint32_t row = 0;
  float value = 0;
};

constexpr std::uint32_t gone = std::numeric_limits<std::uint32_t>::max();

} // namespace

/// Takes lists in ascending order of index, and packs them.
class sparse_segment_builder {
public:
  explicit sparse_segment_builder(std::vector<slot> owners)
    : made_(std::make_shared<sparse_segment>()) {
    made_->owners_ = std::move(owners);
  }

  /// Rows ascend; an empty list leaves no trace.
  void add(std::uint32_t index, std::span<const posting> postings) {
    if (postings.empty())
      return;
    auto& term = made_->terms_.emplace_back();
    term.index = index;
    term.first_block = static_cast<std::uint32_t>(made_->blocks_.size());
    term.first_value = made_->values_.size();
    term.most = -std::numeric_limits<float>::infinity();
    term.least = std::numeric_limits<float>::infinity();
    for (std::size_t at = 0; at < postings.size(); at += sparse_segment::block_rows) {
      const auto count = std::min<std::size_t>(sparse_segment::block_rows, postings.size() - at);
      add_block(postings.subspan(at, count));
      term.most = std::max(term.most, made_->blocks_.back().most);
      term.least = std::min(term.least, made_->blocks_.back().least);
    }
  }

  std::shared_ptr<const sparse_segment> finish() {
    auto& bound = made_->terms_.emplace_back();
    bound.first_block = static_cast<std::uint32_t>(made_->blocks_.size());
    bound.first_value = made_->values_.size();
    made_->owners_.shrink_to_fit();
    made_->terms_.shrink_to_fit();
    made_->blocks_.shrink_to_fit();
    made_->packed_.shrink_to_fit();
    made_->values_.shrink_to_fit();
    return std::move(made_);
  }

private:
  void add_block(std::span<const posting> postings) {
    sparse_segment::block block;
    block.last_row = postings.back().row;
    block.most = block.least = postings.front().value;
    std::uint32_t widest = 0;
    for (std::size_t i = 0; i < postings.size(); ++i) {
      block.most = std::max(block.most, postings[i].value);
      block.least = std::min(block.least, postings[i].value);
      made_->values_.push_back(postings[i].value);
      if (i > 0)
        widest = std::max(widest, postings[i].row - postings[i - 1].row - 1);
    }
    block.bits = static_cast<std::uint8_t>(std::bit_width(widest));
    GRAPE_CHECK(made_->packed_.size() < gone);
    block.rows_at = static_cast<std::uint32_t>(made_->packed_.size());
    // Whole rows would need the last block's; the first row of each block is kept as it is.
    made_->packed_.push_back(postings.front().row);
    std::uint64_t word = 0;
    std::uint32_t filled = 0;
    for (std::size_t i = 1; i < postings.size(); ++i) {
      word |= std::uint64_t{postings[i].row - postings[i - 1].row - 1} << filled;
      filled += block.bits;
      if (filled >= 32) {
        made_->packed_.push_back(static_cast<std::uint32_t>(word));
        word >>= 32;
        filled -= 32;
      }
    }
    if (filled > 0)
      made_->packed_.push_back(static_cast<std::uint32_t>(word));
    made_->blocks_.push_back(block);
  }

  std::shared_ptr<sparse_segment> made_;
};

std::shared_ptr<const sparse_segment> sparse_segment::build(std::span<const document> documents) {
  struct placed {
    std::uint32_t index;
    posting what;
  };
  std::vector<slot> owners;
  std::vector<placed> all;
  for (std::uint32_t number = 0; number < documents.size(); ++number) {
    const auto& [owner, vector] = documents[number];
    owners.push_back(owner);
    for (std::size_t i = 0; i < vector->indices.size(); ++i)
      all.push_back({vector->indices[i], {number, vector->values[i]}});
  }
  // Rows were added in order, and stay so within an index.
  std::stable_sort(all.begin(), all.end(),
                   [](const placed& a, const placed& b) { return a.index < b.index; });
  sparse_segment_builder builder{std::move(owners)};
  std::vector<posting> same;
  for (std::size_t at = 0; at < all.size();) {
    const auto index = all[at].index;
    same.clear();
    for (; at < all.size() && all[at].index == index; ++at)
      same.push_back(all[at].what);
    builder.add(index, same);
  }
  return builder.finish();
}

std::shared_ptr<const sparse_segment> sparse_segment::merge(std::span<const source> sources) {
  std::vector<slot> owners;
  std::vector<std::vector<std::uint32_t>> numbers;          // By source and row: its new number.
  std::vector<std::pair<std::uint32_t, std::size_t>> lists; // Index and source.
  for (std::size_t from = 0; from < sources.size(); ++from) {
    const auto& segment = *sources[from].segment;
    auto& renumbered = numbers.emplace_back(segment.rows(), gone);
    for (std::uint32_t old = 0; old < segment.rows(); ++old)
      if (sources[from].stays(row{old})) {
        renumbered[old] = static_cast<std::uint32_t>(owners.size());
        owners.push_back(segment.owner(row{old}));
      }
    for (std::size_t i = 0; i + 1 < segment.terms_.size(); ++i)
      lists.emplace_back(segment.terms_[i].index, from);
  }
  std::sort(lists.begin(), lists.end());
  sparse_segment_builder builder{std::move(owners)};
  std::vector<posting> together;
  std::array<std::uint32_t, block_rows> old_rows;
  for (std::size_t at = 0; at < lists.size(); ++at) {
    const auto& segment = *sources[lists[at].second].segment;
    const auto found = segment.find(lists[at].first);
    for (std::uint32_t which = 0; which < found.blocks.size(); ++which) {
      const auto count = segment.unpack(found, which, old_rows);
      for (std::uint32_t i = 0; i < count; ++i)
        if (const auto now = numbers[lists[at].second][old_rows[i]]; now != gone)
          together.push_back({now, found.values[which * block_rows + i]});
    }
    if (at + 1 == lists.size() || lists[at + 1].first != lists[at].first) {
      builder.add(lists[at].first, together);
      together.clear();
    }
  }
  return builder.finish();
}

sparse_segment::list sparse_segment::find(std::uint32_t index) const noexcept {
  const auto end = terms_.end() - 1; // The bound.
  const auto found =
      std::lower_bound(terms_.begin(), end, index,
                       [](const term& of, std::uint32_t wanted) { return of.index < wanted; });
  if (found == end || found->index != index)
    return {};
  const auto& next = *(found + 1);
  return {std::span(blocks_).subspan(found->first_block, next.first_block - found->first_block),
          std::span(values_).subspan(found->first_value, next.first_value - found->first_value),
          found->most, found->least};
}

std::uint32_t sparse_segment::unpack(const list& of, std::uint32_t which,
                                     std::array<std::uint32_t, block_rows>& rows) const noexcept {
  const auto& from = of.blocks[which];
  const auto count = std::min(block_rows, of.postings() - which * block_rows);
  const auto* words = packed_.data() + from.rows_at;
  auto current = *words++;
  rows[0] = current;
  const auto mask = (std::uint64_t{1} << from.bits) - 1;
  std::uint64_t word = 0;
  std::uint32_t filled = 0;
  for (std::uint32_t i = 1; i < count; ++i) {
    if (filled < from.bits) {
      word |= std::uint64_t{*words++} << filled;
      filled += 32;
    }
    current += static_cast<std::uint32_t>(word & mask) + 1;
    word >>= from.bits;
    filled -= from.bits;
    rows[i] = current;
  }
  return count;
}

std::uint64_t sparse_segment::bytes() const noexcept {
  return owners_.capacity() * sizeof(slot) + terms_.capacity() * sizeof(term)
         + blocks_.capacity() * sizeof(block) + packed_.capacity() * sizeof(std::uint32_t)
         + values_.capacity() * sizeof(float);
}

} // namespace grape::index
