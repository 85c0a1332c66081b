#include "core/query/plan.hpp"

#include "core/request/validate.hpp"
#include "core/vector/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace grape::query {

namespace {

void collect(const vector_input& input, std::vector<point_id>& ids) {
  if (const auto* id = std::get_if<point_id>(&input))
    ids.push_back(*id);
}

outcome<dense_vector> resolve(const vector_input& input, const vector_field& field,
                              const vector_lookup& lookup) {
  dense_vector found;
  if (const auto* id = std::get_if<point_id>(&input)) {
    auto looked_up = lookup(*id);
    if (!looked_up)
      return looked_up;
    found = std::move(*looked_up);
  } else {
    const auto& given = std::get<vector_value>(input);
    const auto* dense = std::get_if<dense_vector>(&given);
    if (dense == nullptr)
      return status{errc::wrong_input, "Conversion between sparse and regular vectors failed"};
    found = *dense;
  }
  if (found.size() != field.size)
    return status{errc::wrong_input, "Vector dimension error: expected dim: "
                                       + std::to_string(field.size) + ", got "
                                       + std::to_string(found.size())};
  const auto is_finite = [](float component) { return std::isfinite(component); };
  if (!std::all_of(found.begin(), found.end(), is_finite))
    return status{errc::wrong_input, "the vector searched for has a component that is not a "
                                     "finite number"};
  if (field.distance == metric::cosine)
    normalise(found);
  return found;
}

/// The mean of the examples; needs at least one.
outcome<dense_vector> mean(const std::vector<vector_input>& examples, const vector_field& field,
                           const vector_lookup& lookup) {
  dense_vector sum(field.size);
  for (const auto& example : examples) {
    auto vector = resolve(example, field, lookup);
    if (!vector)
      return vector;
    for (std::size_t i = 0; i < sum.size(); ++i)
      sum[i] += (*vector)[i];
  }
  for (auto& component : sum)
    component /= static_cast<float>(examples.size());
  return sum;
}

outcome<dense_vector> target_of(const nearest_query& query, const vector_field& field,
                                const vector_lookup& lookup) {
  return resolve(query.target, field, lookup);
}

outcome<dense_vector> target_of(const recommend_query& query, const vector_field& field,
                                const vector_lookup& lookup) {
  auto target = mean(query.positive, field, lookup);
  if (!target || query.negative.empty())
    return target;
  const auto away = mean(query.negative, field, lookup);
  if (!away)
    return away;
  for (std::size_t i = 0; i < target->size(); ++i)
    (*target)[i] = 2 * (*target)[i] - (*away)[i];
  return target;
}

} // namespace

std::vector<point_id> referenced_ids(const query_request& request) {
  std::vector<point_id> ids;
  if (request.query) {
    if (const auto* nearest = std::get_if<nearest_query>(&*request.query))
      collect(nearest->target, ids);
    if (const auto* recommend = std::get_if<recommend_query>(&*request.query)) {
      for (const auto& example : recommend->positive)
        collect(example, ids);
      for (const auto& example : recommend->negative)
        collect(example, ids);
    }
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

outcome<shard::shard_query> plan(const query_request& request, const collection_schema& schema,
                                 const vector_lookup& lookup) {
  shard::shard_query wanted;
  wanted.vector_name = request.vector_name;
  wanted.filter = request.filter;
  wanted.params = request.params;
  wanted.score_threshold = request.score_threshold;
  wanted.k = request.limit + std::min(request.offset, UINT64_MAX - request.limit);
  wanted.with_payload = request.with_payload;
  wanted.with_vectors = request.with_vectors;
  if (!request.query)
    return wanted;
  const auto field = field_for_query(schema, request.vector_name);
  if (!field)
    return field.error();
  auto target = std::visit([&](const auto& query) { return target_of(query, **field, lookup); },
                           *request.query);
  if (!target)
    return std::move(target).error();
  if ((*field)->distance == metric::cosine)
    normalise(*target);
  wanted.target = std::move(*target);
  if (!request.lookup_from || request.lookup_from->collection == request.collection)
    wanted.excluded = referenced_ids(request);
  return wanted;
}

outcome<dense_vector> vector_of(const point_id& id, const record* found, std::string_view name) {
  if (found == nullptr)
    return status{errc::not_found, "No point with id " + id.text() + " found"};
  const auto* vector = found->vectors ? find_vector(*found->vectors, name) : nullptr;
  const auto* dense = vector ? std::get_if<dense_vector>(vector) : nullptr;
  if (dense == nullptr)
    return status{errc::not_found,
                  "Point " + id.text() + " has no vector `" + std::string(name) + "`"};
  return *dense;
}

bool ascending(const query_request& request, const collection_schema& schema) {
  if (!request.query)
    return false;
  const auto field = schema.options.vectors.find(request.vector_name);
  return field != schema.options.vectors.end() && !larger_is_better(field->second.distance);
}

std::vector<scored_record> merge(std::vector<shard::shard_hits> shards, bool ascending_scores,
                                 std::uint64_t offset, std::uint64_t limit) {
  std::vector<scored_record> all;
  for (auto& shard : shards)
    std::move(shard.hits.begin(), shard.hits.end(), std::back_inserter(all));
  // One shard's order stands as it is; several are merged with ties by id, so that an answer does
  // not depend on which shard was faster.
  if (shards.size() > 1)
    std::sort(all.begin(), all.end(), [=](const scored_record& a, const scored_record& b) {
      if (a.score != b.score)
        return ascending_scores ? a.score < b.score : a.score > b.score;
      return a.point.id < b.point.id;
    });
  if (offset >= all.size())
    return {};
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(offset));
  if (all.size() > limit)
    all.resize(limit);
  return all;
}

scroll_reply merge(std::vector<shard::shard_page> shards, std::uint64_t limit) {
  scroll_reply reply;
  for (auto& shard : shards) {
    std::move(shard.records.begin(), shard.records.end(), std::back_inserter(reply.points));
    if (shard.next && (!reply.next || *shard.next < *reply.next))
      reply.next = shard.next;
  }
  std::sort(reply.points.begin(), reply.points.end(),
            [](const record& a, const record& b) { return a.id < b.id; });
  if (reply.points.size() > limit) {
    const auto& first_left_out = reply.points[limit].id;
    if (!reply.next || first_left_out < *reply.next)
      reply.next = first_left_out;
    reply.points.resize(limit);
  }
  return reply;
}

std::vector<record> merge(std::vector<std::vector<record>> shards, std::span<const point_id> ids) {
  std::vector<record> all;
  for (auto& shard : shards)
    std::move(shard.begin(), shard.end(), std::back_inserter(all));
  std::sort(all.begin(), all.end(), [](const record& a, const record& b) { return a.id < b.id; });
  std::vector<record> in_order;
  std::vector<bool> given(all.size());
  for (const auto& id : ids) {
    const auto at = std::lower_bound(all.begin(), all.end(), id,
                                     [](const record& r, const point_id& i) { return r.id < i; });
    const auto place = static_cast<std::size_t>(at - all.begin());
    if (at == all.end() || at->id != id || given[place])
      continue;
    given[place] = true;
    in_order.push_back(std::move(*at));
    at->id = id; // A moved-from record must still be found by its id.
  }
  return in_order;
}

} // namespace grape::query
