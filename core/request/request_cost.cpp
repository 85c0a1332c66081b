#include "core/request/request_cost.hpp"

#include <algorithm>

namespace grape {

namespace {

std::uint64_t conditions(const std::optional<payload::filter>& filter) {
  return filter ? payload::condition_count(*filter) : 0;
}

std::uint64_t ids_in(const std::vector<vector_input>& inputs) {
  return static_cast<std::uint64_t>(
      std::count_if(inputs.begin(), inputs.end(),
                    [](const auto& one) { return std::holds_alternative<point_id>(one); }));
}

/// Points to be read first, and one condition that leaves them out.
std::uint64_t looked_up(std::uint64_t ids) {
  return ids > 0 ? ids + 1 : 0;
}

struct query_cost {
  std::uint64_t operator()(const nearest_query& query) const {
    return 1 + looked_up(ids_in({query.target}));
  }

  std::uint64_t operator()(const recommend_query& query) const {
    return 1 + looked_up(ids_in(query.positive) + ids_in(query.negative));
  }
};

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
  return (asked.query ? std::visit(query_cost{}, *asked.query) : 1) + conditions(asked.filter);
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
