#include "core/payload/evaluate.hpp"
#include "core/vector/kernels.hpp"
#include "tests/core/query/reference_evaluator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace grape::test {

namespace {

float squash(float x) {
  return 0.5f * (x / (1.0f + std::abs(x)) + 1.0f);
}

} // namespace

/// By vectors: what one point scores; nothing if it has no such vector.
std::optional<float> reference_evaluator::score(const query_kind& by, const query_part& of,
                                                const point& at) const {
  const auto& name = of.vector_name;
  const auto* own = stored(at, name);
  if (own == nullptr)
    return std::nullopt;
  const auto near = [&](const vector_input& input) {
    return similarity(vector_of(input, name, true), *own, name);
  };
  const auto shown = [&](const dense_vector& target) {
    return score_from_distance(kind_of(name), -similarity(target, *own, name));
  };
  if (const auto* nearest = std::get_if<nearest_query>(&by))
    return shown(vector_of(nearest->target, name, true));
  if (const auto* discover = std::get_if<discover_query>(&by)) {
    float rank = 0;
    for (const auto& pair : discover->context) {
      const auto difference = near(pair.positive) - near(pair.negative);
      rank += difference > 0 ? 1.0f : difference < 0 ? -1.0f : 0.0f;
    }
    return rank + squash(near(discover->target));
  }
  if (const auto* context = std::get_if<context_query>(&by)) {
    float loss = 0;
    for (const auto& pair : context->context) {
      const auto x = std::min(near(pair.positive) - near(pair.negative) - 1.1920929e-07f, 0.0f);
      loss += x / (1.0f + std::abs(x));
    }
    return loss;
  }
  if (const auto* feedback = std::get_if<relevance_feedback_query>(&by)) {
    auto sum = feedback->a * near(feedback->target);
    for (std::size_t i = 0; i < feedback->feedback.size(); ++i)
      for (std::size_t j = 0; j < feedback->feedback.size(); ++j) {
        const auto& better = feedback->feedback[i];
        const auto& worse = feedback->feedback[j];
        if (better.score > worse.score)
          sum += std::pow(better.score - worse.score, feedback->b) * feedback->c
                 * (near(better.example) - near(worse.example));
      }
    return sum;
  }
  return recommend_score(std::get<recommend_query>(by), name, *own);
}

float reference_evaluator::recommend_score(const recommend_query& recommend,
                                           const std::string& name,
                                           const dense_vector& own_vector) const {
  const auto* own = &own_vector;
  const auto near = [&](const vector_input& input) {
    return similarity(vector_of(input, name, true), *own, name);
  };
  if (recommend.strategy == recommend_strategy::average_vector) {
    dense_vector target(own->size());
    for (const auto& [examples, is_negative] :
         {std::pair{&recommend.positive, false}, std::pair{&recommend.negative, true}}) {
      if (examples->empty())
        continue;
      dense_vector mean(own->size());
      for (const auto& example : *examples)
        for (std::size_t i = 0; i < mean.size(); ++i)
          mean[i] += vector_of(example, name, false)[i];
      for (std::size_t i = 0; i < mean.size(); ++i) {
        mean[i] /= static_cast<float>(examples->size());
        target[i] = is_negative ? target[i] + target[i] - mean[i] : mean[i];
      }
    }
    if (kind_of(name) == metric::cosine)
      normalise(target);
    return score_from_distance(kind_of(name), -similarity(target, *own, name));
  }
  constexpr auto nothing = -std::numeric_limits<float>::infinity();
  float best[] = {nothing, nothing};
  float sums[] = {0, 0};
  for (const auto& [examples, side] :
       {std::pair{&recommend.positive, 0}, std::pair{&recommend.negative, 1}})
    for (const auto& example : *examples) {
      best[side] = std::max(best[side], near(example));
      sums[side] += near(example);
    }
  if (recommend.strategy == recommend_strategy::sum_scores)
    return sums[0] - sums[1];
  return best[0] > best[1] ? squash(best[0]) : -squash(best[1]);
}

double reference_evaluator::formula_value(const expression& of, const formula& whole,
                                          const point& at, const std::vector<hits>& inputs) const {
  const auto inner = [&](const expression& one) { return formula_value(one, whole, at, inputs); };
  if (const auto* constant = std::get_if<double>(&of.node))
    return *constant;
  if (const auto* variable = std::get_if<score_variable>(&of.node)) {
    if (variable->prefetch < inputs.size())
      for (const auto& hit : inputs[variable->prefetch])
        if (hit.id == at.id)
          return static_cast<double>(hit.score);
    const auto instead = whole.defaults.find("$score[" + std::to_string(variable->prefetch) + "]");
    return instead == whole.defaults.end() ? 0 : instead->second.number();
  }
  if (const auto* variable = std::get_if<payload_variable>(&of.node)) {
    const auto* found = at.payload.find(variable->path);
    return found && found->is_number() ? found->number()
                                       : whole.defaults.at(variable->path).number();
  }
  if (const auto* condition = std::get_if<condition_value>(&of.node)) {
    payload::filter filter;
    filter.must.push_back(condition->holds);
    return payload::matches(filter, at.id, at.payload, {}) ? 1 : 0;
  }
  if (const auto* decay = std::get_if<formula_decay>(&of.node)) {
    const auto far = std::abs(inner(decay->x[0]) - (decay->x.size() > 1 ? inner(decay->x[1]) : 0));
    switch (decay->shape) {
      case decay_shape::linear: return std::max(0.0, 1 - decay->lambda * far);
      case decay_shape::exponential: return std::exp(decay->lambda * far);
      case decay_shape::gauss: return std::exp(decay->lambda * far * far);
    }
  }
  const auto& operation = std::get<formula_operation>(of.node);
  double result = operation.kind == arithmetic::product ? 1 : 0;
  for (const auto& operand : operation.operands)
    result = operation.kind == arithmetic::product ? result * inner(operand)
             : operation.kind == arithmetic::sum   ? result + inner(operand)
                                                   : -inner(operand);
  return result;
}

std::vector<reference_evaluator::hits>
reference_evaluator::rescored(const std::vector<query_part>& prefetches,
                              const std::vector<hits>& inputs) const {
  std::vector<hits> made;
  for (auto scoring : prefetches) {
    scoring.score_threshold.reset();
    made.push_back(rank(scoring, {}, inputs));
  }
  return made;
}

} // namespace grape::test
