#pragma once

#include "core/payload/filter.hpp"
#include "net/http/decoding.hpp"

#include <optional>
#include <string_view>

namespace grape::http {

/// A filter object. Unknown members are malformed, unlike anywhere else.
payload::filter read_filter(const node& of);

/// One of the conditions that a filter's clauses hold.
payload::condition read_filter_condition(const node& of);

/// The filter in the optional member `key`. Beside `filter`, Grape takes one more, as SQL, in
/// `"grape": {"filter_sql": "..."}`; both must hold.
std::optional<payload::filter> filter_field(const node& of, std::string_view key = "filter");

} // namespace grape::http
