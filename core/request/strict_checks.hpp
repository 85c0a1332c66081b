#pragma once

#include "core/payload/filter.hpp"
#include "core/request/collection.hpp"
#include "core/request/strict_mode.hpp"
#include "core/status.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

/// What the checks of strict mode share.
namespace grape::strict {

std::string shown(std::uint64_t value);
std::string shown(double value);

/// bad_request: what is too much, and what would be right.
status refused(const std::string& what, const std::string& advice);

/// Refused if the value of the parameter `name` is above `most`; absent ones bound nothing.
status check_most(std::optional<std::uint64_t> value, std::optional<std::uint64_t> most,
                  const std::string& name);
status check_most(std::optional<double> value, std::optional<double> most, const std::string& name);

/// "Index required but not found for ...", with what would help.
status refuse_unindexed(const std::string& field, const std::set<std::string_view>& types,
                        const std::string& advice);

status check_filter(const strict_limits& limits, const collection_schema& schema,
                    const payload::filter& filter, bool unindexed_allowed);

/// The first of the checks that fails; each is made only if those before it passed.
template <class... Checks>
status first_failure(const Checks&... checks) {
  status verdict;
  (void)((verdict = checks(), verdict.ok()) && ...);
  return verdict;
}

} // namespace grape::strict
