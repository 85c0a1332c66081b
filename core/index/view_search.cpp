#include "core/index/view_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

namespace grape::index {

namespace {

// Measured on 20,000 GloVe words with m = 16: 0.9995 of the ten nearest; 64 gives 0.9875. Larger
// segments need more.
constexpr std::uint32_t default_ef = 256;

// Several graphs find more than one over all rows does with the same ef, and cost as much more. So
// each gets ef * share^0.75. GloVe-100, 100,000 words in graphs of 60, 20, 12 and 8 %, ef 256: one
// graph finds 0.944 of the ten nearest, the four with 256 each 0.986, in this way 0.942 for a third
// of the visits; with ef * share 0.914.
constexpr double ef_exponent = 0.75;

// Costs are in visits of a walk, which reads codes of a quarter of a float32 row's size.
constexpr double visits_per_candidate = 16; // Distances for each candidate that a walk keeps.
constexpr double visits_per_picked_row = 2; // A float32 row somewhere in memory.
constexpr double scan_bit_cost = 0.05;      // Looking whether a row passes.

std::string name_of(search_way way) {
  switch (way) {
    case search_way::walk: break;
    case search_way::codes: return "coded scan of ";
    case search_way::rows: return "scan of ";
  }
  return "walk of ";
}

} // namespace

view_search::view_search(const vector_view_state& state, const vector_search& wanted, budget& left)
  : state_(state)
  , wanted_(wanted)
  , left_(left)
  , allowed_(wanted.allowed)
  , best_(wanted.k) {
  const auto k = static_cast<std::uint32_t>(
    std::min<std::size_t>(wanted.k, std::numeric_limits<std::uint32_t>::max()));
  ef_min_ = k;
  ef_ = std::max(k, wanted.ef.value_or(default_ef));
  for (const auto& part : state.sealed)
    searched_ += part.live();
  if (!wanted.indexed_only)
    searched_ = state.size;
  if (allowed_ != nullptr && allowed_->capacity() < state.locators.size()) {
    grown_ = *allowed_;
    grown_.grow(state.locators.size());
    allowed_ = &grown_;
  }
}

outcome<std::vector<scored_slot>> view_search::run() {
  if (allowed_ != nullptr && list_is_cheapest()) {
    scan_list();
  } else {
    for (const auto& part : state_.sealed)
      if (!left_.over())
        search(part);
    // Last, because what was found says which rows of them need not be measured.
    if (!wanted_.indexed_only)
      scan_tails();
  }
  if (left_.over())
    return status{errc::timed_out, left_.late() ? "the search passed its deadline"
                                                : "the search used up its budget"};
  return best_.take();
}

double view_search::expected(std::uint64_t live) const {
  if (allowed_ == nullptr)
    return static_cast<double>(live);
  const auto share = static_cast<double>(wanted_.allowed_count)
                     / static_cast<double>(std::max<std::size_t>(1, state_.size));
  return static_cast<double>(live) * std::min(1.0, share);
}

// A filter may let through rows of one part only: then each is searched as if it were all.
std::uint32_t view_search::ef_for(const sealed_part& part) const {
  if (allowed_ != nullptr || part.live() >= searched_)
    return ef_;
  const auto share = static_cast<double>(part.live()) / static_cast<double>(searched_);
  const auto ef = static_cast<std::uint32_t>(std::ceil(ef_ * std::pow(share, ef_exponent)));
  return std::max(ef, ef_min_);
}

// A walk passes through all rows until it has met as many as its ef that count.
double view_search::walk_cost(const sealed_part& part) const {
  return visits_per_candidate * ef_for(part) * part.rows() / std::max(1.0, expected(part.live()));
}

double view_search::scan_cost(const sealed_part& part) const {
  return expected(part.live()) * (allowed_ == nullptr ? 1 : visits_per_picked_row);
}

bool view_search::list_is_cheapest() const {
  double otherwise = 0;
  if (!wanted_.indexed_only)
    for (const auto& part : state_.tails)
      otherwise += scan_bit_cost * part.rows()
                   + (by_codes(part) ? 0 : visits_per_picked_row * expected(part.live()));
  for (const auto& part : state_.sealed) {
    const auto by_scan = scan_bit_cost * part.rows() + scan_cost(part);
    otherwise += wanted_.exact ? by_scan : std::min(by_scan, walk_cost(part));
  }
  return visits_per_picked_row * static_cast<double>(wanted_.allowed_count) <= otherwise;
}

void view_search::scan_list() {
  std::array<slot, 64> slots{};
  std::array<const float*, 64> rows{};
  std::array<float, 64> distances{};
  const auto& layout = state_.layout;
  std::vector<float> widened(layout.is_plain() ? 0 : rows.size() * layout.dimension());
  std::size_t filled = 0;
  std::uint64_t scanned = 0;
  const auto flush = [&] {
    state_.distance.scattered(wanted_.query.data(), std::span(rows.data(), filled),
                              std::span(distances.data(), filled));
    for (std::size_t i = 0; i < filled; ++i)
      if (distances[i] <= best_.bound())
        best_.offer({distances[i], slots[i]});
    left_.spend(filled);
    scanned += filled;
    filled = 0;
  };
  allowed_->for_each([&](slot candidate) {
    const auto where = state_.locate(candidate);
    if (left_.over() || !where.present() || (wanted_.indexed_only && is_tail(where.segment)))
      return;
    slots[filled] = candidate;
    auto* buffer = widened.data() + (widened.empty() ? 0 : filled * layout.dimension());
    rows[filled++] = layout.load(state_.stored(where), buffer);
    if (filled == slots.size())
      flush();
  });
  flush();
  explain("list of ", scanned);
}

void view_search::scan_tails() {
  for (const auto& part : state_.tails) {
    if (part.live() == 0 || left_.over())
      continue;
    part.scan(state_.distance, wanted_.query.data(), allowed_, by_codes(part), best_, left_);
    explain(by_codes(part) ? "coded tail of " : "tail of ", part.live());
  }
}

bool view_search::by_codes(const tail& part) const noexcept {
  return part.is_coded() && !wanted_.exact && !wanted_.codes.ignored;
}

void view_search::search(const sealed_part& part) {
  if (part.live() == 0)
    return;
  if (!wanted_.exact && walk_cost(part) < scan_cost(part) && walk(part))
    return;
  if (left_.over())
    return;
  const auto passes = part.filter(allowed_words());
  offer(part, part.graph()->scan_all(wanted_.query, wanted_.k, passes, left_));
  explain("scan of ", part.live());
}

// False: it found too few, or was about to cost more than a scan; then nothing was offered. A
// filter that has nothing to do with nearness is cheap to walk through, but others are a trap.
bool view_search::walk(const sealed_part& part) {
  std::uint64_t charged = 0;
  const auto charge = [&](const budget& walked) {
    const auto fresh = walked.visited() - charged;
    charged += fresh;
    return left_.spend(fresh);
  };
  budget limit(static_cast<std::uint64_t>(scan_cost(part)), [&] { return !charge(limit); });
  auto way = search_way::walk;
  effort how{ef_for(part), wanted_.codes};
  how.way = &way;
  const auto found = part.graph()->search(wanted_.query, wanted_.k, how,
                                          part.filter(allowed_words()), limit);
  charge(limit);

  // With a filter nobody knows how many rows there are to find; a scan tells.
  const auto owed = std::min<std::size_t>(wanted_.k, part.live());
  const auto complete = !limit.over() && found.size() >= owed;
  explain((complete ? "" : "given up ") + name_of(way), part.live());
  if (complete)
    offer(part, found);
  return complete;
}

void view_search::offer(const sealed_part& part, const std::vector<scored_row>& found) {
  for (const auto& each : found)
    best_.offer({each.distance, part.owner(each.where)});
}

void view_search::explain(std::string_view what, std::uint64_t rows) {
  if (wanted_.plan == nullptr)
    return;
  if (!wanted_.plan->empty())
    *wanted_.plan += ", ";
  *wanted_.plan += what;
  *wanted_.plan += std::to_string(rows);
}

const std::uint64_t* view_search::allowed_words() const noexcept {
  return allowed_ == nullptr ? nullptr : allowed_->words().data();
}

} // namespace grape::index
