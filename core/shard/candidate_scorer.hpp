#pragma once

#include "core/shard/field_vectors.hpp"
#include "core/shard/ranking.hpp"

#include <optional>
#include <span>
#include <vector>

namespace grape::shard {

/// Scores points one by one by a ranking that looks at several vectors; larger is better. In
/// float32, terms in the order given. Thread-safe; the field and the ranking outlive it.
class candidate_scorer {
public:
  /// Needs a ranking from best_score to feedback. Errors: those of field_vectors::accepts.
  static outcome<candidate_scorer> make(const ranking& by, const field_vectors& field);

  /// Needs a slot that has a vector.
  float score(slot of) const;

  /// Vectors around which good points lie: whoever has not looked at all points may look there.
  const std::vector<vector_value>& guides() const noexcept { return guides_; }

  /// What a point scores at most whose similarity to guide i is at most `similarities[i]`.
  float most(std::span<const float> similarities) const;

  /// Distances computed by one score.
  std::size_t cost() const noexcept { return cost_; }

private:
  candidate_scorer(const ranking& by, const field_vectors& field);

  status prepare();
  std::optional<vector_value> combined() const;

  const ranking* by_;
  const field_vectors* field_;
  std::vector<vector_value> guides_;
  bool linear_ = false; // The only guide ranks as the score does.
  std::size_t cost_ = 0;
};

} // namespace grape::shard
