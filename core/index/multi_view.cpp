#include "core/index/multi_view.hpp"

#include "core/vector/top_k.hpp"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

namespace grape::index {

namespace {

// So many rows are looked at for each row of a query. Points have several, so that it takes more
// than for a single vector.
constexpr std::uint32_t default_ef = 256;

// For so many times k points the exact distance is computed, but for this many at least, and for as
// many more as so many distances between rows allow.
constexpr std::size_t rescored_per_hit = 8;
constexpr std::size_t rescored_min = 128;
constexpr double rescoring_distances = 100'000;

// Comparing all rows beats looking for candidates as long as it is not more than this many
// distances for each row that a walk would keep.
constexpr double distances_per_candidate = 32;

status late() {
  return {errc::timed_out, "the search passed its deadline"};
}

void explain(const multi_search& wanted, const std::string& how) {
  if (wanted.plan != nullptr)
    *wanted.plan += (wanted.plan->empty() ? "" : "; ") + how;
}

} // namespace

multi_view::multi_view(metric kind, std::uint32_t dimension, vector_view rows, row_places places)
  : by_(kind, dimension)
  , rows_(std::move(rows))
  , places_(std::move(places)) {}

std::optional<multi_vector> multi_view::vector(slot of) const {
  const auto [first, count] = places_.of(of);
  if (count == 0)
    return std::nullopt;
  multi_vector made{static_cast<std::uint32_t>(by_.dimension()), {}};
  made.values.reserve(std::size_t{count} * by_.dimension());
  std::vector<float> buffer;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto components = rows_.vector(slot{first + i}, buffer);
    made.values.insert(made.values.end(), components->begin(), components->end());
  }
  return made;
}

/// In the same order as max_sim_distance, so that the sums are equal.
float multi_view::distance(const multi_vector& query, slot of, budget& left) const {
  const auto [first, count] = places_.of(of);
  std::vector<const float*> rows(count);
  std::vector<std::vector<float>> buffers(count); // Empty where rows are read in place.
  for (std::uint32_t i = 0; i < count; ++i)
    rows[i] = rows_.vector(slot{first + i}, buffers[i])->data();
  float sum = 0;
  for (std::size_t which = 0; which < query.rows(); ++which) {
    auto nearest = std::numeric_limits<float>::infinity();
    for (const auto* each : rows)
      nearest = std::min(nearest, by_(query.row(which).data(), each));
    sum += nearest;
  }
  left.spend(query.rows() * count);
  return sum;
}

outcome<std::vector<scored_slot>> multi_view::search(const multi_search& wanted,
                                                     budget& left) const {
  if (wanted.k == 0 || places_.points() == 0)
    return std::vector<scored_slot>{};
  if (wanted.query->dimension != by_.dimension())
    return status{errc::wrong_input, "expected rows of dimension " + std::to_string(by_.dimension())
                                         + ", got " + std::to_string(wanted.query->dimension)};
  const auto points = wanted.allowed != nullptr ? std::min(wanted.allowed_count, places_.points())
                                                : places_.points();
  const auto rows_each = static_cast<double>(rows_.size()) / static_cast<double>(places_.points());
  const auto few = static_cast<double>(points) * rows_each
                   <= distances_per_candidate * wanted.ef.value_or(default_ef);
  if (wanted.exact || few)
    return scan(wanted, left);
  const auto chosen = candidates(wanted, left);
  if (!chosen)
    return chosen.error();
  if (chosen->size() < std::min(wanted.k, points) && !wanted.indexed_only)
    return scan(wanted, left);
  top_k<scored_slot> best(wanted.k);
  for (const auto each : *chosen) {
    if (left.over())
      return late();
    best.offer({distance(*wanted.query, each, left), each});
  }
  explain(wanted, "max_sim of " + std::to_string(chosen->size()) + " candidates");
  return best.take();
}

/// The points that promise most by the rows found: where a row of the query found none of a point's
/// rows, that point is taken to be as far as the farthest row found.
outcome<std::vector<slot>> multi_view::candidates(const multi_search& wanted, budget& left) const {
  slot_set rows_allowed;
  std::size_t rows_allowed_count = 0;
  if (wanted.allowed != nullptr) {
    rows_allowed = slot_set(places_.capacity());
    wanted.allowed->for_each([&](slot point) {
      const auto [first, count] = places_.of(point);
      for (std::uint32_t i = 0; i < count; ++i)
        rows_allowed.insert(slot{first + i});
      rows_allowed_count += count;
    });
  }
  struct promise {
    float gained = 0;                // How much nearer than the farthest of each row found, in all.
    std::size_t last_row = SIZE_MAX; // The row of the query that it was counted for last.
  };
  std::unordered_map<std::uint32_t, promise> found;
  vector_search search;
  search.ef =
      std::max<std::uint32_t>(wanted.ef.value_or(default_ef),
                              static_cast<std::uint32_t>(std::min<std::size_t>(
                                  wanted.k * 2, std::numeric_limits<std::uint16_t>::max())));
  search.k = *search.ef;
  search.indexed_only = wanted.indexed_only;
  search.codes = wanted.codes;
  search.allowed = wanted.allowed != nullptr ? &rows_allowed : nullptr;
  search.allowed_count = rows_allowed_count;
  search.plan = nullptr;
  for (std::size_t which = 0; which < wanted.query->rows(); ++which) {
    search.query = wanted.query->row(which);
    const auto near = rows_.search(search, left);
    if (!near)
      return near.error();
    for (const auto& [distance, where] : *near) {
      auto& point = found[places_.owner(where).value];
      if (std::exchange(point.last_row, which) != which) // The first one is the nearest.
        point.gained += near->back().distance - distance;
    }
  }
  std::vector<std::pair<float, std::uint32_t>> order;
  order.reserve(found.size());
  for (const auto& [point, promised] : found)
    order.emplace_back(-promised.gained, point);
  const auto rows_each = static_cast<double>(rows_.size()) / static_cast<double>(places_.points());
  const auto affordable = static_cast<std::size_t>(
    rescoring_distances / (static_cast<double>(wanted.query->rows()) * std::max(1.0, rows_each)));
  const auto kept
    = std::min(order.size(), std::max({rescored_min, wanted.k * rescored_per_hit, affordable}));
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end());
  std::vector<slot> chosen;
  for (std::size_t i = 0; i < kept; ++i)
    chosen.push_back(slot{order[i].second});
  return chosen;
}

outcome<std::vector<scored_slot>> multi_view::scan(const multi_search& wanted, budget& left) const {
  top_k<scored_slot> best(wanted.k);
  std::size_t compared = 0;
  const auto compare = [&](slot point) {
    if (left.over() || !contains(point))
      return;
    best.offer({distance(*wanted.query, point, left), point});
    ++compared;
  };
  if (wanted.allowed != nullptr)
    wanted.allowed->for_each(compare);
  else
    for (std::uint32_t point = 0; point < places_.slots(); ++point)
      compare(slot{point});
  if (left.over())
    return late();
  explain(wanted, "max_sim of all " + std::to_string(compared));
  return best.take();
}

} // namespace grape::index
