#include "core/query/session.hpp"
#include "core/request/vector_form.hpp"
#include "core/vector/kernels.hpp"
#include "core/vector/similarity.hpp"

#include <algorithm>
#include <functional>
#include <optional>

namespace grape::query {

namespace {

/// How far a point is from another one as a query by its vector finds it; nothing: it does not.
using distance_fn = std::function<std::optional<float>(std::size_t from, std::size_t to)>;

distance_fn between_dense(const std::vector<vector_value>& vectors, metric kind) {
  const auto& first = std::get<dense_vector>(vectors.front());
  return [&vectors, by = distance_function{kind, first.size()}](auto from, auto to) {
    return std::optional{by(std::get<dense_vector>(vectors[from]).data(),
                            std::get<dense_vector>(vectors[to]).data())};
  };
}

distance_fn between_rows(const std::vector<vector_value>& vectors, metric kind) {
  const auto dimension = std::get<multi_vector>(vectors.front()).dimension;
  return [&vectors, by = distance_function{kind, dimension}](auto from, auto to) {
    return std::optional{max_sim_distance(by, std::get<multi_vector>(vectors[from]),
                                          std::get<multi_vector>(vectors[to]).values)};
  };
}

/// Points without a term in common do not find each other.
distance_fn between_sparse(const std::vector<vector_value>& vectors) {
  return [&vectors](auto from, auto to) -> std::optional<float> {
    const auto product = sparse_product(std::get<sparse_vector>(vectors[from]),
                                        std::get<sparse_vector>(vectors[to]));
    return product ? std::optional{-*product} : std::nullopt;
  };
}

/// `vectors` are all of one kind, and not empty.
distance_fn between(const std::vector<vector_value>& vectors, metric kind) {
  if (std::holds_alternative<sparse_vector>(vectors.front()))
    return between_sparse(vectors);
  if (std::holds_alternative<multi_vector>(vectors.front()))
    return between_rows(vectors, kind);
  return between_dense(vectors, kind);
}

/// What one comparison costs, in components.
std::size_t cost_of(const vector_value& one) {
  if (const auto* rows = std::get_if<multi_vector>(&one))
    return std::max<std::size_t>(1, rows->values.size() / std::max(1U, rows->dimension));
  return 1;
}

/// The `limit` best of the others for each point, best first; equal ones by place. Errors:
/// timed_out.
outcome<std::vector<matrix_reply::link>>
nearest_of_each(const std::vector<vector_value>& vectors, metric kind, std::uint64_t limit,
                budget& left) {
  std::vector<matrix_reply::link> links;
  if (vectors.size() < 2)
    return links;
  const auto distance = between(vectors, kind);
  for (std::size_t from = 0; from < vectors.size(); ++from) {
    std::vector<std::pair<float, std::size_t>> others;
    for (std::size_t to = 0; to < vectors.size(); ++to) {
      if (!left.spend(cost_of(vectors[from]) * cost_of(vectors[to])))
        return status{errc::timed_out, "the deadline passed while comparing "
                                           + std::to_string(vectors.size()) + " points"};
      const auto far = to == from ? std::nullopt : distance(from, to);
      if (far)
        others.emplace_back(*far, to);
    }
    const auto kept =
        others.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(limit, others.size()));
    std::partial_sort(others.begin(), kept, others.end());
    for (auto at = others.begin(); at != kept; ++at)
      links.push_back({from, at->second, score_from_distance(kind, at->first)});
  }
  return links;
}

/// In the form in which it is compared; nothing: the field is of another kind by now.
std::optional<vector_value> compared(const vector_value& stored, const std::string& name,
                                     const collection_options& options) {
  const auto field = options.vectors.find(name);
  if (field == options.vectors.end())
    return std::holds_alternative<sparse_vector>(stored) ? std::optional{stored} : std::nullopt;
  if (field->second.multi != std::holds_alternative<multi_vector>(stored)
      || std::holds_alternative<sparse_vector>(stored))
    return std::nullopt;
  auto made = stored;
  if (auto* dense = std::get_if<dense_vector>(&made)) {
    to_compared_form(*dense, field->second);
    return made;
  }
  auto& rows = std::get<multi_vector>(made);
  for (std::size_t at = 0; at < rows.values.size(); at += rows.dimension)
    to_compared_form(std::span(rows.values.data() + at, rows.dimension), field->second);
  return made;
}

metric metric_of(const collection_options& options, const std::string& name) {
  const auto field = options.vectors.find(name);
  return field == options.vectors.end() ? metric::dot : field->second.distance;
}

} // namespace

/// Points chosen by chance among those that have the vector.
read_session::step read_session::start(const matrix_request& asked) {
  const auto& options = entry_->schema.options;
  const auto sparse = options.sparse_vectors.find(asked.vector_name);
  if (!options.vectors.contains(asked.vector_name) && sparse == options.sparse_vectors.end())
    return unknown_vector(asked.vector_name);
  if (sparse != options.sparse_vectors.end() && sparse->second.uses_idf())
    return status{errc::bad_request, "a matrix over a sparse vector with the modifier `idf` is not "
                                     "available yet"};
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
  const auto& options = entry_->schema.options;
  std::vector<vector_value> vectors;
  for (const auto& hit : hits) {
    const auto* found =
        hit.point.vectors ? find_vector(*hit.point.vectors, asked.vector_name) : nullptr;
    auto one = found != nullptr ? compared(*found, asked.vector_name, options) : std::nullopt;
    if (!one)
      continue;
    reply.ids.push_back(hit.point.id);
    vectors.push_back(*std::move(one));
  }
  if (vectors.size() < 2)
    return matrix_reply{};
  auto links = nearest_of_each(vectors, metric_of(options, asked.vector_name), asked.limit, left_);
  if (!links)
    return std::move(links).error();
  reply.links = *std::move(links);
  return reply;
}

} // namespace grape::query
