#include "core/link/pending.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using link::ticket;

namespace {

ticket begun(link::pending& table, std::uint64_t deadline_ms) {
  const auto request = table.begin(deadline_ms);
  REQUIRE(request.ok());
  return *request;
}

TEST_SUITE("core.link.pending") {
  TEST_CASE("an answer counts once, and only for whoever waits") {
    link::pending table{10};
    const auto first = begun(table, 100);
    const auto second = begun(table, 100);

    CHECK(first != second);
    CHECK(table.answered(first));
    CHECK_FALSE(table.answered(first));
    CHECK_FALSE(table.answered(ticket{99}));
    CHECK_FALSE(table.answered(ticket{}));
    CHECK(table.size() == 1);
  }

  TEST_CASE("who waited long enough is told once, the earliest first") {
    link::pending table{10};
    const auto late = begun(table, 300);
    const auto soon = begun(table, 100);
    const auto next = begun(table, 200);

    CHECK(table.wake_ms() == 100);
    CHECK(table.expired(99).empty());
    CHECK(table.expired(200) == std::vector{soon, next});
    CHECK(table.expired(200).empty());
    CHECK(table.wake_ms() == 300);
    CHECK_FALSE(table.answered(soon));
    CHECK(table.answered(late));
    CHECK_FALSE(table.wake_ms().has_value());
  }

  TEST_CASE("when the link dies everybody is told, and a late answer reaches nobody") {
    link::pending table{10};
    const auto first = begun(table, 100);
    const auto second = begun(table, 50);

    CHECK(table.closed() == std::vector{first, second});
    CHECK(table.closed().empty());
    CHECK(table.expired(1'000).empty());

    const auto third = begun(table, 100);
    CHECK(third > second);
    CHECK_FALSE(table.answered(first));
    CHECK(table.answered(third));
  }

  TEST_CASE("one more than may wait is refused, until one waits no longer") {
    link::pending table{2};
    const auto first = begun(table, 100);
    begun(table, 100);

    CHECK(table.begin(100).error()
          == status{errc::overloaded, "2 requests to this peer wait for their answers already; try "
                                      "again later"});
    CHECK(table.answered(first));
    begun(table, 100);
    CHECK(table.begin(100).error().code == errc::overloaded);
    table.expired(100);
    begun(table, 200);
  }

  TEST_CASE("whatever happens, each request ends once: like a twin that looks at all of them") {
    std::mt19937_64 random{17};
    link::pending table{50};
    std::map<ticket, std::uint64_t> twin;
    std::uint64_t now_ms = 0;
    ticket last;
    for (int i = 0; i < 50'000; ++i) {
      now_ms += random() % 3;
      if (const auto what = random() % 100; what < 55) {
        const auto deadline_ms = now_ms + 1 + random() % 60;
        const auto request = table.begin(deadline_ms);
        CHECK(request.ok() == (twin.size() < 50));
        if (request.ok())
          twin.emplace(last = *request, deadline_ms);
      } else if (what < 90) {
        const ticket request{last.value - std::min(last.value, random() % 60)};
        CHECK(table.answered(request) == (twin.erase(request) == 1));
      } else if (what < 99) {
        std::vector<ticket> late = table.expired(now_ms);
        for (const auto request : late)
          CHECK(twin.at(request) <= now_ms);
        CHECK(std::erase_if(twin, [&](auto& each) { return each.second <= now_ms; })
              == late.size());
      } else {
        CHECK(table.closed().size() == twin.size());
        twin.clear();
      }
      CHECK(table.size() == twin.size());
    }
  }
}

} // namespace
