#include "core/request/strict_mode.hpp"

#include "core/request/strict_checks.hpp"
#include "core/request/unindexed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace grape {

using namespace strict;

namespace {

using whole_limit = std::optional<std::uint64_t> strict_limits::*;

constexpr std::pair<std::string_view, whole_limit> whole_limits[] = {
    {"max_query_limit", &strict_limits::max_query_limit},
    {"max_timeout", &strict_limits::max_timeout_s},
    {"search_max_hnsw_ef", &strict_limits::search_max_hnsw_ef},
    {"upsert_max_batchsize", &strict_limits::upsert_max_batchsize},
    {"search_max_batchsize", &strict_limits::search_max_batchsize},
    {"max_collection_vector_size_bytes", &strict_limits::max_vector_bytes},
    {"max_collection_payload_size_bytes", &strict_limits::max_payload_bytes},
    {"max_points_count", &strict_limits::max_points},
    {"read_rate_limit", &strict_limits::reads_per_minute},
    {"write_rate_limit", &strict_limits::writes_per_minute},
    {"filter_max_conditions", &strict_limits::filter_max_conditions},
    {"condition_max_size", &strict_limits::condition_max_size},
    {"max_payload_index_count", &strict_limits::max_payload_indexes},
};

std::optional<std::uint64_t> whole_of(const payload::value* from) {
  if (from == nullptr)
    return {};
  if (const auto* big = from->as_big())
    return *big;
  const auto* small = from->as_int();
  return small != nullptr && *small >= 0 ? std::optional{static_cast<std::uint64_t>(*small)}
                                         : std::nullopt;
}

/// The member `key` of the rule for a vector of this name, if there is one.
std::optional<std::uint64_t> limit_of(const payload::object& rules, const std::string& name,
                                      std::string_view key) {
  const auto* rule = rules.find(name);
  const auto* inside = rule != nullptr ? rule->as_object() : nullptr;
  return inside != nullptr ? whole_of(inside->find(key)) : std::nullopt;
}

/// What vectors of one point may hold.
status check_vectors(const strict_limits& limits, const named_vectors& vectors) {
  for (const auto& [name, value] : vectors) {
    if (const auto* sparse = std::get_if<sparse_vector>(&value)) {
      const auto most = limit_of(limits.indices_per_sparse, name, "max_length");
      if (most && sparse->indices.size() > *most)
        return {errc::bad_request, "Sparse vector '" + name + "' has a limit of " + shown(*most)
                                       + " indices, but " + shown(sparse->indices.size())
                                       + " were provided!"};
    }
    if (const auto* rows = std::get_if<multi_vector>(&value)) {
      const auto most = limit_of(limits.rows_per_multivector, name, "max_vectors");
      if (most && rows->rows() > *most)
        return {errc::bad_request, "Multivector '" + name + "' has a limit of " + shown(*most)
                                       + " vectors, but " + shown(rows->rows())
                                       + " were provided!"};
    }
  }
  return {};
}

template <class Points>
status check_points(const strict_limits& limits, const Points& points, const std::string& name) {
  if (auto few = check_most(points.size(), limits.upsert_max_batchsize, name); !few.ok())
    return few;
  for (const auto& one : points)
    if (auto fits = check_vectors(limits, one.vectors); !fits.ok())
      return fits;
  return {};
}

struct operation_check {
  const strict_limits& limits;
  const collection_schema& schema;

  status operator()(const upsert_points& operation) const {
    return check_points(limits, operation.points, "upsert limit");
  }

  status operator()(const update_vectors& operation) const {
    return check_points(limits, operation.points, "update limit");
  }

  template <class Selecting>
  status operator()(const Selecting& operation) const {
    const auto* filter = std::get_if<payload::filter>(&operation.points);
    return filter != nullptr ? check_filter(limits, schema, *filter, limits.unindexed_updates)
                             : status{};
  }
};

status full(const char* what, std::uint64_t bytes) {
  std::array<char, 32> text{};
  const auto megabytes = static_cast<float>(bytes) / (1'024.0F * 1'024.0F);
  const auto end = std::to_chars(text.data(), text.data() + text.size(), megabytes).ptr;
  return {errc::bad_request, std::string("Max ") + what + " storage size limit of "
                                 + std::string(text.data(), end) + "MB reached!"};
}

} // namespace

std::optional<strict_limits> strict_limits_of(const collection_options& options) {
  const auto* given = options.strict_mode ? options.strict_mode->as_object() : nullptr;
  const auto* enabled = given != nullptr ? given->find("enabled") : nullptr;
  if (enabled == nullptr || *enabled != payload::value{true})
    return {};
  strict_limits limits;
  for (const auto& [name, limit] : whole_limits)
    limits.*limit = whole_of(given->find(name));
  const auto* oversampling = given->find("search_max_oversampling");
  if (oversampling != nullptr && oversampling->is_number())
    limits.search_max_oversampling = oversampling->number();
  const auto allowed = [given](std::string_view name) {
    const auto* found = given->find(name);
    return found == nullptr || *found != payload::value{false};
  };
  limits.unindexed_reads = allowed("unindexed_filtering_retrieve");
  limits.unindexed_updates = allowed("unindexed_filtering_update");
  limits.exact_searches = allowed("search_allow_exact");
  const auto by_vector = [given](std::string_view name) {
    const auto* found = given->find(name);
    const auto* object = found != nullptr ? found->as_object() : nullptr;
    return object != nullptr ? *object : payload::object{};
  };
  limits.rows_per_multivector = by_vector("multivector_config");
  limits.indices_per_sparse = by_vector("sparse_config");
  return limits;
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const std::vector<write_operation>& operations) {
  for (const auto& one : operations)
    if (auto fits = std::visit(operation_check{limits, schema}, one); !fits.ok())
      return fits;
  return {};
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const create_field_index_request& asked) {
  if (!limits.max_payload_indexes || schema.fields.contains(asked.field)
      || schema.fields.size() < *limits.max_payload_indexes)
    return {};
  return refused("Collection already has the maximum number of payload indices ("
                     + shown(*limits.max_payload_indexes) + ")",
                 "Please delete an existing index before creating a new one.");
}

status check_sizes(const strict_limits& limits, const stored_sizes& sizes,
                   const std::vector<write_operation>& operations) {
  const auto any = [&operations](auto is) {
    return std::any_of(operations.begin(), operations.end(), is);
  };
  const auto adds_points = any([](const write_operation& one) {
    return std::holds_alternative<upsert_points>(one)
           || std::holds_alternative<update_vectors>(one);
  });
  const auto adds_payload = adds_points || any([](const write_operation& one) {
                              return std::holds_alternative<set_payload>(one);
                            });
  if (adds_points && limits.max_vector_bytes && sizes.vector_bytes >= *limits.max_vector_bytes)
    return full("vector", *limits.max_vector_bytes);
  if (adds_payload && limits.max_payload_bytes && sizes.payload_bytes >= *limits.max_payload_bytes)
    return full("payload", *limits.max_payload_bytes);
  if (adds_points && limits.max_points && sizes.points >= *limits.max_points)
    return {errc::bad_request,
            "Max points count limit of " + shown(*limits.max_points) + " reached!"};
  return {};
}

} // namespace grape
