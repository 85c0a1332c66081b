#include "core/shard/field_vectors.hpp"

#include "core/check.hpp"
#include "core/request/vector_form.hpp"
#include "core/shard/view_state.hpp"
#include "core/vector/similarity.hpp"

#include <algorithm>
#include <limits>

namespace grape::shard {

namespace {

std::vector<similar_slot> similar(const std::vector<index::scored_slot>& found) {
  std::vector<similar_slot> hits;
  hits.reserve(found.size());
  for (const auto& [distance, where] : found)
    hits.push_back({where, -distance});
  return hits;
}

/// What the searches of dense vectors and of multivectors have in common.
template <class Search>
Search search_for(std::size_t k, const search_params& how, const admitted_slots* admitted,
                  std::string& plan) {
  Search search;
  search.k = k;
  search.ef = how.hnsw_ef;
  search.exact = how.exact;
  search.indexed_only = how.indexed_only;
  search.codes = {how.ignore_codes, how.rescore.value_or(true), how.oversampling};
  search.allowed = admitted ? &admitted->slots : nullptr;
  search.allowed_count = admitted ? admitted->count : 0;
  search.plan = &plan;
  return search;
}

} // namespace

outcome<field_vectors> field_vectors::make(const view_state& of, const std::string& name) {
  if (const auto sparse = of.sparse.find(name); sparse != of.sparse.end())
    return field_vectors{of, name, &sparse->second};
  const auto settings = of.schema->options.vectors.find(name);
  if (settings == of.schema->options.vectors.end())
    return unknown_vector(name);
  const distance_function by{settings->second.distance, settings->second.size};
  if (const auto rows = of.multi.find(name); rows != of.multi.end())
    return field_vectors{of, name, multi_field{&rows->second, by}};
  const auto dense = of.vectors.find(name);
  if (dense == of.vectors.end())
    return unknown_vector(name);
  return field_vectors{of, name, dense_field{&dense->second, by}};
}

field_vectors::field_vectors(const view_state& of, const std::string& name, field_kind field)
  : state_(&of)
  , name_(name)
  , field_(field) {
}

metric field_vectors::kind() const noexcept {
  if (const auto* dense = std::get_if<dense_field>(&field_))
    return dense->by.kind();
  const auto* rows = std::get_if<multi_field>(&field_);
  return rows != nullptr ? rows->by.kind() : metric::dot;
}

bool field_vectors::contains(slot of) const noexcept {
  if (const auto* dense = std::get_if<dense_field>(&field_))
    return dense->view->contains(of);
  if (const auto* rows = std::get_if<multi_field>(&field_))
    return rows->view->contains(of);
  return std::get<const index::sparse_view*>(field_)->contains(of);
}

std::size_t field_vectors::size() const noexcept {
  if (const auto* dense = std::get_if<dense_field>(&field_))
    return dense->view->size();
  if (const auto* rows = std::get_if<multi_field>(&field_))
    return rows->view->size();
  return std::get<const index::sparse_view*>(field_)->size();
}

status field_vectors::accepts(const vector_value& example) const {
  if (auto fits = check_vector(example, name_, state_->schema->options); !fits.ok())
    return fits;
  if (std::holds_alternative<dense_vector>(example) && !std::holds_alternative<dense_field>(field_))
    return {errc::wrong_input, "a multivector is compared with rows"};
  return {};
}

float field_vectors::similarity(slot of, const vector_value& example) const {
  if (const auto* dense = std::get_if<dense_field>(&field_)) {
    std::vector<float> buffer;
    const auto stored = dense->view->vector(of, buffer);
    GRAPE_CHECK(stored.has_value());
    return -dense->by(std::get<dense_vector>(example).data(), stored->data());
  }
  if (const auto* rows = std::get_if<multi_field>(&field_)) {
    const auto stored = rows->view->vector(of);
    GRAPE_CHECK(stored.has_value());
    return -max_sim_distance(rows->by, std::get<multi_vector>(example), stored->values);
  }
  // Lists know who has an index, not what a point has: the store does.
  const auto stored = state_->reader.vectors(state_->id_of[of.value]);
  const auto* vector = stored ? find_vector(*stored, name_) : nullptr;
  const auto* sparse = vector ? std::get_if<sparse_vector>(vector) : nullptr;
  if (sparse == nullptr) // It cannot be read: whoever reads the record is told so.
    return -std::numeric_limits<float>::max();
  return sparse_product(std::get<sparse_vector>(example), *sparse).value_or(0.0f);
}

outcome<std::vector<similar_slot>> field_vectors::nearest(const vector_value& example,
                                                          std::size_t k, const search_params& how,
                                                          const admitted_slots* admitted,
                                                          budget& left, std::string& plan) const {
  const auto most = std::min(k, size());
  outcome<std::vector<index::scored_slot>> found = std::vector<index::scored_slot>{};
  if (const auto* dense = std::get_if<dense_field>(&field_)) {
    auto search = search_for<index::vector_search>(most, how, admitted, plan);
    search.query = std::get<dense_vector>(example);
    found = dense->view->search(search, left);
  } else if (const auto* rows = std::get_if<multi_field>(&field_)) {
    auto search = search_for<index::multi_search>(most, how, admitted, plan);
    search.query = &std::get<multi_vector>(example);
    found = rows->view->search(search, left);
  } else {
    found = std::get<const index::sparse_view*>(field_)->search(
      {&std::get<sparse_vector>(example), most, admitted ? &admitted->slots : nullptr, &plan},
      left);
  }
  if (!found)
    return found.error();
  return similar(*found);
}

} // namespace grape::shard
