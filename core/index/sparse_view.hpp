#pragma once

#include "core/budget.hpp"
#include "core/index/locator.hpp"
#include "core/outcome.hpp"
#include "core/slot_set.hpp"
#include "core/vector/point.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace grape::index {

struct sparse_view_state;

/// One question for the sparse vectors with the largest products. Pointers are the caller's and
/// outlive the call.
struct sparse_search {
  const sparse_vector* query = nullptr; ///< Not null.
  std::size_t k = 10;                   ///< 0 gives nothing.
  const slot_set* allowed = nullptr;    ///< Null: no filter.
  std::string* plan = nullptr;          ///< As in vector_search.
};

/// One sparse vector field of one shard replica as of one moment. Immutable and thread-safe; copies
/// are cheap and keep what they show alive.
class sparse_view {
public:
  /// Shows nothing.
  sparse_view();
  explicit sparse_view(std::shared_ptr<const sparse_view_state> state) noexcept;

  /// The k slots with the largest products, best first, ties by slot, exactly; only those that have
  /// an index in common with the query. `distance` is the negated product, as `sparse_product`
  /// computes it. Error: timed_out.
  outcome<std::vector<scored_slot>> search(const sparse_search& wanted, budget& left) const;

  /// How many of the allowed slots (null: of all) have each index. Error: timed_out.
  outcome<std::vector<std::uint64_t>> count(std::span<const std::uint32_t> indices,
                                            const slot_set* allowed, budget& left) const;

  bool contains(slot of) const noexcept;

  /// Vectors: one for each slot that has one.
  std::size_t size() const noexcept;

  /// Of those, how many lie in inverted lists.
  std::size_t indexed() const noexcept;

  /// Parts that are searched one after the other.
  std::size_t segments() const noexcept;

private:
  std::shared_ptr<const sparse_view_state> state_;
};

} // namespace grape::index
