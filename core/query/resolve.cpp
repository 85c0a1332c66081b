#include "core/query/resolve.hpp"

#include "core/check.hpp"
#include "core/request/vector_form.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace grape::query {

namespace {

/// Calls visit(input) for every vector or id that a query names.
template <class Visit>
struct each_input {
  Visit& visit;

  void operator()(const nearest_query& query) const { visit(query.target); }

  void operator()(const recommend_query& query) const {
    for (const auto& example : query.positive)
      visit(example);
    for (const auto& example : query.negative)
      visit(example);
  }

  void operator()(const discover_query& query) const {
    visit(query.target);
    pairs(query.context);
  }

  void operator()(const context_query& query) const { pairs(query.context); }

  void operator()(const relevance_feedback_query& query) const {
    visit(query.target);
    for (const auto& item : query.feedback)
      visit(item.example);
  }

  void operator()(const order_by_query&) const {}
  void operator()(const fusion_query&) const {}
  void operator()(const formula_query&) const {}
  void operator()(const sample_query&) const {}

  void pairs(const std::vector<context_pair>& all) const {
    for (const auto& pair : all) {
      visit(pair.positive);
      visit(pair.negative);
    }
  }
};

enum class form : std::uint8_t { stored, given };

/// Turns the inputs of one part of a request into vectors. The first failure stays.
class resolver {
public:
  resolver(const query_part& of, const plan_context& known)
    : of_(of)
    , known_(known) {}

  const status& failed() const noexcept { return failed_; }

  vector_value operator()(const vector_input& input, form wanted = form::stored) {
    if (!failed_.ok())
      return {};
    auto resolved = resolve(input, wanted);
    if (resolved)
      return std::move(*resolved);
    failed_ = std::move(resolved).error();
    return {};
  }

  std::vector<vector_value> operator()(const std::vector<vector_input>& inputs,
                                       form wanted = form::stored) {
    std::vector<vector_value> all;
    for (const auto& input : inputs)
      all.push_back((*this)(input, wanted));
    return all;
  }

  std::vector<shard::vector_pair> operator()(const std::vector<context_pair>& pairs) {
    std::vector<shard::vector_pair> all;
    for (const auto& pair : pairs) {
      auto positive = (*this)(pair.positive);
      all.push_back({std::move(positive), (*this)(pair.negative)});
    }
    return all;
  }

  /// What the average of vectors that were resolved comes to, and twice that less the average of
  /// `negative`: of rows all of them, those of negative examples negated. Needs a positive one.
  vector_value average(const std::vector<vector_value>& positive,
                       const std::vector<vector_value>& negative) {
    const auto& first = positive.front();
    const auto alike = [&](const vector_value& other) { return other.index() == first.index(); };
    if (!std::all_of(positive.begin(), positive.end(), alike)
        || !std::all_of(negative.begin(), negative.end(), alike)) {
      fail({errc::wrong_input, "examples of different kinds have no average"});
      return {};
    }
    const auto away = negative.empty() ? 0.0f : 1.0f;
    const auto share = (1.0f + away) / static_cast<float>(positive.size());
    const auto loss = negative.empty() ? 0.0f : 1.0f / static_cast<float>(negative.size());
    if (std::holds_alternative<sparse_vector>(first))
      return sparse_sum(positive, share, negative, loss);
    if (std::holds_alternative<multi_vector>(first))
      return all_rows(positive, negative);
    auto target = mean(positive);
    const auto other = negative.empty() ? dense_vector{} : mean(negative);
    for (std::size_t i = 0; i < other.size() && i < target.size(); ++i)
      target[i] = target[i] + target[i] - other[i];
    return target;
  }

  /// As a target is compared with what is stored.
  vector_value stored_form(vector_value vector) {
    auto made = query_form(std::move(vector), of_.vector_name, known_.schema.options);
    if (made)
      return std::move(*made);
    fail(std::move(made).error());
    return {};
  }

private:
  void fail(status why) {
    if (failed_.ok())
      failed_ = std::move(why);
  }

  outcome<vector_value> resolve(const vector_input& input, form wanted) {
    const auto* id = std::get_if<point_id>(&input);
    auto found = id != nullptr ? known_.lookup(of_, *id)
                               : outcome<vector_value>{std::get<vector_value>(input)};
    if (!found)
      return found;
    const auto& options = known_.schema.options;
    if (wanted == form::stored)
      return query_form(std::move(*found), of_.vector_name, options);
    if (auto fits = check_vector(*found, of_.vector_name, options); !fits.ok())
      return fits;
    if (const auto field = options.vectors.find(of_.vector_name);
        field != options.vectors.end() && field->second.multi)
      to_rows(*found);
    return found;
  }

  /// The mean of dense vectors of one size.
  static dense_vector mean(const std::vector<vector_value>& vectors) {
    dense_vector sum(std::get<dense_vector>(vectors.front()).size());
    for (const auto& vector : vectors)
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += std::get<dense_vector>(vector)[i];
    for (auto& component : sum)
      component /= static_cast<float>(vectors.size());
    return sum;
  }

  static vector_value sparse_sum(const std::vector<vector_value>& positive, float share,
                                 const std::vector<vector_value>& negative, float loss) {
    std::map<std::uint32_t, float> sum;
    const auto add = [&sum](const vector_value& vector, float factor) {
      const auto& sparse = std::get<sparse_vector>(vector);
      for (std::size_t i = 0; i < sparse.indices.size(); ++i)
        sum[sparse.indices[i]] += factor * sparse.values[i];
    };
    for (const auto& vector : positive)
      add(vector, share);
    for (const auto& vector : negative)
      add(vector, -loss);
    sparse_vector made;
    for (const auto& [index, value] : sum) {
      made.indices.push_back(index);
      made.values.push_back(value);
    }
    return made;
  }

  static vector_value all_rows(const std::vector<vector_value>& positive,
                               const std::vector<vector_value>& negative) {
    multi_vector made{std::get<multi_vector>(positive.front()).dimension, {}};
    for (const auto& vector : positive) {
      const auto& values = std::get<multi_vector>(vector).values;
      made.values.insert(made.values.end(), values.begin(), values.end());
    }
    for (const auto& vector : negative)
      for (const auto component : std::get<multi_vector>(vector).values)
        made.values.push_back(-component);
    return made;
  }

  const query_part& of_;
  const plan_context& known_;
  status failed_;
};

/// One overload per kind of query.
struct ranking_of {
  const query_part& part;
  const plan_context& known;

  using result = outcome<shard::ranking>;

  static result finish(const resolver& resolve, shard::ranking made) {
    if (!resolve.failed().ok())
      return resolve.failed();
    return made;
  }

  result operator()(const nearest_query& query) const {
    resolver resolve{part, known};
    auto target = resolve(query.target);
    return finish(resolve, shard::rank_nearest{std::move(target)});
  }

  result operator()(const recommend_query& query) const {
    if (query.strategy == recommend_strategy::average_vector)
      return average(query);
    resolver resolve{part, known};
    auto positive = resolve(query.positive);
    auto negative = resolve(query.negative);
    if (query.strategy == recommend_strategy::best_score)
      return finish(resolve, shard::rank_best_score{std::move(positive), std::move(negative)});
    return finish(resolve, shard::rank_sum_scores{std::move(positive), std::move(negative)});
  }

  /// Examples count as they are given; only what comes of them is normalised.
  result average(const recommend_query& query) const {
    if (query.positive.empty())
      return status{errc::bad_request,
                    "At least one positive vector ID required with this strategy"};
    resolver resolve{part, known};
    const auto positive = resolve(query.positive, form::given);
    const auto negative = resolve(query.negative, form::given);
    if (!resolve.failed().ok())
      return resolve.failed();
    auto target = resolve.average(positive, negative);
    if (!resolve.failed().ok())
      return resolve.failed();
    target = resolve.stored_form(std::move(target));
    return finish(resolve, shard::rank_nearest{std::move(target)});
  }

  result operator()(const discover_query& query) const {
    resolver resolve{part, known};
    auto target = resolve(query.target);
    return finish(resolve, shard::rank_discover{std::move(target), resolve(query.context)});
  }

  result operator()(const context_query& query) const {
    resolver resolve{part, known};
    auto pairs = resolve(query.context);
    return finish(resolve, shard::rank_context{std::move(pairs)});
  }

  result operator()(const relevance_feedback_query& query) const {
    resolver resolve{part, known};
    shard::rank_feedback made;
    made.target = resolve(query.target);
    made.a = query.a;
    std::vector<vector_value> examples;
    for (const auto& item : query.feedback)
      examples.push_back(resolve(item.example));
    for (std::size_t i = 0; i < examples.size(); ++i)
      for (std::size_t j = 0; j < examples.size(); ++j) {
        const auto difference = query.feedback[i].score - query.feedback[j].score;
        if (i == j || !(difference > 0))
          continue;
        made.pairs.push_back({examples[i], examples[j]});
        made.weights.push_back(std::pow(difference, query.b) * query.c);
      }
    return finish(resolve, std::move(made));
  }

  result operator()(const order_by_query& query) const {
    return shard::ranking{shard::rank_by_value{query.order}};
  }

  result operator()(const sample_query& query) const {
    return shard::ranking{shard::rank_by_chance{query.seed}};
  }

  result operator()(const formula_query& query) const {
    return shard::ranking{shard::rank_by_formula{query.by, {}}};
  }

  result operator()(const fusion_query&) const {
    check_failed("fusions are no rankings", __FILE__, __LINE__);
  }
};

struct query_name {
  std::string_view operator()(const nearest_query&) const { return "nearest"; }

  std::string_view operator()(const recommend_query& query) const {
    switch (query.strategy) {
      case recommend_strategy::average_vector: return "recommend by average vector";
      case recommend_strategy::best_score: return "recommend by best score";
      case recommend_strategy::sum_scores: return "recommend by sum of scores";
    }
    return "recommend";
  }

  std::string_view operator()(const discover_query&) const { return "discover"; }
  std::string_view operator()(const context_query&) const { return "context"; }
  std::string_view operator()(const order_by_query&) const { return "order by"; }

  std::string_view operator()(const fusion_query& query) const {
    constexpr std::string_view names[] = {"fusion: rrf",     "fusion: dbsf",
                                          "fusion: linear",  "fusion: normalised",
                                          "fusion: learned", "fusion: adaptive"};
    return names[query.by.index()];
  }

  std::string_view operator()(const formula_query&) const { return "formula"; }
  std::string_view operator()(const sample_query&) const { return "sample"; }
  std::string_view operator()(const relevance_feedback_query&) const {
    return "relevance feedback";
  }
};

} // namespace

std::vector<point_id> referenced_ids(const query_part& of) {
  std::vector<point_id> ids;
  auto collect = [&](const vector_input& input) {
    if (const auto* id = std::get_if<point_id>(&input))
      ids.push_back(*id);
  };
  if (of.query)
    std::visit(each_input<decltype(collect)>{collect}, *of.query);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

const std::string& looked_up_name(const query_part& of) {
  return of.lookup_from && of.lookup_from->vector ? *of.lookup_from->vector : of.vector_name;
}

outcome<vector_value> vector_of(const point_id& id, const record* found, const std::string& name,
                                const collection_schema& schema) {
  if (found == nullptr)
    return status{errc::not_found, "No point with id " + id.text() + " found"};
  if (!schema.options.vectors.contains(name) && !schema.options.sparse_vectors.contains(name))
    return status{errc::wrong_input, "Not existing vector name error: " + name};
  const auto* vector = found->vectors ? find_vector(*found->vectors, name) : nullptr;
  if (vector == nullptr)
    return status{errc::not_found, "Point " + id.text() + " has no vector `" + name + "`"};
  return *vector;
}

outcome<shard::ranking> rank_by(const query_kind& query, const query_part& of,
                                const plan_context& known) {
  return std::visit(ranking_of{of, known}, query);
}

std::string_view name_of(const query_kind& query) {
  return std::visit(query_name{}, query);
}

} // namespace grape::query
