#pragma once

#include "core/request/read.hpp"
#include "net/http/decoding.hpp"

#include <optional>
#include <string_view>

/// Parts of the universal query that its elder sisters have as well.
namespace grape::http {

search_params read_params(const node& of);

std::optional<lookup_location> read_lookup(const node& of);

/// `group_by` and `with_lookup`.
void read_grouping(const node& of, query_groups_request& into);

/// `{"searches": [...]}`, each read by `read_one` with `prefix` in its validation paths.
query_batch_request read_searches(const node& of, std::string_view prefix,
                                  query_request (*read_one)(const node&));

} // namespace grape::http
