#include "net/http/decode_query_kind.hpp"

#include "net/http/decode_common.hpp"
#include "net/http/decode_formula.hpp"
#include "net/http/decode_vectors.hpp"

#include <algorithm>
#include <atomic>
#include <random>

namespace grape::http {

namespace {

constexpr const char* unknown = "Expected some form of vector, id, or a type of query";

query_kind read_nearest(const node& of) {
  nearest_query out;
  if (const auto target = of.need("nearest"))
    out.target = read_vector_input(*target);
  if (const auto mmr = of.field("mmr")) {
    auto& options = out.mmr.emplace();
    if (const auto diversity = number_field(*mmr, "diversity", 0.0, 1.0))
      options.diversity = static_cast<float>(*diversity);
    if (const auto limit = mmr->field("candidates_limit")) {
      constexpr std::uint64_t most = 16'384;
      options.candidates_limit = limit->whole(std::numeric_limits<std::uint64_t>::max(), "usize");
      if (*options.candidates_limit > most)
        limit->invalid("value " + std::to_string(*options.candidates_limit) + " invalid, must be "
                       + std::to_string(most) + " or smaller");
    }
  }
  return out;
}

query_kind read_recommend(const node& of) {
  recommend_query out;
  if (!of.expect_object())
    return out;
  out.positive = examples_field(of, "positive");
  out.negative = examples_field(of, "negative");
  out.strategy = strategy_field(of);
  if (out.positive.empty() && out.negative.empty())
    of.broken_rule("At least one positive or negative vector/id must be provided",
                   "positives, negatives");
  return out;
}

query_kind read_discover(const node& of) {
  discover_query out;
  if (const auto target = of.need("target"))
    out.target = read_vector_input(*target);
  if (!of.value().find("context"))
    of.malformed("missing field `context`");
  if (const auto context = of.field("context"))
    out.context = read_context_pairs(*context);
  return out;
}

/// Weights of a fusion, one for each prefetch.
std::optional<std::vector<float>> weights_field(const node& of) {
  const auto weights = of.field("weights");
  return weights ? std::optional{read_dense(*weights)} : std::nullopt;
}

query_kind read_rrf(const node& of) {
  rrf_fusion out;
  if (!of.expect_object())
    return fusion_query{out};
  out.k = whole_field(of, "k", {.least = 1}).value_or(out.k);
  out.weights = weights_field(of);
  return fusion_query{out};
}

query_kind read_fusion(const node& of) {
  if (of.variant({"rrf", "dbsf"}) == 0)
    return fusion_query{rrf_fusion{}};
  return fusion_query{dbsf_fusion{}};
}

fusion_query read_grape_fusion_kind(const node& of) {
  const auto kind = of.need("fusion");
  if (!kind)
    return fusion_query{};
  auto weights = weights_field(of);
  switch (kind->variant({"linear", "normalised", "learned", "adaptive"})) {
    case 0:
    case 2:
      if (!weights) {
        of.malformed("missing field `weights`");
        return fusion_query{};
      }
      if (kind->value().text() == "linear")
        return fusion_query{linear_fusion{std::move(*weights)}};
      return fusion_query{
          learned_fusion{std::move(*weights), single_field(of, "bias").value_or(0.0f)}};
    case 1: return fusion_query{normalised_fusion{std::move(weights)}};
    default: return fusion_query{adaptive_fusion{}};
  }
}

/// What Grape can fuse by beyond Qdrant:
/// `{"fusion": ..., "weights": [...], "bias": ..., "rescore": ...}`.
query_kind read_grape_fusion(const node& of) {
  auto out = read_grape_fusion_kind(of);
  out.rescore = boolean_field(of, "rescore").value_or(false);
  return out;
}

query_kind read_sample(const node& of, const node& sample) {
  (void)sample.variant({"random"});
  return sample_query{whole_field(of, "seed").value_or(fresh_seed())};
}

query_kind read_feedback(const node& of) {
  relevance_feedback_query out;
  if (const auto target = of.need("target"))
    out.target = read_vector_input(*target);
  if (const auto feedback = of.need("feedback"))
    feedback->each_item([&](const node& item) {
      feedback_item one;
      if (const auto example = item.need("example"))
        one.example = read_vector_input(*example);
      if (const auto score = item.need("score"))
        one.score = score->single();
      out.feedback.push_back(std::move(one));
    });
  const auto strategy = of.need("strategy");
  const auto naive = strategy ? strategy->need("naive") : std::nullopt;
  if (!naive)
    return out;
  if (const auto a = naive->need("a"))
    out.a = a->single();
  if (naive->need("b"))
    out.b = static_cast<float>(number_field(*naive, "b", 0.0, unbounded).value_or(0));
  if (const auto c = naive->need("c"))
    out.c = c->single();
  if (out.feedback.empty())
    of.invalid("feedback elements must be non-empty", "__all__");
  return out;
}

/// An object with the name of a kind in it.
query_kind read_named_kind(const node& of) {
  if (of.field("nearest"))
    return read_nearest(of);
  if (const auto recommend = of.field("recommend"))
    return read_recommend(*recommend);
  if (const auto discover = of.field("discover"))
    return read_discover(*discover);
  if (of.value().find("context")) {
    const auto context = of.field("context");
    return context_query{context ? read_context_pairs(*context) : std::vector<context_pair>{}};
  }
  if (const auto order = of.field("order_by"))
    return order_by_query{read_order_by(*order)};
  if (const auto fusion = of.field("fusion"))
    return read_fusion(*fusion);
  if (const auto rrf = of.field("rrf"))
    return read_rrf(*rrf);
  if (of.field("formula"))
    return formula_query{read_formula(of)};
  if (const auto sample = of.field("sample"))
    return read_sample(of, *sample);
  if (const auto feedback = of.field("relevance_feedback"))
    return read_feedback(*feedback);
  if (const auto grape = of.field("grape"))
    return read_grape_fusion(*grape);
  of.malformed(unknown);
  return nearest_query{};
}

} // namespace

query_kind read_query_kind(const node& of) {
  if (of.is(json::kind::boolean)) {
    of.malformed(unknown);
    return nearest_query{};
  }
  if (!of.is(json::kind::object) || of.field("indices") || is_inference(of))
    return nearest_query{read_vector_input(of)};
  return read_named_kind(of);
}

order_by read_order_by(const node& of) {
  order_by out;
  if (of.is(json::kind::string)) {
    out.key = read_path(of);
    return out;
  }
  if (!of.is(json::kind::object)) {
    of.malformed("Expected a string, or an object with a key, direction and/or start_from");
    return out;
  }
  if (const auto key = of.need("key"))
    out.key = read_path(*key);
  if (const auto direction = of.field("direction"))
    out.descending = direction->variant({"asc", "desc"}) == 1;
  if (const auto start = of.field("start_from"))
    out.start_from = read_start(*start);
  return out;
}

std::vector<vector_input> examples_field(const node& of, std::string_view key) {
  const auto examples = of.field(key);
  return examples ? read_vector_inputs(*examples) : std::vector<vector_input>{};
}

std::vector<context_pair> read_context_pairs(const node& of) {
  std::vector<context_pair> out;
  const auto read_pair = [&](const node& pair) {
    context_pair one;
    if (const auto positive = pair.need("positive"))
      one.positive = read_vector_input(*positive);
    if (const auto negative = pair.need("negative"))
      one.negative = read_vector_input(*negative);
    out.push_back(std::move(one));
  };
  if (of.is(json::kind::array))
    of.each_item(read_pair);
  else
    read_pair(of);
  return out;
}

recommend_strategy strategy_field(const node& of) {
  const auto strategy = of.field("strategy");
  if (!strategy)
    return recommend_strategy::average_vector;
  return static_cast<recommend_strategy>(
      strategy->variant({"average_vector", "best_score", "sum_scores"}));
}

std::uint64_t fresh_seed() {
  static std::atomic<std::uint64_t> next{std::random_device{}()};
  return next.fetch_add(0x9E37'79B9'7F4A'7C15ULL, std::memory_order_relaxed);
}

} // namespace grape::http
