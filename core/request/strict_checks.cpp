#include "core/request/strict_checks.hpp"

#include "core/request/unindexed.hpp"

#include <array>
#include <charconv>

namespace grape::strict {

namespace {

template <class Number>
status check(std::optional<Number> value, std::optional<Number> most, const std::string& name) {
  if (!value || !most || *value <= *most)
    return {};
  return refused("Limit exceeded " + shown(*value) + " > " + shown(*most) + " for \"" + name + "\"",
                 "Reduce the \"" + name + "\" parameter to or below " + shown(*most) + ".");
}

} // namespace

std::string shown(std::uint64_t value) {
  return std::to_string(value);
}

std::string shown(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

status refused(const std::string& what, const std::string& advice) {
  return {errc::bad_request, what + ". Help: " + advice};
}

status check_most(std::optional<std::uint64_t> value, std::optional<std::uint64_t> most,
                  const std::string& name) {
  return check(value, most, name);
}

status check_most(std::optional<double> value, std::optional<double> most,
                  const std::string& name) {
  return check(value, most, name);
}

status refuse_unindexed(const std::string& field, const std::set<std::string_view>& types,
                        const std::string& advice) {
  std::string list;
  for (const auto type : types)
    list += (list.empty() ? "" : ", ") + std::string(type);
  return refused("Index required but not found for \"" + field
                     + "\" of one of the following types: [" + list + "]",
                 advice);
}

status check_filter(const strict_limits& limits, const collection_schema& schema,
                    const payload::filter& filter, bool unindexed_allowed) {
  if (!unindexed_allowed)
    if (const auto missing = first_unindexed(filter, schema.fields))
      return refuse_unindexed(missing->field, missing->types,
                              "Create an index for this key or use a different filter.");
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

} // namespace grape::strict
