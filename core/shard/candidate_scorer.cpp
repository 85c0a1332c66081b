#include "core/shard/candidate_scorer.hpp"

#include "core/check.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace grape::shard {

namespace {

constexpr float nothing = -std::numeric_limits<float>::infinity();

float fast_sigmoid(float x) {
  return x / (1.0f + std::abs(x));
}

/// Between 0 and 1.
float squash(float x) {
  return 0.5f * (fast_sigmoid(x) + 1.0f);
}

float best_of(const field_vectors& field, slot of, const std::vector<vector_value>& examples) {
  auto best = nothing;
  for (const auto& example : examples)
    best = std::max(best, field.similarity(of, example));
  return best;
}

/// One overload per ranking by several vectors.
struct score_of {
  const field_vectors& field;
  slot of;

  float operator()(const rank_best_score& by) const {
    const auto positive = best_of(field, of, by.positive);
    const auto negative = best_of(field, of, by.negative);
    return positive > negative ? squash(positive) : -squash(negative);
  }

  float operator()(const rank_sum_scores& by) const {
    float positive = 0;
    for (const auto& example : by.positive)
      positive += field.similarity(of, example);
    float negative = 0;
    for (const auto& example : by.negative)
      negative += field.similarity(of, example);
    return positive - negative;
  }

  float operator()(const rank_discover& by) const {
    int rank = 0;
    for (const auto& pair : by.pairs) {
      const auto positive = field.similarity(of, pair.positive);
      const auto negative = field.similarity(of, pair.negative);
      rank += (positive > negative ? 1 : 0) - (positive < negative ? 1 : 0);
    }
    return static_cast<float>(rank) + squash(field.similarity(of, by.target));
  }

  float operator()(const rank_context& by) const {
    float loss = 0;
    for (const auto& pair : by.pairs) {
      const auto difference = field.similarity(of, pair.positive)
                              - field.similarity(of, pair.negative)
                              - std::numeric_limits<float>::epsilon();
      loss += fast_sigmoid(std::min(difference, 0.0f));
    }
    return loss;
  }

  float operator()(const rank_feedback& by) const {
    auto score = by.a * field.similarity(of, by.target);
    for (std::size_t i = 0; i < by.pairs.size(); ++i)
      score += by.weights[i]
               * (field.similarity(of, by.pairs[i].positive)
                  - field.similarity(of, by.pairs[i].negative));
    return score;
  }

  template <class Other>
  float operator()(const Other&) const {
    check_failed("a ranking by several vectors", __FILE__, __LINE__);
  }
};

/// A sum of similarities to vectors, each with a factor.
class weighted_sum {
public:
  void add(const vector_value& vector, float factor) {
    const auto* dense = std::get_if<dense_vector>(&vector);
    if (dense == nullptr) {
      usable_ = false;
      return;
    }
    sum_.resize(dense->size());
    for (std::size_t i = 0; i < dense->size(); ++i)
      sum_[i] += factor * (*dense)[i];
    factors_ += factor;
  }

  /// The vector to which similarity orders points as the whole sum does, if there is one. Dot
  /// products add up to one with the sum of the vectors. Squared distances add up to one, and a
  /// constant, from the weighted mean: nearest if the factors add up to more than 0.
  std::optional<vector_value> vector(metric kind) && {
    if (!usable_ || sum_.empty() || kind == metric::manhattan)
      return std::nullopt;
    if (kind == metric::euclid) {
      if (!(factors_ > 0))
        return std::nullopt;
      for (auto& component : sum_)
        component /= factors_;
    }
    if (kind == metric::cosine)
      normalise(sum_);
    const auto finite =
        std::all_of(sum_.begin(), sum_.end(), [](float x) { return std::isfinite(x); });
    return finite ? std::optional<vector_value>{std::move(sum_)} : std::nullopt;
  }

private:
  dense_vector sum_;
  float factors_ = 0;
  bool usable_ = true;
};

} // namespace

outcome<candidate_scorer> candidate_scorer::make(const ranking& by, const field_vectors& field) {
  candidate_scorer made{by, field};
  if (auto prepared = made.prepare(); !prepared.ok())
    return prepared;
  return made;
}

candidate_scorer::candidate_scorer(const ranking& by, const field_vectors& field)
  : by_(&by)
  , field_(&field) {}

status candidate_scorer::prepare() {
  status fits;
  each_vector(*by_, [&](const vector_value& vector) {
    if (fits.ok())
      fits = field_->accepts(vector);
    ++cost_;
  });
  if (!fits.ok())
    return fits;
  if (auto whole = combined()) {
    linear_ = true;
    guides_.push_back(std::move(*whole));
  } else if (const auto* best = std::get_if<rank_best_score>(by_)) {
    guides_ = best->positive;
  } else if (const auto* discover = std::get_if<rank_discover>(by_)) {
    guides_.push_back(discover->target);
  } else if (const auto* context = std::get_if<rank_context>(by_)) {
    for (const auto& pair : context->pairs)
      guides_.push_back(pair.positive);
  }
  return {};
}

std::optional<vector_value> candidate_scorer::combined() const {
  weighted_sum sum;
  if (const auto* scores = std::get_if<rank_sum_scores>(by_)) {
    for (const auto& vector : scores->positive)
      sum.add(vector, 1);
    for (const auto& vector : scores->negative)
      sum.add(vector, -1);
  } else if (const auto* feedback = std::get_if<rank_feedback>(by_)) {
    sum.add(feedback->target, feedback->a);
    for (std::size_t i = 0; i < feedback->pairs.size(); ++i) {
      sum.add(feedback->pairs[i].positive, feedback->weights[i]);
      sum.add(feedback->pairs[i].negative, -feedback->weights[i]);
    }
  } else {
    return std::nullopt;
  }
  return std::move(sum).vector(field_->kind());
}

float candidate_scorer::score(slot of) const {
  return std::visit(score_of{*field_, of}, *by_);
}

float candidate_scorer::most(std::span<const float> similarities) const {
  if (linear_)
    return nothing; // Whoever is nearer to the guide scores more.
  if (std::holds_alternative<rank_best_score>(*by_)) {
    const auto nearest = std::max_element(similarities.begin(), similarities.end());
    return nearest == similarities.end() ? 0 : squash(*nearest);
  }
  if (const auto* discover = std::get_if<rank_discover>(by_))
    return static_cast<float>(discover->pairs.size()) + squash(similarities.front());
  if (std::holds_alternative<rank_context>(*by_))
    return 0;
  return std::numeric_limits<float>::infinity();
}

} // namespace grape::shard
