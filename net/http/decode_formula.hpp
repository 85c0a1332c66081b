#pragma once

#include "core/request/query.hpp"
#include "net/http/decoding.hpp"

#include <optional>

namespace grape::http {

/// The members `formula` and `defaults` of a formula query.
formula read_formula(const node& of);

/// Where an order begins: an integer, a float or a datetime.
std::optional<order_value> read_start(const node& of);

} // namespace grape::http
