#pragma once

#include "core/index/vector_view.hpp"
#include "core/index/vector_view_state.hpp"
#include "core/vector/top_k.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace grape::index {

/// One search over one view: decides for each part how to look through it, and merges.
class view_search {
public:
  /// All three outlive this. The query has the view's dimension, k >= 1.
  view_search(const vector_view_state& state, const vector_search& wanted, budget& left);

  /// As vector_view::search.
  outcome<std::vector<scored_slot>> run();

private:
  /// Rows of `live` that should pass, if the filter is spread evenly.
  double expected(std::uint64_t live) const;
  std::uint32_t ef_for(const sealed_part& part) const;
  double walk_cost(const sealed_part& part) const;
  double scan_cost(const sealed_part& part) const;
  bool list_is_cheapest() const;

  bool by_codes(const tail& part) const noexcept;

  void scan_list();
  void scan_tails();
  void search(const sealed_part& part);
  bool walk(const sealed_part& part);
  void offer(const sealed_part& part, const std::vector<scored_row>& found);
  void explain(std::string_view what, std::uint64_t rows);
  const std::uint64_t* allowed_words() const noexcept;

  const vector_view_state& state_;
  const vector_search& wanted_;
  budget& left_;
  slot_set grown_; // A copy of the filter that covers all slots, if the given one does not.
  const slot_set* allowed_;
  std::size_t searched_ = 0; ///< Live rows of all parts that are looked through.
  std::uint32_t ef_min_; ///< What is wanted.
  std::uint32_t ef_;     ///< For one graph over all rows.
  top_k<scored_slot> best_;
};

} // namespace grape::index
