#pragma once

#include "core/budget.hpp"
#include "core/ids.hpp"
#include "core/outcome.hpp"
#include "core/shard/query.hpp"
#include "core/shard/recent_filters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace grape::shard {

class candidate_scorer;
class field_vectors;
struct view_state;

/// A slot in its place.
struct ranked_slot {
  slot where;
  float score = 0;
  std::optional<order_value> order = {}; ///< Of rank_by_value.
};

/// Puts the points of one view that a query admits in its order, as deep as is asked: best first,
/// ties by id. Everything given outlives it. Not thread-safe.
class ranker {
public:
  /// `admitted` null: all points. `plan` receives how, in a few words.
  ranker(const view_state& from, const shard_query& wanted, const admitted_slots* admitted,
         budget& left, std::string& plan);

  /// The `k` best. Errors: wrong_input (vector name, kind or size), bad_request (no index to order
  /// by, a formula without a value), timed_out, and those of the store.
  outcome<std::vector<ranked_slot>> best(std::uint64_t k) const;

private:
  using found = outcome<std::vector<ranked_slot>>;

  found by(const rank_by_id&, std::uint64_t k) const;
  found by(const rank_nearest& nearest, std::uint64_t k) const;
  found by(const rank_by_value& value, std::uint64_t k) const;
  found by(const rank_by_chance& chance, std::uint64_t k) const;
  found by(const rank_by_formula& formula, std::uint64_t k) const;
  template <class SeveralVectors>
  found by(const SeveralVectors&, std::uint64_t k) const;

  found walk(const candidate_scorer& scorer, const field_vectors& field, std::uint64_t k) const;
  found scan(const candidate_scorer& scorer, const field_vectors& field, std::uint64_t k) const;
  std::optional<std::vector<slot>> candidates() const;
  bool is_excluded(slot of) const;
  template <class Visit>
  void each_admitted(Visit&& visit) const;
  void keep(std::vector<ranked_slot>& all, std::uint64_t k) const;
  void keep_ordered(std::vector<ranked_slot>& all, bool descending, std::uint64_t k) const;
  status spend(std::uint64_t visits) const;

  const view_state* state_;
  const shard_query* wanted_;
  const admitted_slots* admitted_;
  budget* left_;
  std::string* plan_;
};

/// The place of a point among all, by chance: of every shard the same.
std::uint64_t chance_of(std::uint64_t seed, const point_id& id) noexcept;

} // namespace grape::shard
