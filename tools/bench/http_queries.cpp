#include "tools/bench/http_queries.hpp"

#include "net/http/json_writer.hpp"

#include <algorithm>
#include <random>

namespace grape::bench {

namespace {

constexpr std::size_t batch = 500;
constexpr double index_within_s = 120;

void write_vector(http::json_writer& out, const dense_vector& values) {
  out.open_array();
  for (const auto value : values)
    out.number(value);
  out.close_array();
}

/// The last word counts: the first failure, or ok.
status done(const outcome<std::string>& answer) {
  return answer ? status{} : answer.error();
}

} // namespace

std::string upsert_body(const word_sample& sample, std::size_t from, std::size_t to) {
  http::json_writer out;
  out.open_object().key("points").open_array();
  for (auto i = from; i < to; ++i) {
    out.open_object().key("id").whole(i).key("vector");
    write_vector(out, sample.vectors[i]);
    out.key("payload").tree(payload_of(sample, i)).close_object();
  }
  out.close_array().close_object();
  return std::move(out).take();
}

std::string query_body(const dense_vector& target, const query_style& how) {
  http::json_writer out;
  out.open_object().key("query");
  write_vector(out, target);
  out.key("limit").whole(how.limit);
  if (how.ef || how.exact) {
    out.key("params").open_object();
    if (how.ef)
      out.key("hnsw_ef").whole(*how.ef);
    if (how.exact)
      out.key("exact").boolean(true);
    out.close_object();
  }
  out.close_object();
  return std::move(out).take();
}

std::vector<dense_vector> random_queries(std::size_t count, std::size_t dimension,
                                         std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> component;
  std::vector<dense_vector> made(count, dense_vector(dimension));
  for (auto& row : made)
    for (auto& value : row)
      value = component(random);
  return made;
}

status store_sample(http_node& node, const std::string& collection, const word_sample& sample) {
  const auto path = "/collections/" + collection;
  // Not sealed before all of it is there, so that it becomes one graph.
  if (auto made = done(node.ask("PUT", path,
                                R"({"vectors": {"size": 100, "distance": "Cosine"},
                                    "optimizers_config": {"indexing_threshold": 0}})"));
      !made.ok())
    return made;
  for (std::size_t from = 0; from < sample.vectors.size(); from += batch) {
    const auto to = std::min(from + batch, sample.vectors.size());
    const auto stored = done(
      node.ask("PUT", path + "/points?wait=true", upsert_body(sample, from, to)));
    if (!stored.ok())
      return stored;
  }
  if (auto changed = done(
        node.ask("PATCH", path, R"({"optimizers_config": {"indexing_threshold": 100}})"));
      !changed.ok())
    return changed;
  return node.wait_until_indexed(collection, index_within_s);
}

status store_one_point(http_node& node, const std::string& collection) {
  const auto path = "/collections/" + collection;
  if (auto made = done(
        node.ask("PUT", path, R"({"vectors": {"size": 4, "distance": "Dot"}})"));
      !made.ok())
    return made;
  return done(node.ask("PUT", path + "/points?wait=true",
                       R"({"points": [{"id": 1, "vector": [1, 2, 3, 4]}]})"));
}

std::string one_point_query() {
  return query_body({1, 0, 0, 0}, {});
}

outcome<double> recall_at_10(http_node& node, const std::string& collection,
                             const word_sample& sample, query_style how, std::size_t queries) {
  constexpr std::size_t k = 10;
  how.limit = k;
  queries = std::min(queries, sample.queries.size());
  std::size_t found = 0;
  for (std::size_t i = 0; i < queries; ++i) {
    const auto ids = node.hits(collection, query_body(sample.queries[i], how));
    if (!ids)
      return ids.error();
    const auto* truth = sample.truth.data() + i * word_sample::neighbours;
    found += static_cast<std::size_t>(std::count_if(ids->begin(), ids->end(), [&](auto id) {
      return std::find(truth, truth + k, id) != truth + k;
    }));
  }
  return static_cast<double>(found) / static_cast<double>(k * queries);
}

} // namespace grape::bench
