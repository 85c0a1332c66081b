#include "core/request/order_less.hpp"

#include <doctest/doctest.h>

using namespace grape;

TEST_SUITE("core.request.order_less") {
  TEST_CASE("integers are compared exactly, anything else as floats") {
    const order_value large{std::int64_t{9'007'199'254'740'992}};
    const order_value larger{std::int64_t{9'007'199'254'740'993}}; // The same as a double.

    CHECK(is_less(large, larger));
    CHECK_FALSE(is_less(larger, large));
    CHECK_FALSE(is_less(large, large));
    CHECK(is_less(order_value{1.5}, order_value{std::int64_t{2}}));
    CHECK(is_less(order_value{std::int64_t{1}}, order_value{1.5}));
    CHECK_FALSE(is_less(order_value{2.0}, order_value{std::int64_t{2}}));
    CHECK_FALSE(is_less(order_value{std::int64_t{2}}, order_value{2.0}));
  }
}
