#include "core/request/request_cost.hpp"

#include <algorithm>

namespace grape {

namespace {

std::uint64_t conditions(const std::optional<payload::filter>& filter) {
  return filter ? payload::condition_count(*filter) : 0;
}

/// Vectors and ids that a query was given.
struct tally {
  std::uint64_t rows = 0; ///< Of all vectors; an id counts as one.
  std::uint64_t ids = 0;

  void add(const vector_input& one) {
    if (std::holds_alternative<point_id>(one)) {
      ++ids;
      ++rows;
      return;
    }
    const auto* multi = std::get_if<multi_vector>(&std::get<vector_value>(one));
    rows += multi != nullptr ? std::max<std::uint64_t>(multi->rows(), 1) : 1;
  }

  void add(const std::vector<context_pair>& pairs) {
    for (const auto& pair : pairs) {
      add(pair.positive);
      add(pair.negative);
    }
  }
};

struct query_cost {
  std::uint64_t operator()(const nearest_query& query) const {
    tally all;
    all.add(query.target);
    return cost(all);
  }

  std::uint64_t operator()(const recommend_query& query) const {
    tally all;
    for (const auto* list : {&query.positive, &query.negative})
      for (const auto& one : *list)
        all.add(one);
    if (query.strategy == recommend_strategy::average_vector)
      all.rows = 1; // One vector is made of them.
    return cost(all);
  }

  std::uint64_t operator()(const discover_query& query) const {
    tally all;
    all.add(query.target);
    all.add(query.context);
    return cost(all);
  }

  std::uint64_t operator()(const context_query& query) const {
    tally all;
    all.add(query.context);
    return cost(all);
  }

  std::uint64_t operator()(const relevance_feedback_query& query) const {
    tally all;
    all.add(query.target);
    for (const auto& item : query.feedback)
      all.add(item.example);
    return cost(all);
  }

  template <class WithoutVectors>
  std::uint64_t operator()(const WithoutVectors&) const {
    return 1;
  }

private:
  static std::uint64_t cost(const tally& all) {
    return std::max<std::uint64_t>(all.rows, 1) + (all.ids > 0 ? all.ids + 1 : 0);
  }
};

std::uint64_t cost_of_part(const query_part& asked) {
  std::uint64_t sum = conditions(asked.filter);
  if (asked.prefetches.empty())
    return sum + (asked.query ? std::visit(query_cost{}, *asked.query) : 1);
  for (const auto& one : asked.prefetches)
    sum += cost_of_part(one);
  return sum;
}

struct points_of {
  std::uint64_t matching;

  std::uint64_t operator()(const upsert_points& operation) const { return operation.points.size(); }

  std::uint64_t operator()(const update_vectors& operation) const {
    return operation.points.size();
  }

  template <class Selecting>
  std::uint64_t operator()(const Selecting& operation) const {
    const auto* ids = std::get_if<std::vector<point_id>>(&operation.points);
    return ids != nullptr ? ids->size() : matching;
  }
};

} // namespace

std::uint64_t cost_of(const query_request& asked) {
  return cost_of_part(asked);
}

std::uint64_t cost_of(const query_groups_request& asked) {
  return cost_of_part(asked.query);
}

std::uint64_t cost_of(const matrix_request& asked) {
  return 1 + asked.sample + conditions(asked.filter);
}

std::uint64_t cost_of(const facet_request& asked) {
  return 1 + conditions(asked.filter);
}

std::uint64_t cost_of(const query_batch_request& asked) {
  std::uint64_t sum = 0;
  for (const auto& one : asked.queries)
    sum += cost_of(one);
  return sum;
}

std::uint64_t cost_of(const scroll_request& asked) {
  return 1 + conditions(asked.filter);
}

std::uint64_t cost_of(const count_request& asked) {
  return 1 + conditions(asked.filter);
}

std::uint64_t cost_of(const retrieve_request& asked) {
  return asked.ids.size();
}

std::uint64_t cost_of(const std::vector<write_operation>& operations, std::uint64_t matching) {
  std::uint64_t sum = 0;
  for (const auto& one : operations)
    sum += std::max<std::uint64_t>(std::visit(points_of{matching}, one), 1);
  return sum;
}

} // namespace grape
