#pragma once

#include "core/request/query.hpp"
#include "net/http/decoding.hpp"

#include <string_view>

namespace grape::http {

/// `query` of the universal query: a vector, an id, or an object with one of its kinds.
query_kind read_query_kind(const node& of);

/// `order_by`: a payload path, or `{"key", "direction", "start_from"}`.
order_by read_order_by(const node& of);

/// Lists of examples, as `positive` and `negative`; absent: none.
std::vector<vector_input> examples_field(const node& of, std::string_view key);

/// One pair, or a list of them; null: none.
std::vector<context_pair> read_context_pairs(const node& of);

/// "average_vector" unless `strategy` says otherwise.
recommend_strategy strategy_field(const node& of);

/// A seed that differs from call to call.
std::uint64_t fresh_seed();

} // namespace grape::http
