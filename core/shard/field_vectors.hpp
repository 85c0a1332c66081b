#pragma once

#include "core/budget.hpp"
#include "core/ids.hpp"
#include "core/index/multi_view.hpp"
#include "core/index/sparse_view.hpp"
#include "core/index/vector_view.hpp"
#include "core/outcome.hpp"
#include "core/request/query.hpp"
#include "core/shard/recent_filters.hpp"
#include "core/vector/kernels.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace grape::shard {

struct view_state;

/// A slot and its similarity to what was asked for (see ranking.hpp): larger is better.
struct similar_slot {
  slot where;
  float similarity = 0;
};

/// The vectors of one field of one view, measured against examples of any kind that the field has.
/// The view's state must outlive it. Thread-safe.
class field_vectors {
public:
  /// Error: wrong_input if there is no such field.
  static outcome<field_vectors> make(const view_state& of, const std::string& name);

  /// Dot, for sparse vectors.
  metric kind() const noexcept;

  bool contains(slot of) const noexcept;

  /// Slots with a vector.
  std::size_t size() const noexcept;

  /// Whether examples can be measured: errors are those of a query with such a vector.
  status accepts(const vector_value& example) const;

  /// Needs a slot that has a vector, and an example that is accepted.
  float similarity(slot of, const vector_value& example) const;

  /// The `k` most similar slots that are admitted (null: all), best first: exact, or by an index.
  /// Errors: timed_out. `plan` receives how, in a few words.
  outcome<std::vector<similar_slot>> nearest(const vector_value& example, std::size_t k,
                                             const search_params& how,
                                             const admitted_slots* admitted, budget& left,
                                             std::string& plan) const;

private:
  struct dense_field {
    const index::vector_view* view;
    distance_function by;
  };

  struct multi_field {
    const index::multi_view* view;
    distance_function by;
  };

  using field_kind = std::variant<dense_field, multi_field, const index::sparse_view*>;

  field_vectors(const view_state& of, const std::string& name, field_kind field);

  const view_state* state_;
  std::string name_;
  field_kind field_;
};

} // namespace grape::shard
