#include "core/index/sparse_view.hpp"

#include "core/index/sparse_view_state.hpp"
#include "core/index/sparse_walk.hpp"
#include "core/vector/similarity.hpp"
#include "core/vector/top_k.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace grape::index {

namespace {

status late() {
  return {errc::timed_out, "the search passed its deadline"};
}

bool admits(const slot_set* allowed, slot owner) noexcept {
  return allowed == nullptr || allowed->contains(owner);
}

void explain(std::string* plan, const char* what, std::uint64_t rows) {
  if (plan == nullptr)
    return;
  if (!plan->empty())
    *plan += ", ";
  *plan += what + std::to_string(rows);
}

/// How many postings of a list belong to live and allowed rows.
std::uint64_t count_of(const sparse_view_state& state, const sparse_part& part, std::uint32_t index,
                       const slot_set* allowed, budget& left) {
  const auto list = part.lists->find(index);
  if (allowed == nullptr && part.live == part.lists->rows())
    return list.postings();
  std::uint64_t count = 0;
  std::array<std::uint32_t, sparse_segment::block_rows> rows;
  for (std::uint32_t block = 0; block < list.blocks.size(); ++block) {
    const auto filled = part.lists->unpack(list, block, rows);
    for (std::uint32_t i = 0; i < filled; ++i) {
      const auto owner = part.lists->owner(row{rows[i]});
      count += admits(allowed, owner) && state.is_live(part.id, rows[i], owner);
    }
    if (!left.spend(filled / 8 + 1))
      break;
  }
  return count;
}

} // namespace

sparse_view::sparse_view() = default;

sparse_view::sparse_view(std::shared_ptr<const sparse_view_state> state) noexcept
  : state_(std::move(state)) {}

outcome<std::vector<scored_slot>> sparse_view::search(const sparse_search& wanted,
                                                      budget& left) const {
  if (state_ == nullptr || wanted.k == 0)
    return std::vector<scored_slot>{};
  top_k<scored_slot> best(wanted.k);
  // The oldest part is the largest: what it finds lets the others skip more.
  for (const auto& part : state_->parts) {
    sparse_walk walk(*part.lists, *wanted.query);
    walk.run(
        [&](std::uint32_t number, slot& owner) {
          owner = part.lists->owner(row{number});
          return admits(wanted.allowed, owner) && state_->is_live(part.id, number, owner);
        },
        best, left);
    explain(wanted.plan, "lists of ", part.live);
  }
  for (std::size_t at = 0; at < state_->tail.size() && !left.over(); ++at) {
    const auto& [owner, vector] = state_->tail[at];
    if (vector == nullptr || !admits(wanted.allowed, owner))
      continue;
    left.spend(1);
    if (const auto product = sparse_product(*wanted.query, *vector))
      best.offer({-*product, owner});
  }
  if (state_->tail_live > 0)
    explain(wanted.plan, "tail of ", state_->tail_live);
  if (left.over())
    return late();
  return best.take();
}

outcome<std::vector<std::uint64_t>> sparse_view::count(std::span<const std::uint32_t> indices,
                                                       const slot_set* allowed,
                                                       budget& left) const {
  std::vector<std::uint64_t> counts(indices.size());
  if (state_ == nullptr)
    return counts;
  for (std::size_t i = 0; i < indices.size(); ++i)
    for (const auto& part : state_->parts)
      counts[i] += count_of(*state_, part, indices[i], allowed, left);
  for (std::size_t at = 0; at < state_->tail.size() && !left.over(); ++at) {
    const auto& [owner, vector] = state_->tail[at];
    if (vector == nullptr || !admits(allowed, owner))
      continue;
    left.spend(1);
    for (std::size_t i = 0; i < indices.size(); ++i)
      counts[i] += std::binary_search(vector->indices.begin(), vector->indices.end(), indices[i]);
  }
  if (left.over())
    return late();
  return counts;
}

bool sparse_view::contains(slot of) const noexcept {
  return state_ != nullptr && state_->locate(of).present();
}

std::size_t sparse_view::size() const noexcept {
  return state_ == nullptr ? 0 : state_->size;
}

std::size_t sparse_view::indexed() const noexcept {
  return state_ == nullptr ? 0 : state_->size - state_->tail_live;
}

std::size_t sparse_view::segments() const noexcept {
  return state_ == nullptr ? 0 : state_->parts.size() + (state_->tail_live > 0 ? 1 : 0);
}

} // namespace grape::index
