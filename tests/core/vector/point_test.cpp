#include "core/vector/point.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace grape;

TEST_SUITE("core.vector.point") {
  TEST_CASE("a uuid is accepted in every textual form and printed in one") {
    const std::string canonical = "8594ff5d-265f-4785-a9f5-b3b4b9665506";

    for (const auto* form : {"8594ff5d-265f-4785-a9f5-b3b4b9665506",
                             "8594FF5D265F4785A9F5B3B4B9665506",
                             "urn:uuid:8594ff5d-265f-4785-a9f5-b3b4b9665506",
                             "{8594ff5d-265f-4785-a9f5-b3b4b9665506}"}) {
      CAPTURE(form);
      const auto id = point_id::parse_uuid(form);
      REQUIRE(id.ok());
      CHECK(id->text() == canonical);
    }
  }

  TEST_CASE("anything else is refused with the text clients know") {
    for (const auto* form : {"", "abc", "8594ff5d-265f-4785-a9f5-b3b4b966550", "-5", "5",
                             "8594ff5d+265f-4785-a9f5-b3b4b9665506",
                             "{8594ff5d265f4785a9f5b3b4b9665506}"}) {
      CAPTURE(form);
      const auto id = point_id::parse_uuid(form);
      REQUIRE_FALSE(id.ok());
      CHECK(id.error().code == errc::malformed);
      CHECK(id.error().detail
            == "value \"" + std::string(form)
                 + "\" is not a valid point ID, valid values are either an unsigned integer or a"
                   " UUID");
    }
  }

  TEST_CASE("numbers sort before uuids, and the largest number survives") {
    const point_id largest{std::numeric_limits<std::uint64_t>::max()};
    const point_id zero_uuid{uuid{}};

    CHECK(point_id{3} < point_id{20});
    CHECK(largest < zero_uuid);
    CHECK(largest.text() == "18446744073709551615");
  }
}
