#include "core/query/fusion.hpp"

#include "core/vector/kernels.hpp"
#include "core/vector/similarity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace grape::query {

namespace {

/// What each hit of one list adds to the fused score of its point.
using list_scores = std::vector<float>;

list_scores as_they_are(const hit_list& list, bool ascending) {
  list_scores scores;
  scores.reserve(list.size());
  for (const auto& hit : list)
    scores.push_back(ascending ? -hit.score : hit.score);
  return scores;
}

/// Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", 2009; weights stretch the ranks.
list_scores by_rank(std::size_t size, std::uint64_t k, float weight) {
  list_scores scores(size);
  for (std::size_t i = 0; i < size && weight > 0; ++i)
    scores[i] = 1.0f / (static_cast<float>(i + 1) / weight + static_cast<float>(k) - 1.0f);
  return scores;
}

/// Between mean - 3 deviations and mean + 3; mean and variance by Welford's method.
list_scores by_distribution(const hit_list& list) {
  auto scores = as_they_are(list, false);
  if (scores.size() < 2)
    return list_scores(scores.size(), 0.5f);
  float mean = 0;
  float sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto before = scores[i] - mean;
    mean += before / static_cast<float>(i + 1);
    sum += before * (scores[i] - mean);
  }
  const auto deviation = std::sqrt(sum / (static_cast<float>(scores.size()) - 1.0f));
  const auto least = mean - 3.0f * deviation;
  const auto most = mean + 3.0f * deviation;
  for (auto& score : scores)
    score = least == most ? 0.5f : (score - least) / (most - least);
  return scores;
}

list_scores times(list_scores scores, float weight) {
  for (auto& score : scores)
    score *= weight;
  return scores;
}

status other_number(const char* what, std::size_t got, std::size_t expected) {
  return {errc::wrong_input, std::string("Validation failed: Number of weights in ") + what
                                 + " should match number of pre-fetches: got " + std::to_string(got)
                                 + ", expected " + std::to_string(expected)};
}

/// One overload per fusion: what each hit adds.
struct contributions {
  const fuse_stage& how;
  const std::vector<hit_list>& lists;

  using result = outcome<std::vector<list_scores>>;

  bool ascending(std::size_t i) const { return i < how.ascending.size() && how.ascending[i]; }

  template <class OfList>
  result each(OfList&& of_list) const {
    std::vector<list_scores> all;
    for (std::size_t i = 0; i < lists.size(); ++i)
      all.push_back(of_list(i));
    return all;
  }

  result operator()(const rrf_fusion& by) const {
    if (by.weights && by.weights->size() != lists.size())
      return other_number("RRF", by.weights->size(), lists.size());
    return each([&](std::size_t i) {
      return by_rank(lists[i].size(), by.k, by.weights ? (*by.weights)[i] : 1.0f);
    });
  }

  result operator()(const dbsf_fusion&) const {
    return each([&](std::size_t i) { return by_distribution(lists[i]); });
  }

  result operator()(const linear_fusion& by) const {
    if (by.weights.size() != lists.size())
      return other_number("linear fusion", by.weights.size(), lists.size());
    return each(
        [&](std::size_t i) { return times(as_they_are(lists[i], ascending(i)), by.weights[i]); });
  }

  result operator()(const normalised_fusion& by) const {
    if (by.weights && by.weights->size() != lists.size())
      return other_number("normalised fusion", by.weights->size(), lists.size());
    return each([&](std::size_t i) {
      return times(normalised_scores(lists[i], ascending(i)), by.weights ? (*by.weights)[i] : 1.0f);
    });
  }

  result operator()(const learned_fusion& by) const {
    if (by.weights.size() != lists.size())
      return other_number("learned fusion", by.weights.size(), lists.size());
    return each([&](std::size_t i) {
      return times(normalised_scores(lists[i], ascending(i)), by.weights[i]);
    });
  }

  result operator()(const adaptive_fusion&) const {
    return each([&](std::size_t i) {
      auto scores = normalised_scores(lists[i], ascending(i));
      const auto weight = spread(scores);
      return times(std::move(scores), weight);
    });
  }
};

float similarity(metric kind, const vector_value& a, const vector_value& b) {
  if (const auto* words = std::get_if<sparse_vector>(&a)) {
    const auto* others = std::get_if<sparse_vector>(&b);
    return others ? sparse_product(*words, *others).value_or(0.0f) : 0.0f;
  }
  if (const auto* rows = std::get_if<multi_vector>(&a)) {
    const auto* others = std::get_if<multi_vector>(&b);
    if (others == nullptr || others->dimension != rows->dimension)
      return 0;
    return -max_sim_distance({kind, rows->dimension}, *rows, others->values);
  }
  const auto* left = std::get_if<dense_vector>(&a);
  const auto* right = std::get_if<dense_vector>(&b);
  if (left == nullptr || right == nullptr || left->size() != right->size() || left->empty())
    return 0;
  return -distance_function{kind, left->size()}(left->data(), right->data());
}

} // namespace

std::vector<float> normalised_scores(const hit_list& list, bool ascending) {
  auto scores = as_they_are(list, ascending);
  if (scores.empty())
    return scores;
  const auto [least, most] = std::minmax_element(scores.begin(), scores.end());
  const auto low = *least;
  const auto high = *most;
  for (auto& score : scores)
    score = low == high ? 0.5f : (score - low) / (high - low);
  return scores;
}

float spread(const std::vector<float>& normalised) {
  if (normalised.size() < 2)
    return 0;
  const auto first = std::max<std::size_t>(1, normalised.size() / 10);
  float best = 0;
  float all = 0;
  for (std::size_t i = 0; i < normalised.size(); ++i) {
    all += normalised[i];
    if (i < first)
      best += normalised[i];
  }
  return best / static_cast<float>(first) - all / static_cast<float>(normalised.size());
}

outcome<hit_list> fuse(const fuse_stage& how, std::vector<hit_list> lists) {
  const auto added = std::visit(contributions{how, lists}, how.by.by);
  if (!added)
    return added.error();
  std::map<point_id, std::size_t> places;
  hit_list fused;
  for (std::size_t i = 0; i < lists.size(); ++i)
    for (std::size_t j = 0; j < lists[i].size(); ++j) {
      const auto [at, is_new] = places.emplace(lists[i][j].point.id, fused.size());
      if (is_new) {
        fused.push_back(std::move(lists[i][j]));
        fused.back().score = (*added)[i][j];
        fused.back().point.order.reset(); // It says nothing about the fused list.
      } else {
        fused[at->second].score += (*added)[i][j];
      }
    }
  if (const auto* learned = std::get_if<learned_fusion>(&how.by.by))
    for (auto& hit : fused)
      hit.score = 1.0f / (1.0f + std::exp(-(hit.score + learned->bias)));
  std::sort(fused.begin(), fused.end(), [](const scored_record& a, const scored_record& b) {
    return a.score != b.score ? a.score > b.score : a.point.id < b.point.id;
  });
  if (how.score_threshold)
    std::erase_if(fused,
                  [&](const scored_record& hit) { return !(hit.score >= *how.score_threshold); });
  if (fused.size() > how.limit)
    fused.resize(how.limit);
  return fused;
}

hit_list diversify(const diversify_stage& how, hit_list candidates) {
  std::vector<const vector_value*> vectors;
  std::vector<float> relevance;
  for (const auto& hit : candidates) {
    const auto* vector =
        hit.point.vectors ? find_vector(*hit.point.vectors, how.vector_name) : nullptr;
    vectors.push_back(vector);
    relevance.push_back(vector ? similarity(how.kind, how.target, *vector) : 0);
  }
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    if (vectors[i] != nullptr)
      left.push_back(i);
  // The similarity of each to the most similar one chosen so far.
  std::vector<float> alike(candidates.size(), -std::numeric_limits<float>::infinity());
  hit_list chosen;
  while (!left.empty() && chosen.size() < how.limit) {
    const auto value = [&](std::size_t i) {
      return chosen.empty() ? relevance[i]
                            : how.lambda * relevance[i] - (1.0f - how.lambda) * alike[i];
    };
    const auto best = std::max_element(left.begin(), left.end(),
                                       [&](auto a, auto b) { return value(a) < value(b); });
    const auto taken = *best;
    left.erase(best);
    for (const auto i : left)
      alike[i] = std::max(alike[i], similarity(how.kind, *vectors[taken], *vectors[i]));
    chosen.push_back(candidates[taken]);
  }
  for (auto& hit : chosen)
    hit.point.vectors.reset();
  return chosen;
}

} // namespace grape::query
