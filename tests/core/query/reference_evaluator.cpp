#include "tests/core/query/reference_evaluator.hpp"

#include "core/payload/evaluate.hpp"
#include "core/payload/path.hpp"
#include "core/shard/ranker.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace grape::test {

namespace {

double number(const order_value& value) {
  return std::visit([](auto v) { return static_cast<double>(v); }, value);
}

std::vector<float> normalised(const std::vector<reference_hit>& list, bool ascending) {
  std::vector<float> scores;
  for (const auto& hit : list)
    scores.push_back(ascending ? -hit.score : hit.score);
  if (scores.empty())
    return scores;
  const auto low = *std::min_element(scores.begin(), scores.end());
  const auto high = *std::max_element(scores.begin(), scores.end());
  for (auto& score : scores)
    score = low == high ? 0.5f : (score - low) / (high - low);
  return scores;
}

/// Mean of the best tenth less the mean of all.
float spread_of(const std::vector<float>& scores) {
  if (scores.size() < 2)
    return 0;
  const auto first = std::max<std::size_t>(1, scores.size() / 10);
  float best = 0;
  float total = 0;
  for (std::size_t j = 0; j < scores.size(); ++j) {
    total += scores[j];
    best += j < first ? scores[j] : 0;
  }
  return best / static_cast<float>(first) - total / static_cast<float>(scores.size());
}

void collect_ids(const vector_input& input, std::set<point_id>& ids) {
  if (const auto* id = std::get_if<point_id>(&input))
    ids.insert(*id);
}

void collect_ids(const query_part& of, std::set<point_id>& ids) {
  if (of.query) {
    const auto pairs = [&](const std::vector<context_pair>& all) {
      for (const auto& pair : all) {
        collect_ids(pair.positive, ids);
        collect_ids(pair.negative, ids);
      }
    };
    if (const auto* nearest = std::get_if<nearest_query>(&*of.query))
      collect_ids(nearest->target, ids);
    if (const auto* recommend = std::get_if<recommend_query>(&*of.query)) {
      for (const auto& one : recommend->positive)
        collect_ids(one, ids);
      for (const auto& one : recommend->negative)
        collect_ids(one, ids);
    }
    if (const auto* discover = std::get_if<discover_query>(&*of.query)) {
      collect_ids(discover->target, ids);
      pairs(discover->context);
    }
    if (const auto* context = std::get_if<context_query>(&*of.query))
      pairs(context->context);
    if (const auto* feedback = std::get_if<relevance_feedback_query>(&*of.query)) {
      collect_ids(feedback->target, ids);
      for (const auto& item : feedback->feedback)
        collect_ids(item.example, ids);
    }
  }
  for (const auto& inner : of.prefetches)
    collect_ids(inner, ids);
}

/// The numbers of an indexed field, each once, ascending.
std::vector<order_value> numbers_at(const point& of, const std::string& key, bool whole) {
  std::vector<order_value> all;
  payload::visit_values(of.payload, payload::path::parse(key).value(),
                        [&](const payload::value& found) {
                          const auto add = [&](const payload::value& one) {
                            if (whole && one.as_int())
                              all.emplace_back(*one.as_int());
                            else if (!whole && one.is_number())
                              all.emplace_back(one.number());
                          };
                          if (const auto* elements = found.as_array())
                            for (const auto& element : *elements)
                              add(element);
                          else
                            add(found);
                          return true;
                        });
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

} // namespace

reference_evaluator::reference_evaluator(collection_schema schema, std::vector<point> points)
  : schema_(std::move(schema)) {
  for (auto& one : points)
    points_.emplace(one.id, std::move(one));
}

metric reference_evaluator::kind_of(const std::string& name) const {
  return schema_.options.vectors.at(name).distance;
}

float reference_evaluator::similarity(const dense_vector& a, const dense_vector& b,
                                      const std::string& name) const {
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    switch (kind_of(name)) {
      case metric::cosine:
      case metric::dot: sum += a[i] * b[i]; break;
      case metric::euclid: sum -= (a[i] - b[i]) * (a[i] - b[i]); break;
      case metric::manhattan: sum -= std::abs(a[i] - b[i]); break;
    }
  return sum;
}

const dense_vector* reference_evaluator::stored(const point& of, const std::string& name) const {
  const auto* found = find_vector(of.vectors, name);
  return found == nullptr ? nullptr : std::get_if<dense_vector>(found);
}

dense_vector reference_evaluator::vector_of(const vector_input& input, const std::string& name,
                                            bool to_normalise) const {
  const auto* id = std::get_if<point_id>(&input);
  auto found = id != nullptr ? *stored(points_.at(*id), name)
                             : std::get<dense_vector>(std::get<vector_value>(input));
  if (to_normalise && kind_of(name) == metric::cosine)
    normalise(found);
  return found;
}

bool reference_evaluator::ascending(const query_part& of) const {
  if (!of.query)
    return false;
  const auto* nearest = std::get_if<nearest_query>(&*of.query);
  const auto* recommend = std::get_if<recommend_query>(&*of.query);
  const auto plain = nearest != nullptr
                     || (recommend && recommend->strategy == recommend_strategy::average_vector);
  return plain && !larger_is_better(kind_of(of.vector_name));
}

std::vector<const point*> reference_evaluator::candidates(const filters& all,
                                                          const std::vector<hits>& inputs) const {
  std::vector<const point*> found;
  if (!inputs.empty()) {
    std::set<point_id> ids;
    for (const auto& list : inputs)
      for (const auto& hit : list)
        ids.insert(hit.id);
    for (const auto& id : ids)
      found.push_back(&points_.at(id));
    return found;
  }
  for (const auto& [id, one] : points_) {
    const auto has = [&, at = &one](std::string_view name) {
      return find_vector(at->vectors, name) != nullptr;
    };
    const auto passes = std::all_of(all.begin(), all.end(), [&, at = &one](const auto& filter) {
      return payload::matches(filter, at->id, at->payload, has);
    });
    if (passes && !excluded_.contains(id))
      found.push_back(&one);
  }
  return found;
}

reference_evaluator::hits reference_evaluator::rank(const query_part& of, const filters& all,
                                                    const std::vector<hits>& inputs) const {
  hits found;
  for (const auto* at : candidates(all, inputs)) {
    const auto* order = of.query ? std::get_if<order_by_query>(&*of.query) : nullptr;
    const auto* formula = of.query ? std::get_if<formula_query>(&*of.query) : nullptr;
    if (order) {
      const auto whole = schema_.fields.at(order->order.key).type == field_type::integer;
      for (const auto& value : numbers_at(*at, order->order.key, whole)) {
        const auto& start = order->order.start_from;
        if (!start
            || (order->order.descending ? number(value) <= number(*start)
                                        : number(value) >= number(*start)))
          found.push_back({at->id, 1, value});
      }
    } else if (formula) {
      const auto score =
          static_cast<float>(formula_value(formula->by.score, formula->by, *at, inputs));
      if (!of.score_threshold || score >= *of.score_threshold)
        found.push_back({at->id, score});
    } else if (!of.query || std::holds_alternative<sample_query>(*of.query)) {
      found.push_back({at->id, 1});
    } else if (const auto score = this->score(*of.query, of, *at)) {
      if (!of.score_threshold
          || (ascending(of) ? *score < *of.score_threshold : *score > *of.score_threshold))
        found.push_back({at->id, *score});
    }
  }
  const auto* sample = of.query ? std::get_if<sample_query>(&*of.query) : nullptr;
  const auto* order = of.query ? std::get_if<order_by_query>(&*of.query) : nullptr;
  const auto down = order != nullptr && order->order.descending;
  std::sort(found.begin(), found.end(), [&](const reference_hit& a, const reference_hit& b) {
    if (sample)
      return shard::chance_of(sample->seed, a.id) < shard::chance_of(sample->seed, b.id);
    if (order) {
      const auto& first = down ? b : a;
      const auto& second = down ? a : b;
      return std::pair{number(*first.order), first.id}
             < std::pair{number(*second.order), second.id};
    }
    if (a.score != b.score)
      return ascending(of) ? a.score < b.score : a.score > b.score;
    return a.id < b.id;
  });
  return found;
}

reference_evaluator::hits reference_evaluator::fuse(const fusion_query& by,
                                                    const std::vector<hits>& inputs,
                                                    const std::vector<bool>& upside_down) const {
  std::map<point_id, float> sums;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto& list = inputs[i];
    const auto scores = normalised(list, upside_down[i]);
    // Of scores next to each other float32 gives what its order of steps gives: Welford's.
    float mean = 0;
    float squares = 0;
    for (std::size_t j = 0; j < list.size(); ++j) {
      const auto before = list[j].score - mean;
      mean += before / static_cast<float>(j + 1);
      squares += before * (list[j].score - mean);
    }
    const auto deviation = std::sqrt(squares / (static_cast<float>(list.size()) - 1));
    const auto spread = spread_of(scores);
    for (std::size_t j = 0; j < list.size(); ++j) {
      const auto raw = upside_down[i] ? -list[j].score : list[j].score;
      float added = 0;
      if (const auto* rrf = std::get_if<rrf_fusion>(&by.by)) {
        const auto weight = rrf->weights ? (*rrf->weights)[i] : 1.0f;
        added =
            weight > 0
                ? 1.0f / (static_cast<float>(j + 1) / weight + static_cast<float>(rrf->k) - 1.0f)
                : 0;
      } else if (std::holds_alternative<dbsf_fusion>(by.by)) {
        added = list.size() < 2 || mean - 3 * deviation == mean + 3 * deviation
                    ? 0.5f
                    : (list[j].score - (mean - 3 * deviation))
                          / (mean + 3 * deviation - (mean - 3 * deviation));
      } else if (const auto* linear = std::get_if<linear_fusion>(&by.by)) {
        added = linear->weights[i] * raw;
      } else if (const auto* plain = std::get_if<normalised_fusion>(&by.by)) {
        added = scores[j] * (plain->weights ? (*plain->weights)[i] : 1.0f);
      } else if (const auto* learned = std::get_if<learned_fusion>(&by.by)) {
        added = scores[j] * learned->weights[i];
      } else {
        added = scores[j] * spread;
      }
      sums[list[j].id] += added;
    }
  }
  hits found;
  for (const auto& [id, sum] : sums) {
    const auto* learned = std::get_if<learned_fusion>(&by.by);
    found.push_back({id, learned ? 1.0f / (1.0f + std::exp(-(sum + learned->bias))) : sum});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  return found;
}

reference_evaluator::hits reference_evaluator::diversify(const nearest_query& by,
                                                         const query_part& of, hits left) const {
  const auto lambda = 1.0f - by.mmr->diversity;
  const auto target = vector_of(by.target, of.vector_name, true);
  const auto own = [&](const reference_hit& hit) -> const dense_vector& {
    return *stored(points_.at(hit.id), of.vector_name);
  };
  hits chosen;
  while (!left.empty()) {
    std::size_t best = 0;
    auto most = -std::numeric_limits<float>::infinity();
    for (std::size_t i = 0; i < left.size(); ++i) {
      auto value = similarity(target, own(left[i]), of.vector_name);
      if (!chosen.empty()) {
        auto alike = -std::numeric_limits<float>::infinity();
        for (const auto& other : chosen)
          alike = std::max(alike, similarity(own(other), own(left[i]), of.vector_name));
        value = lambda * value - (1.0f - lambda) * alike;
      }
      if (value > most) {
        most = value;
        best = i;
      }
    }
    chosen.push_back(left[best]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return chosen;
}

reference_evaluator::hits reference_evaluator::part(const query_part& of, filters above,
                                                    std::size_t limit) const {
  if (of.filter)
    above.push_back(*of.filter);
  std::vector<hits> inputs;
  std::vector<bool> upside_down;
  for (const auto& inner : of.prefetches) {
    inputs.push_back(part(inner, above, inner.limit));
    const auto is_fused = inner.query && std::holds_alternative<fusion_query>(*inner.query);
    const auto* near = inner.query ? std::get_if<nearest_query>(&*inner.query) : nullptr;
    upside_down.push_back(!is_fused && !(near && near->mmr) && ascending(inner));
  }
  hits found;
  const auto* fusion = of.query ? std::get_if<fusion_query>(&*of.query) : nullptr;
  const auto* nearest = of.query ? std::get_if<nearest_query>(&*of.query) : nullptr;
  if (fusion) {
    found = fuse(*fusion, fusion->rescore ? rescored(of.prefetches, inputs) : inputs, upside_down);
    if (of.score_threshold)
      std::erase_if(found, [&](const auto& hit) { return hit.score < *of.score_threshold; });
  } else {
    found = rank(of, above, inputs);
    if (nearest && nearest->mmr) {
      const auto most = nearest->mmr->candidates_limit.value_or(of.limit);
      if (found.size() > most)
        found.resize(most);
      found = diversify(*nearest, of, std::move(found));
    }
  }
  if (found.size() > limit)
    found.resize(limit);
  return found;
}

std::vector<reference_hit> reference_evaluator::query(const query_request& asked) const {
  excluded_.clear();
  collect_ids(asked, excluded_);
  const auto sample =
      asked.query && std::holds_alternative<sample_query>(*asked.query) && asked.prefetches.empty();
  const auto offset = sample ? 0 : asked.offset;
  auto found = part(asked, {}, asked.limit + offset);
  found.erase(found.begin(),
              found.begin() + static_cast<std::ptrdiff_t>(std::min(offset, found.size())));
  return found;
}

std::vector<std::pair<payload::value, std::vector<reference_hit>>>
reference_evaluator::groups(const query_groups_request& asked) const {
  excluded_.clear();
  collect_ids(asked.query, excluded_);
  auto whole = asked.query;
  whole.limit *= asked.group_size;
  for (auto& inner : whole.prefetches) {
    inner.limit *= asked.group_size;
    for (auto& deeper : inner.prefetches)
      deeper.limit *= asked.group_size;
  }
  std::vector<std::pair<payload::value, hits>> found;
  for (const auto& hit : part(whole, {}, std::numeric_limits<std::size_t>::max())) {
    const auto* at = points_.at(hit.id).payload.find(asked.group_by);
    if (at == nullptr)
      continue;
    auto values = at->as_array() ? *at->as_array() : payload::array{*at};
    std::vector<payload::value> keys;
    for (const auto& value : values)
      if (value.as_int() || value.as_string())
        keys.push_back(value);
    std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      if ((a.as_int() == nullptr) != (b.as_int() == nullptr))
        return a.as_int() != nullptr;
      return a.as_int() ? *a.as_int() < *b.as_int() : *a.as_string() < *b.as_string();
    });
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    for (const auto& key : keys) {
      auto group = std::find_if(found.begin(), found.end(),
                                [&](const auto& one) { return one.first == key; });
      if (group == found.end()) {
        if (found.size() == asked.query.limit)
          continue;
        group = found.insert(found.end(), {key, {}});
      }
      if (group->second.size() < asked.group_size)
        group->second.push_back(hit);
    }
  }
  return found;
}

} // namespace grape::test
