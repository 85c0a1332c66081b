#include "core/index/vector_view.hpp"

#include "core/index/view_search.hpp"
#include "core/index/vector_view_state.hpp"

#include <algorithm>

namespace grape::index {

vector_view::vector_view() = default;

vector_view::vector_view(std::shared_ptr<const vector_view_state> state) noexcept
  : state_(std::move(state)) {
}

outcome<std::vector<scored_slot>> vector_view::search(const vector_search& wanted,
                                                      budget& left) const {
  if (state_ == nullptr || wanted.k == 0)
    return std::vector<scored_slot>{};
  if (wanted.query.size() != state_->distance.dimension())
    return status{errc::wrong_input, "expected a vector of dimension "
                                       + std::to_string(state_->distance.dimension()) + ", got "
                                       + std::to_string(wanted.query.size())};
  return view_search(*state_, wanted, left).run();
}

std::optional<std::span<const float>> vector_view::vector(slot of,
                                                          std::vector<float>& buffer) const {
  if (!contains(of))
    return std::nullopt;
  const auto& layout = state_->layout;
  if (!layout.is_plain())
    buffer.resize(layout.dimension());
  return std::span(layout.load(state_->stored(state_->locate(of)), buffer.data()),
                   layout.dimension());
}

bool vector_view::contains(slot of) const noexcept {
  return state_ != nullptr && state_->locate(of).present();
}

std::size_t vector_view::size() const noexcept {
  return state_ == nullptr ? 0 : state_->size;
}

std::size_t vector_view::indexed() const noexcept {
  std::size_t sum = 0;
  if (state_ != nullptr)
    for (const auto& part : state_->sealed)
      sum += part.live();
  return sum;
}

std::size_t vector_view::segments() const noexcept {
  if (state_ == nullptr)
    return 0;
  const auto tails = std::count_if(state_->tails.begin(), state_->tails.end(),
                                   [](const tail& part) { return part.rows() > 0; });
  return state_->sealed.size() + static_cast<std::size_t>(tails);
}

std::vector<shard::part_figures> vector_view::parts(std::uint32_t dimension) const {
  return state_ ? state_->figures(dimension) : std::vector<shard::part_figures>{};
}

std::uint64_t vector_view::code_bytes() const noexcept {
  std::uint64_t sum = 0;
  if (state_ != nullptr)
    for (const auto& part : state_->sealed)
      sum += part.graph()->code_bytes();
  return sum;
}

outcome<std::uint64_t> vector_view::warm() const {
  std::uint64_t sum = 0;
  if (state_ != nullptr)
    for (const auto& part : state_->sealed) {
      const auto read = part.graph()->warm();
      if (!read)
        return read;
      sum += *read;
    }
  return sum;
}

} // namespace grape::index
