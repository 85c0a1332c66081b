#include "core/shard/field_vectors.hpp"

#include "core/check.hpp"
#include "core/shard/view_state.hpp"

namespace grape::shard {

outcome<field_vectors> field_vectors::make(const view_state& of, const std::string& name) {
  const auto field = of.vectors.find(name);
  const auto settings = of.schema->options.vectors.find(name);
  if (field == of.vectors.end() || settings == of.schema->options.vectors.end())
    return status{errc::wrong_input, "Not existing vector name error: " + name};
  return field_vectors{of, name, settings->second.distance, settings->second.size};
}

field_vectors::field_vectors(const view_state& of, const std::string& name, metric kind,
                             std::size_t dimension)
  : state_(&of)
  , name_(name)
  , kind_(kind)
  , distance_(kind, dimension) {}

bool field_vectors::contains(slot of) const noexcept {
  return state_->vectors.find(name_)->second.contains(of);
}

std::size_t field_vectors::size() const noexcept {
  return state_->vectors.find(name_)->second.size();
}

status field_vectors::accepts(const vector_value& example) const {
  const auto* dense = std::get_if<dense_vector>(&example);
  if (dense == nullptr)
    return {errc::wrong_input, "Conversion between sparse and regular vectors failed"};
  if (dense->size() != distance_.dimension())
    return {errc::wrong_input,
            "Vector dimension error: expected dim: " + std::to_string(distance_.dimension())
                + ", got " + std::to_string(dense->size())};
  return {};
}

float field_vectors::similarity(slot of, const vector_value& example) const {
  const auto stored = state_->vectors.find(name_)->second.vector(of);
  GRAPE_CHECK(stored.has_value());
  return -distance_(std::get<dense_vector>(example).data(), stored->data());
}

outcome<std::vector<similar_slot>> field_vectors::nearest(const vector_value& example,
                                                          std::size_t k, const search_params& how,
                                                          const admitted_slots* admitted,
                                                          budget& left, std::string& plan) const {
  index::vector_search search;
  search.query = std::get<dense_vector>(example);
  search.k = std::min(k, size());
  search.ef = how.hnsw_ef;
  search.exact = how.exact;
  search.indexed_only = how.indexed_only;
  search.allowed = admitted ? &admitted->slots : nullptr;
  search.allowed_count = admitted ? admitted->count : 0;
  search.plan = &plan;
  const auto found = state_->vectors.find(name_)->second.search(search, left);
  if (!found)
    return found.error();
  std::vector<similar_slot> hits;
  hits.reserve(found->size());
  for (const auto& [distance, where] : *found)
    hits.push_back({where, -distance});
  return hits;
}

} // namespace grape::shard
