#include "core/query/session.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>

namespace grape::query {

namespace {

/// The `limit` best of the others for each point, best first; equal ones by place. Errors:
/// timed_out.
outcome<std::vector<matrix_reply::link>>
nearest_of_each(const std::vector<const dense_vector*>& vectors, metric kind, std::uint64_t limit,
                budget& left) {
  std::vector<matrix_reply::link> links;
  if (vectors.size() < 2)
    return links;
  const distance_function distance{kind, vectors.front()->size()};
  for (std::size_t from = 0; from < vectors.size(); ++from) {
    if (!left.spend(vectors.size()))
      return status{errc::timed_out, "the deadline passed while comparing "
                                         + std::to_string(vectors.size()) + " points"};
    std::vector<std::pair<float, std::size_t>> others;
    for (std::size_t to = 0; to < vectors.size(); ++to)
      if (to != from)
        others.emplace_back(distance(vectors[from]->data(), vectors[to]->data()), to);
    const auto kept =
        others.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(limit, others.size()));
    std::partial_sort(others.begin(), kept, others.end());
    for (auto at = others.begin(); at != kept; ++at)
      links.push_back({from, at->second, score_from_distance(kind, at->first)});
  }
  return links;
}

} // namespace

/// Points chosen by chance among those that have the vector.
read_session::step read_session::start(const matrix_request& asked) {
  const auto& options = entry_->schema.options;
  if (!options.vectors.contains(asked.vector_name))
    return status{errc::wrong_input, "Not existing vector name error: " + asked.vector_name};
  query_request query;
  query.query = sample_query{asked.seed};
  payload::filter has_it;
  if (asked.filter)
    has_it.must.push_back({*asked.filter});
  has_it.must.push_back({payload::has_vector{asked.vector_name}});
  query.filter = std::move(has_it);
  query.limit = asked.sample;
  query.with_vectors = {vector_selector::mode::named, {asked.vector_name}};
  return start_own(std::move(query));
}

read_session::step read_session::finish_queries(const matrix_request& asked) {
  auto hits = runs_.front().take_hits();
  std::sort(hits.begin(), hits.end(),
            [](const scored_record& a, const scored_record& b) { return a.point.id < b.point.id; });
  matrix_reply reply;
  std::vector<const dense_vector*> vectors;
  for (const auto& hit : hits) {
    const auto* found =
        hit.point.vectors ? find_vector(*hit.point.vectors, asked.vector_name) : nullptr;
    const auto* dense = found != nullptr ? std::get_if<dense_vector>(found) : nullptr;
    if (dense == nullptr)
      continue;
    reply.ids.push_back(hit.point.id);
    vectors.push_back(dense);
  }
  if (vectors.size() < 2)
    return matrix_reply{};
  auto links = nearest_of_each(
      vectors, entry_->schema.options.vectors.at(asked.vector_name).distance, asked.limit, left_);
  if (!links)
    return std::move(links).error();
  reply.links = *std::move(links);
  return reply;
}

} // namespace grape::query
