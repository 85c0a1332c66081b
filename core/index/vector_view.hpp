#pragma once

#include "core/budget.hpp"
#include "core/index/code_use.hpp"
#include "core/index/locator.hpp"
#include "core/outcome.hpp"
#include "core/shard/segment_policy.hpp"
#include "core/slot_set.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace grape::index {

struct vector_view_state;

/// One nearest-neighbour question. Spans and pointers are the caller's and outlive the call.
struct vector_search {
  std::span<const float> query;     ///< Normalised for Cosine.
  std::size_t k = 10;               ///< 0 gives nothing.
  /// As for one graph over all rows: where there are several, each gets what finds as much. Absent:
  /// chosen here.
  std::optional<std::uint32_t> ef;
  bool exact = false;               ///< True: brute force.
  bool indexed_only = false;        ///< True: what is not in a graph is not searched.
  code_use codes{};
  const slot_set* allowed = nullptr; ///< Null: no filter.
  std::size_t allowed_count = 0;     ///< Members of `allowed`.
  std::string* plan = nullptr; ///< If not null, filled with how it was searched, in a few words.
};

/// One vector field of one shard replica as of one moment. Immutable and thread-safe; copies are
/// cheap and keep what they show alive.
class vector_view {
public:
  /// Shows nothing.
  vector_view();
  explicit vector_view(std::shared_ptr<const vector_view_state> state) noexcept;

  /// The k best slots, best first. Never fewer than k when k match: a graph walk that finds too
  /// few or costs more than a scan is replaced by an exact scan.
  /// Errors: wrong_input (dimension); timed_out (the budget is used up, whatever was found).
  outcome<std::vector<scored_slot>> search(const vector_search& wanted, budget& left) const;

  /// The slot's vector as it is compared, in `buffer` or in place, valid while both `buffer` and
  /// this view or a copy live; nullopt if it has none.
  std::optional<std::span<const float>> vector(slot of, std::vector<float>& buffer) const;

  bool contains(slot of) const noexcept;

  /// Vectors: one for each slot that has one.
  std::size_t size() const noexcept;

  /// Of those, how many lie in a graph.
  std::size_t indexed() const noexcept;

  /// Sealed segments and tails.
  std::size_t segments() const noexcept;

  /// The parts as the segment policy sees them, sealed ones first.
  std::vector<shard::part_figures> parts(std::uint32_t dimension) const;

  /// What the codes of its segments occupy.
  std::uint64_t code_bytes() const noexcept;

  /// As segment::warm, of all segments.
  outcome<std::uint64_t> warm() const;

private:
  std::shared_ptr<const vector_view_state> state_;
};

} // namespace grape::index
