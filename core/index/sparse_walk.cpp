#include "core/index/sparse_walk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace grape::index {

sparse_cursor::sparse_cursor(const sparse_segment& from, const sparse_segment::list& list,
                             float weight) noexcept
  : from_(&from)
  , list_(list)
  , weight_(weight)
  , most_(bound(list.most, list.least))
  , magnitude_(std::max(std::abs(weight * list.most), std::abs(weight * list.least))) {
  open_block();
}

float sparse_cursor::bound(float most, float least) const noexcept {
  return std::max(0.0f, weight_ < 0 ? weight_ * least : weight_ * most);
}

void sparse_cursor::open_block() noexcept {
  first_ = block_ * sparse_segment::block_rows;
  count_ = from_->unpack(list_, block_, rows_);
  place_ = 0;
  at_ = rows_[0];
}

void sparse_cursor::seek(std::uint32_t row) noexcept {
  if (at_ >= row)
    return;
  const auto& blocks = list_.blocks;
  if (blocks[block_].last_row < row) {
    block_ = std::max(block_ + 1, look_);
    while (block_ < blocks.size() && blocks[block_].last_row < row)
      ++block_;
    if (block_ == blocks.size()) {
      at_ = end;
      return;
    }
    open_block();
  }
  while (rows_[place_] < row)
    ++place_;
  at_ = rows_[place_];
}

float sparse_cursor::most_around(std::uint32_t row) noexcept {
  const auto& blocks = list_.blocks;
  look_ = std::max(look_, block_);
  while (look_ < blocks.size() && blocks[look_].last_row < row)
    ++look_;
  return look_ == blocks.size() ? 0.0f : bound(blocks[look_].most, blocks[look_].least);
}

std::uint32_t sparse_cursor::last_around() const noexcept {
  return look_ < list_.blocks.size() ? list_.blocks[look_].last_row : end;
}

sparse_walk::sparse_walk(const sparse_segment& in, const sparse_vector& query) {
  cursors_.reserve(query.indices.size());
  for (std::size_t i = 0; i < query.indices.size(); ++i)
    if (const auto list = in.find(query.indices[i]); !list.blocks.empty())
      cursors_.emplace_back(in, list, query.values[i]);
  float magnitude = 0;
  for (auto& cursor : cursors_) {
    order_.push_back(&cursor);
    magnitude += cursor.magnitude();
  }
  // Each of the additions may be off by half a unit in the last place of a partial sum.
  slack_ =
      magnitude * static_cast<float>(cursors_.size() + 1) * std::numeric_limits<float>::epsilon();
  std::sort(order_.begin(), order_.end(),
            [](const auto* a, const auto* b) { return a->at() < b->at(); });
}

void sparse_walk::run(const owner_of_row& owner, top_k<scored_slot>& best, budget& left) {
  while (!order_.empty() && order_.front()->at() != sparse_cursor::end && left.spend(1)) {
    const auto wanted = -best.bound() - slack_; // Minus infinity until k were found.
    const auto last = pivot(wanted);
    if (last == order_.size())
      return;
    const auto row = order_[last]->at();
    if (!blocks_reach(last, wanted)) {
      skip_blocks(last);
    } else if (order_.front()->at() == row) {
      score(owner, best);
    } else {
      // Rows before the pivot's cannot be among the best.
      for (std::size_t i = 0; i < last && order_[i]->at() < row; ++i)
        order_[i]->seek(row);
      sort_from(0);
    }
  }
}

/// The first cursor at whose row the bounds of all before it suffice; order_.size(): there is none.
std::size_t sparse_walk::pivot(float wanted) const {
  double sum = 0;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (order_[i]->at() == sparse_cursor::end)
      break;
    sum += order_[i]->most();
    if (sum < static_cast<double>(wanted))
      continue;
    // All that stand at this row count.
    while (i + 1 < order_.size() && order_[i + 1]->at() == order_[i]->at())
      ++i;
    return i;
  }
  return order_.size();
}

bool sparse_walk::blocks_reach(std::size_t last, float wanted) {
  const auto row = order_[last]->at();
  double sum = 0;
  for (std::size_t i = 0; i <= last; ++i)
    sum += order_[i]->most_around(row);
  return sum >= static_cast<double>(wanted);
}

/// Behind the first of the blocks that ends, or to where another index joins in.
void sparse_walk::skip_blocks(std::size_t last) {
  auto next = sparse_cursor::end;
  for (std::size_t i = 0; i <= last; ++i)
    if (const auto ends = order_[i]->last_around(); ends != sparse_cursor::end)
      next = std::min(next, ends + 1);
  if (last + 1 < order_.size())
    next = std::min(next, order_[last + 1]->at());
  for (std::size_t i = 0; i <= last; ++i)
    order_[i]->seek(next);
  sort_from(0);
}

void sparse_walk::score(const owner_of_row& owner, top_k<scored_slot>& best) {
  const auto row = order_.front()->at();
  slot whose;
  if (owner(row, whose)) {
    float sum = 0;
    for (const auto& cursor : cursors_)
      if (cursor.at() == row)
        sum += cursor.product();
    best.offer({-sum, whose});
  }
  for (auto* cursor : order_) {
    if (cursor->at() != row)
      break;
    cursor->next();
  }
  sort_from(0);
}

/// Nearly sorted already: the cursors in front have moved.
void sparse_walk::sort_from(std::size_t first) {
  for (auto i = first + 1; i < order_.size(); ++i) {
    auto* moving = order_[i];
    auto to = i;
    for (; to > first && order_[to - 1]->at() > moving->at(); --to)
      order_[to] = order_[to - 1];
    order_[to] = moving;
  }
}

} // namespace grape::index
