#include "core/request/strict_mode.hpp"

#include "core/request/unindexed.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace grape {

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

status refused(std::string what, const std::string& advice) {
  return {errc::bad_request, std::move(what) + ". Help: " + advice};
}

std::string shown(std::uint64_t value) {
  return std::to_string(value);
}

status check_most(std::optional<std::uint64_t> value, std::optional<std::uint64_t> most,
                  const std::string& name) {
  if (!value || !most || *value <= *most)
    return {};
  return refused("Limit exceeded " + shown(*value) + " > " + shown(*most) + " for \"" + name + "\"",
                 "Reduce the \"" + name + "\" parameter to or below " + shown(*most) + ".");
}

status check_exact(const strict_limits& limits, bool exact) {
  if (limits.exact_searches || !exact)
    return {};
  return refused("Exact search disabled!", "Set exact=false.");
}

status check_filter(const strict_limits& limits, const collection_schema& schema,
                    const payload::filter& filter, bool unindexed_allowed) {
  if (!unindexed_allowed)
    if (const auto missing = first_unindexed(filter, schema.fields)) {
      std::string types;
      for (const auto type : missing->types)
        types += (types.empty() ? "" : ", ") + std::string(type);
      return refused("Index required but not found for \"" + missing->field
                         + "\" of one of the following types: [" + types + "]",
                     "Create an index for this key or use a different filter.");
    }
  const std::uint64_t count = payload::condition_count(filter);
  if (limits.filter_max_conditions && count > *limits.filter_max_conditions)
    return refused("Filter condition limit reached (" + shown(count) + " > "
                       + shown(*limits.filter_max_conditions) + ")",
                   "Reduce the amount of conditions of your filter.");
  const std::uint64_t size = payload::largest_condition(filter);
  if (limits.condition_max_size && size > *limits.condition_max_size)
    return refused("Condition size limit reached (" + shown(size) + " > "
                       + shown(*limits.condition_max_size) + ")",
                   "Reduce the size of your condition.");
  return {};
}

status check_filter(const strict_limits& limits, const collection_schema& schema,
                    const std::optional<payload::filter>& filter) {
  return filter ? check_filter(limits, schema, *filter, limits.unindexed_reads) : status{};
}

status check_timeout(const strict_limits& limits, const read_options& read) {
  if (!read.names_timeout)
    return {};
  return check_most(std::uint64_t{read.timeout_ms} / 1'000, limits.max_timeout_s, "timeout");
}

/// The first of the checks that fails; each is made only if those before it passed.
template <class... Checks>
status first_failure(const Checks&... checks) {
  status verdict;
  (void)((verdict = checks(), verdict.ok()) && ...);
  return verdict;
}

/// How many links a point of the field's graph has; 0: there is no graph over all points.
std::uint32_t links_of(const collection_options& options, const vector_field& field) {
  constexpr std::uint32_t by_default = 16;
  return field.hnsw && field.hnsw->m ? *field.hnsw->m : options.hnsw.m.value_or(by_default);
}

/// Without a graph a search would look at every vector.
status check_full_scan(const strict_limits& limits, const collection_schema& schema,
                       const query_request& asked) {
  const auto field = schema.options.vectors.find(asked.vector_name);
  if (limits.exact_searches || !asked.query || field == schema.options.vectors.end()
      || links_of(schema.options, field->second) > 0)
    return {};
  return refused("Request is forbidden"
                     + (asked.vector_name.empty() ? "" : " on '" + asked.vector_name + "'")
                     + " because global vector indexing is disabled (hnsw_config.m = 0)",
                 "Use tenant-specific filter, enable global vector indexing or enable strict mode"
                 " `search_allow_exact` option");
}

status check_query(const strict_limits& limits, const collection_schema& schema,
                   const query_request& asked) {
  using maybe = std::optional<std::uint64_t>;
  const auto& ef = asked.params.hnsw_ef;
  return first_failure(
      [&] { return check_full_scan(limits, schema, asked); },
      [&] { return check_most(asked.limit, limits.max_query_limit, "limit"); },
      [&] { return check_filter(limits, schema, asked.filter); },
      [&] { return check_exact(limits, asked.params.exact); },
      [&] { return check_most(ef ? maybe{*ef} : maybe{}, limits.search_max_hnsw_ef, "hnsw_ef"); });
}

/// What vectors of one point may hold.
status check_vectors(const strict_limits& limits, const named_vectors& vectors) {
  for (const auto& [name, value] : vectors) {
    const auto* sparse = std::get_if<sparse_vector>(&value);
    const auto* rule = sparse != nullptr ? limits.indices_per_sparse.find(name) : nullptr;
    const auto* inside = rule != nullptr ? rule->as_object() : nullptr;
    const auto most = inside != nullptr ? whole_of(inside->find("max_length")) : std::nullopt;
    if (most && sparse->indices.size() > *most)
      return {errc::bad_request, "Sparse vector '" + name + "' has a limit of " + shown(*most)
                                     + " indices, but " + std::to_string(sparse->indices.size())
                                     + " were provided!"};
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
                      const query_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_query(limits, schema, asked); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_batch_request& asked) {
  auto verdict = first_failure(
      [&] { return check_timeout(limits, asked.read); },
      [&] {
        return check_most(asked.queries.size(), limits.search_max_batchsize, "search batch size");
      });
  for (const auto& one : asked.queries)
    if (verdict.ok())
      verdict = check_query(limits, schema, one);
  return verdict;
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const scroll_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_most(asked.limit, limits.max_query_limit, "limit"); },
                       [&] { return check_filter(limits, schema, asked.filter); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const count_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_filter(limits, schema, asked.filter); },
                       [&] { return check_exact(limits, asked.exact); });
}

status check_strictly(const strict_limits& limits, const collection_schema&,
                      const retrieve_request& asked) {
  return check_timeout(limits, asked.read);
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
