#pragma once

#include "core/request/collection.hpp"
#include "core/request/read.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// The universal query over a few points in memory, straight from its definition: no shards, no
/// indexes, no stages. What the engine must equal for exact searches.
namespace grape::test {

struct reference_hit {
  point_id id;
  float score = 0;
  std::optional<order_value> order = {};
};

class reference_evaluator {
public:
  reference_evaluator(collection_schema schema, std::vector<point> points);

  /// The hits of a request, offset and limit applied.
  std::vector<reference_hit> query(const query_request& asked) const;

  /// Groups by their best hits: value, and ids with scores.
  std::vector<std::pair<payload::value, std::vector<reference_hit>>>
  groups(const query_groups_request& asked) const;

private:
  using hits = std::vector<reference_hit>;
  using filters = std::vector<payload::filter>;

  hits part(const query_part& of, filters above, std::size_t limit) const;
  hits rank(const query_part& of, const filters& all, const std::vector<hits>& inputs) const;
  hits fuse(const fusion_query& by, const std::vector<hits>& inputs,
            const std::vector<bool>& ascending) const;
  std::vector<hits> rescored(const std::vector<query_part>& prefetches,
                             const std::vector<hits>& inputs) const;
  hits diversify(const nearest_query& by, const query_part& of, hits candidates) const;
  std::vector<const point*> candidates(const filters& all, const std::vector<hits>& inputs) const;
  float similarity(const dense_vector& a, const dense_vector& b, const std::string& name) const;
  dense_vector vector_of(const vector_input& input, const std::string& name, bool normalised) const;
  const dense_vector* stored(const point& of, const std::string& name) const;
  std::optional<float> score(const query_kind& by, const query_part& of, const point& at) const;
  float recommend_score(const recommend_query& by, const std::string& name,
                        const dense_vector& own) const;
  double formula_value(const expression& of, const formula& whole, const point& at,
                       const std::vector<hits>& inputs) const;
  bool ascending(const query_part& of) const;
  metric kind_of(const std::string& name) const;

  collection_schema schema_;
  std::map<point_id, point> points_;
  mutable std::set<point_id> excluded_;
};

} // namespace grape::test
