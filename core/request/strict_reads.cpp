// What strict mode makes of reads.

#include "core/request/strict_checks.hpp"
#include "core/request/strict_mode.hpp"
#include "core/request/unindexed.hpp"

#include <limits>
#include <utility>

namespace grape {

using namespace strict;

namespace {

status check_exact(const strict_limits& limits, bool exact) {
  if (limits.exact_searches || !exact)
    return {};
  return refused("Exact search disabled!", "Set exact=false.");
}

status check_filter(const strict_limits& limits, const collection_schema& schema,
                    const std::optional<payload::filter>& filter) {
  return filter ? strict::check_filter(limits, schema, *filter, limits.unindexed_reads) : status{};
}

status check_timeout(const strict_limits& limits, const read_options& read) {
  if (!read.names_timeout)
    return {};
  return check_most(std::uint64_t{read.timeout_ms} / 1'000, limits.max_timeout_s, "timeout");
}

status check_limit(const strict_limits& limits, std::uint64_t limit, std::uint64_t times = 1) {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return check_most(limit > most / times ? most : limit * times, limits.max_query_limit, "limit");
}

/// How many links a point of the field's graph has; 0: there is no graph over all points.
std::uint32_t links_of(const collection_options& options, const vector_field& field) {
  constexpr std::uint32_t by_default = 16;
  return field.hnsw && field.hnsw->m ? *field.hnsw->m : options.hnsw.m.value_or(by_default);
}

/// Whether a query ranks points by vectors of a field.
bool ranks_by_vector(const query_kind& query) {
  return std::holds_alternative<nearest_query>(query)
         || std::holds_alternative<recommend_query>(query)
         || std::holds_alternative<discover_query>(query)
         || std::holds_alternative<context_query>(query)
         || std::holds_alternative<relevance_feedback_query>(query);
}

bool asks_for_tenant(const payload::filter& filter, const collection_schema& schema) {
  const auto any_tenant = [&schema](const std::vector<payload::condition>& clause) {
    for (const auto& one : clause) {
      const auto* field = std::get_if<payload::field_condition>(&one.test);
      const auto known = field ? schema.fields.find(field->key) : schema.fields.end();
      if (known == schema.fields.end() || !known->second.params)
        continue;
      const auto* tenant = known->second.params->find("is_tenant");
      if (tenant != nullptr && *tenant == payload::value{true})
        return true;
    }
    return false;
  };
  return any_tenant(filter.must) || any_tenant(filter.should) || any_tenant(filter.must_not)
         || (filter.at_least && any_tenant(filter.at_least->conditions));
}

/// Without a graph a search would look at every vector.
status check_full_scan(const strict_limits& limits, const collection_schema& schema,
                       const query_part& asked) {
  const auto field = schema.options.vectors.find(asked.vector_name);
  if (limits.exact_searches || !asked.query || !ranks_by_vector(*asked.query)
      || field == schema.options.vectors.end() || links_of(schema.options, field->second) > 0)
    return {};
  const auto& own = field->second.hnsw ? field->second.hnsw->echoed : schema.options.hnsw.echoed;
  const auto* of_tenants = own.find("payload_m");
  if (of_tenants == nullptr)
    of_tenants = schema.options.hnsw.echoed.find("payload_m");
  const auto on = asked.vector_name.empty() ? "" : " on '" + asked.vector_name + "'";
  if (!asked.filter || !asks_for_tenant(*asked.filter, schema))
    return refused("Request is forbidden" + on
                       + " because global vector indexing is disabled (hnsw_config.m = 0)",
                   "Use tenant-specific filter, enable global vector indexing or enable strict"
                   " mode `search_allow_exact` option");
  if (of_tenants != nullptr && *of_tenants != payload::value{std::int64_t{0}})
    return {};
  return refused("Request is forbidden" + on
                     + " because vector indexing is disabled (hnsw_config.m = 0 and"
                       " hnsw_config.payload_m = 0)",
                 "Enable vector indexing, use a prefetch query with indexed vectors or enable"
                 " strict mode `search_allow_exact` option");
}

status check_formula(const strict_limits& limits, const collection_schema& schema,
                     const query_part& asked) {
  const auto* formula = asked.query ? std::get_if<formula_query>(&*asked.query) : nullptr;
  if (limits.unindexed_reads || formula == nullptr)
    return {};
  const auto missing = first_unindexed(formula->by, schema.fields);
  return missing ? refuse_unindexed(
             missing->field, missing->types,
             "Create an index for this key or use a different formula expression.")
                 : status{};
}

status check_params(const strict_limits& limits, const collection_schema& schema,
                    const search_params& params) {
  using whole = std::optional<std::uint64_t>;
  return first_failure(
      [&] {
        return check_most(params.oversampling, limits.search_max_oversampling, "oversampling");
      },
      [&] {
        return check_most(params.hnsw_ef ? whole{*params.hnsw_ef} : whole{},
                          limits.search_max_hnsw_ef, "hnsw_ef");
      },
      [&] { return check_filter(limits, schema, params.idf ? params.idf->corpus : std::nullopt); },
      [&] { return check_exact(limits, params.exact); });
}

/// `times`: hits for each that the limit counts. A root that only ranks what prefetches found scans
/// nothing.
status check_part(const strict_limits& limits, const collection_schema& schema,
                  const query_part& asked, bool is_root, std::uint64_t times = 1) {
  for (const auto& one : asked.prefetches)
    if (auto fits = check_part(limits, schema, one, false); !fits.ok())
      return fits;
  return first_failure(
      [&] {
        return is_root && !asked.prefetches.empty() ? status{}
                                                    : check_full_scan(limits, schema, asked);
      },
      [&] { return check_formula(limits, schema, asked); },
      [&] { return check_limit(limits, asked.limit, times); },
      [&] { return check_filter(limits, schema, asked.filter); },
      [&] { return check_params(limits, schema, asked.params); });
}

/// As Qdrant names types here.
std::string kind_of(field_type type) {
  auto name = std::string(to_string(type));
  name.front() = static_cast<char>(name.front() - 'a' + 'A');
  return name;
}

status check_group_by(const strict_limits& limits, const collection_schema& schema,
                      const std::string& key) {
  if (limits.unindexed_reads)
    return {};
  const auto known = schema.fields.find(key);
  const auto* const advice = "Create an index supporting `match` for this key.";
  if (known == schema.fields.end())
    return refused("Index required but not found for \"" + key + "\"", advice);
  if (can_match(known->second))
    return {};
  return refused("Index of type \"" + kind_of(known->second.type) + "\" found for \"" + key + "\"",
                 advice);
}

} // namespace

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_part(limits, schema, asked, true); });
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
      verdict = check_part(limits, schema, one, true);
  return verdict;
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const query_groups_request& asked) {
  return first_failure(
      [&] { return check_timeout(limits, asked.read); },
      [&] { return check_group_by(limits, schema, asked.group_by); },
      [&] { return check_part(limits, schema, asked.query, true, asked.group_size); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const matrix_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_limit(limits, asked.limit, asked.sample); },
                       [&] { return check_filter(limits, schema, asked.filter); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const scroll_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_limit(limits, asked.limit); },
                       [&] { return check_filter(limits, schema, asked.filter); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const count_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_filter(limits, schema, asked.filter); },
                       [&] { return check_exact(limits, asked.exact); });
}

status check_strictly(const strict_limits& limits, const collection_schema& schema,
                      const facet_request& asked) {
  return first_failure([&] { return check_timeout(limits, asked.read); },
                       [&] { return check_limit(limits, asked.limit); },
                       [&] { return check_filter(limits, schema, asked.filter); });
}

status check_strictly(const strict_limits& limits, const collection_schema&,
                      const retrieve_request& asked) {
  return check_timeout(limits, asked.read);
}

} // namespace grape
