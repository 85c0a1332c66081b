#include "core/query/idf.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace grape::query {

namespace {

/// The indices of all sparse vectors of a query, ascending, each once.
std::vector<std::uint32_t> indices_of(const shard::shard_query& query) {
  std::vector<std::uint32_t> all;
  shard::each_vector(query.by, [&](const vector_value& vector) {
    if (const auto* sparse = std::get_if<sparse_vector>(&vector))
      all.insert(all.end(), sparse->indices.begin(), sparse->indices.end());
  });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

} // namespace

outcome<std::optional<shard::term_question>> idf_question(const shard::shard_query& query,
                                                          const collection_schema& schema) {
  const auto field = schema.options.sparse_vectors.find(query.vector_name);
  const auto weighed = field != schema.options.sparse_vectors.end() && field->second.uses_idf();
  if (!weighed && query.params.idf)
    return status{errc::wrong_input, "`params.idf` needs a sparse vector with the modifier `idf`, "
                                     "and vector `" + query.vector_name + "` is none"};
  auto indices = indices_of(query);
  if (!weighed || indices.empty())
    return std::optional<shard::term_question>{};
  return std::optional{
    shard::term_question{query.vector_name, std::move(indices),
                         query.params.idf ? query.params.idf->corpus : std::nullopt}};
}

void add(shard::term_counts& to, const shard::term_counts& more) {
  GRAPE_CHECK(to.with_index.size() == more.with_index.size());
  to.vectors += more.vectors;
  for (std::size_t i = 0; i < to.with_index.size(); ++i)
    to.with_index[i] += more.with_index[i];
}

void weigh(shard::shard_query& query, const shard::term_counts& counts) {
  const auto indices = indices_of(query);
  GRAPE_CHECK(indices.size() == counts.with_index.size());
  const auto all = static_cast<double>(counts.vectors);
  shard::each_vector(query.by, [&](vector_value& vector) {
    auto* sparse = std::get_if<sparse_vector>(&vector);
    for (std::size_t i = 0; sparse != nullptr && i < sparse->indices.size(); ++i) {
      const auto at = std::lower_bound(indices.begin(), indices.end(), sparse->indices[i]);
      const auto with
        = static_cast<double>(counts.with_index[static_cast<std::size_t>(at - indices.begin())]);
      sparse->values[i] *= static_cast<float>(std::log((all - with + 0.5) / (with + 0.5) + 1.0));
    }
  });
}

} // namespace grape::query
