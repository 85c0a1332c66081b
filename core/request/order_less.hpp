#pragma once

#include "core/request/query.hpp"

#include <variant>

namespace grape {

/// Whether `a` comes before `b` in an ascending order: integers exactly, anything else as floats.
inline bool is_less(const order_value& a, const order_value& b) {
  const auto number_of = [](const order_value& value) {
    return std::visit([](auto number) { return static_cast<double>(number); }, value);
  };
  const auto* left = std::get_if<std::int64_t>(&a);
  const auto* right = std::get_if<std::int64_t>(&b);
  return left && right ? *left < *right : number_of(a) < number_of(b);
}

} // namespace grape
