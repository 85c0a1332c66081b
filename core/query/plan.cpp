#include "core/query/plan.hpp"

#include "core/query/resolve.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace grape::query {

namespace {

/// Both must hold; absent ones hold always.
std::optional<payload::filter> both(const std::optional<payload::filter>& a,
                                    const std::optional<payload::filter>& b) {
  if (!a || !b)
    return a ? a : b;
  payload::filter joined;
  joined.must.push_back({*a});
  joined.must.push_back({*b});
  return joined;
}

std::size_t depth_of(const query_part& part) {
  std::size_t deepest = 0;
  for (const auto& inner : part.prefetches)
    deepest = std::max(deepest, 1 + depth_of(inner));
  return deepest;
}

template <class Kind>
bool asks_for(const query_part& part) {
  return part.query && std::holds_alternative<Kind>(*part.query);
}

/// What may not be combined. The texts are those that Qdrant's clients know.
status check(const query_part& part) {
  if (!part.prefetches.empty() && !part.query)
    return {errc::bad_request, "A query is needed to merge the prefetches. Can't have prefetches"
                               " without defining a query."};
  if (part.score_threshold && asks_for<order_by_query>(part))
    return {errc::bad_request, "Can't use score_threshold with an order_by query."};
  if (part.score_threshold && !part.query)
    return {errc::bad_request, "A query is needed to use the score_threshold. Can't have"
                               " score_threshold without defining a query."};
  if (asks_for<fusion_query>(part) && !part.vector_name.empty())
    return {errc::bad_request,
            "Fusion queries cannot be combined with the 'using' field."};
  if (part.prefetches.empty() && asks_for<fusion_query>(part))
    return {errc::wrong_input, "Validation failed: cannot apply Fusion without prefetches"};
  if (part.prefetches.empty() && asks_for<formula_query>(part))
    return {errc::wrong_input, "Validation failed: cannot apply Formula without prefetches"};
  for (const auto& inner : part.prefetches)
    if (auto checked = check(inner); !checked.ok())
      return checked;
  return {};
}

/// Whether a ranking gives each point a score of its own, whatever found it.
struct scoring {
  bool operator()(const shard::rank_by_id&) const { return false; }
  bool operator()(const shard::rank_by_value&) const { return false; }
  bool operator()(const shard::rank_by_chance&) const { return false; }
  bool operator()(const shard::rank_by_formula&) const { return false; }

  template <class ByVectors>
  bool operator()(const ByVectors&) const {
    return true;
  }
};

bool scores_any_point(const shard::ranking& by) {
  return std::visit(scoring{}, by);
}

class planner {
public:
  planner(const query_request& request, const plan_context& known)
    : request_(request)
    , known_(known) {
  }

  outcome<query_plan> run() {
    if (const auto depth = depth_of(request_); depth > prefetch_depth_max)
      return status{errc::wrong_input, "Validation failed: prefetches depth "
                                         + std::to_string(depth) + " exceeds max depth "
                                         + std::to_string(prefetch_depth_max)};
    if (auto checked = check(request_); !checked.ok())
      return checked;
    each_part(request_, [this](const query_part& part) {
      if (known_.looks_elsewhere(part))
        return;
      const auto ids = referenced_ids(part);
      excluded_.insert(excluded_.end(), ids.begin(), ids.end());
    });
    std::sort(excluded_.begin(), excluded_.end());
    excluded_.erase(std::unique(excluded_.begin(), excluded_.end()), excluded_.end());
    const auto is_sample = asks_for<sample_query>(request_) && request_.prefetches.empty();
    plan_.offset = is_sample ? 0 : request_.offset; // What is skipped is as random as the rest.
    plan_.limit = request_.limit;
    plan_.with_payload = request_.with_payload;
    plan_.with_vectors = request_.with_vectors;
    const auto most = std::numeric_limits<std::uint64_t>::max();
    const auto owed = request_.limit + std::min(plan_.offset, most - request_.limit);
    if (auto added = add(request_, {}, 0, owed); !added.ok())
      return added;
    if (auto* last = std::get_if<ask_stage>(&plan_.stages.back().work)) {
      last->wanted.with_payload = request_.with_payload;
      last->wanted.with_vectors = request_.with_vectors;
    }
    return std::move(plan_);
  }

private:
  /// Adds the stages of a part, its own last.
  status add(const query_part& part, const std::optional<payload::filter>& above,
             std::uint32_t depth, std::uint64_t owed) {
    const auto filter = both(above, part.filter);
    stage made;
    made.depth = depth;
    for (const auto& inner : part.prefetches) {
      if (auto added = add(inner, filter, depth + 1, inner.limit); !added.ok())
        return added;
      made.inputs.push_back(plan_.stages.size() - 1);
    }
    made.what = part.query ? std::string(name_of(*part.query)) : "first by id";
    if (const auto* fusion = part.query ? std::get_if<fusion_query>(&*part.query) : nullptr) {
      if (fusion->rescore)
        if (auto added = add_rescoring(part, made); !added.ok())
          return added;
      made.work = fuse_stage{*fusion, owed, part.score_threshold, directions(made.inputs)};
      plan_.stages.push_back(std::move(made));
      return {};
    }
    return add_ranking(part, filter, owed, std::move(made));
  }

  /// The inputs of a fusion become what each of them makes of the hits of all.
  status add_rescoring(const query_part& part, stage& fusion) {
    const auto found = fusion.inputs;
    std::uint64_t most = 0;
    for (const auto& inner : part.prefetches)
      most += std::min(inner.limit, std::numeric_limits<std::uint64_t>::max() - most);
    for (auto& input : fusion.inputs) {
      const auto* first = std::get_if<ask_stage>(&plan_.stages[input].work);
      if (first == nullptr || !scores_any_point(first->wanted.by))
        return {errc::wrong_input,
                "Validation failed: rescore needs prefetches that score points by their vectors"};
      auto again = *first;
      again.wanted.filter.reset();
      again.wanted.excluded.clear();
      again.wanted.score_threshold.reset();
      again.wanted.k = most;
      plan_.stages.push_back(
          {found, std::move(again), fusion.depth + 1, plan_.stages[input].what + ", of all hits"});
      input = plan_.stages.size() - 1;
    }
    return {};
  }

  status add_ranking(const query_part& part, const std::optional<payload::filter>& filter,
                     std::uint64_t owed, stage made) {
    auto ranked = part.query ? rank_by(*part.query, part, known_)
                              : outcome<shard::ranking>{shard::rank_by_id{}};
    if (!ranked)
      return std::move(ranked).error();
    ask_stage asked;
    asked.wanted.by = std::move(*ranked);
    asked.wanted.vector_name = part.vector_name;
    if (made.inputs.empty()) { // Candidates passed the filter already.
      asked.wanted.filter = filter;
      asked.wanted.excluded = excluded_;
    }
    asked.wanted.params = part.params;
    asked.wanted.score_threshold = part.score_threshold;
    asked.wanted.k = owed;
    const auto* nearest = std::get_if<shard::rank_nearest>(&asked.wanted.by);
    const auto kind = nearest != nullptr ? metric_of(part) : metric::dot;
    asked.ascending = nearest != nullptr && !larger_is_better(kind);
    const auto* asked_for = part.query ? std::get_if<nearest_query>(&*part.query) : nullptr;
    if (asked_for == nullptr || !asked_for->mmr) {
      made.work = std::move(asked);
      plan_.stages.push_back(std::move(made));
      return {};
    }
    const auto& mmr = *asked_for->mmr;
    stage picked{{}, {}, made.depth, "maximal marginal relevance"};
    picked.work = diversify_stage{nearest->target, part.vector_name, kind, 1.0f - mmr.diversity,
                                  owed};
    asked.wanted.k = mmr.candidates_limit.value_or(part.limit);
    asked.wanted.with_vectors = {vector_selector::mode::named, {part.vector_name}};
    made.work = std::move(asked);
    plan_.stages.push_back(std::move(made));
    picked.inputs = {plan_.stages.size() - 1};
    plan_.stages.push_back(std::move(picked));
    return {};
  }

  metric metric_of(const query_part& part) const {
    const auto field = known_.schema.options.vectors.find(part.vector_name);
    return field == known_.schema.options.vectors.end() ? metric::dot : field->second.distance;
  }

  std::vector<bool> directions(const std::vector<std::size_t>& inputs) const {
    std::vector<bool> ascending;
    for (const auto input : inputs) {
      const auto* asked = std::get_if<ask_stage>(&plan_.stages[input].work);
      ascending.push_back(asked != nullptr && asked->ascending);
    }
    return ascending;
  }

  const query_request& request_;
  const plan_context& known_;
  std::vector<point_id> excluded_;
  query_plan plan_;
};

} // namespace

outcome<query_plan> plan(const query_request& request, const plan_context& known) {
  return planner{request, known}.run();
}

} // namespace grape::query
