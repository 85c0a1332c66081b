#pragma once

#include "core/budget.hpp"
#include "core/index/multi_rows.hpp"
#include "core/index/vector_view.hpp"
#include "core/outcome.hpp"
#include "core/slot_set.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace grape::index {

/// One question for the nearest multivectors by max_sim. Pointers are the caller's and outlive the
/// call.
struct multi_search {
  const multi_vector* query = nullptr; ///< Not null; rows in the form in which they are compared.
  std::size_t k = 10;                  ///< 0 gives nothing.
  std::optional<std::uint32_t> ef;     ///< Rows looked at for each row of the query.
  bool exact = false;                  ///< True: every point is compared.
  bool indexed_only = false;           ///< True: candidates come from graphs only.
  code_use codes{};                    ///< For finding candidates; hits are measured exactly.
  const slot_set* allowed = nullptr;   ///< Of points; null: no filter.
  std::size_t allowed_count = 0;       ///< Members of `allowed`.
  std::string* plan = nullptr;         ///< As in vector_search.
};

/// One multivector field of one shard replica as of one moment. Immutable and thread-safe; copies
/// are cheap and keep what they show alive.
class multi_view {
public:
  /// `rows` indexes every row of every multivector under the places that `places` gave them.
  multi_view(metric kind, std::uint32_t dimension, vector_view rows, row_places places);

  /// The k nearest, best first, ties by slot, with exact distances (see max_sim_distance).
  /// Candidates are found by the rows nearest to each row of the query; where all points are as
  /// cheap to compare, or too few candidates come up, all are. Errors: wrong_input (dimension),
  /// timed_out.
  outcome<std::vector<scored_slot>> search(const multi_search& wanted, budget& left) const;

  /// The point's rows, in the form in which they are compared; nullopt if it has none.
  std::optional<multi_vector> vector(slot of) const;

  bool contains(slot of) const noexcept { return places_.of(of).count > 0; }

  /// Points that have the vector.
  std::size_t size() const noexcept { return places_.points(); }

  const vector_view& rows() const noexcept { return rows_; }

private:
  float distance(const multi_vector& query, slot of, budget& left) const;
  outcome<std::vector<slot>> candidates(const multi_search& wanted, budget& left) const;
  outcome<std::vector<scored_slot>> scan(const multi_search& wanted, budget& left) const;

  distance_function by_;
  vector_view rows_;
  row_places places_;
};

} // namespace grape::index
