#include "core/request/rate_limit.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>
#include <utility>
#include <vector>

using namespace grape;

TEST_SUITE("core.request.rate_limit") {
  TEST_CASE("a minute's tokens may be taken at once, then as they drip in") {
    rate_limit limit{10, 5'000};

    CHECK(limit.take(10, 5'000, "Write").ok());
    CHECK(limit.take(10, 5'000, "Write")
          == status{errc::rate_limited,
                    "Write rate limit exceeded: Operation requires 10 tokens but only 0.0 were"
                    " available. Retry after 60s"});
    CHECK_FALSE(limit.take(1, 10'999, "Write").ok());
    CHECK(limit.take(1, 11'000, "Write").ok());
    CHECK_FALSE(limit.take(1, 11'000, "Write").ok());
  }

  TEST_CASE("what a minute never brings is refused for good, and costs nothing") {
    rate_limit limit{10, 0};

    const auto told = limit.take(11, 0, "Read");

    CHECK(told.detail
          == "Read rate limit exceeded, request larger than rate limiter capacity, please try to"
             " split your request");
    CHECK(limit.take(10, 0, "Read").ok());
  }

  TEST_CASE("in any minute twice the limit passes at most, and what is asked later is let in") {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto per_minute = 1 + random() % 200;
      rate_limit limit{per_minute, 0};
      std::vector<std::pair<std::uint64_t, std::uint64_t>> passed;
      std::uint64_t now = 0;
      for (int i = 0; i < 500; ++i) {
        now += random() % 2'000;
        const auto tokens = 1 + random() % per_minute;
        if (limit.take(tokens, now, "Read").ok())
          passed.emplace_back(now, tokens);
        std::uint64_t within = 0;
        for (const auto& [at, took] : passed)
          within += at + 60'000 > now ? took : 0;
        CHECK(within <= 2 * per_minute);
      }
      CHECK(limit.take(per_minute, now + 60'000, "Read").ok());
    }
  }

  TEST_CASE("collections, reads and writes have buckets of their own; a new limit begins full") {
    using kind = rate_limits::kind;
    rate_limits rates;
    const collection_id one{1};

    CHECK(rates.take(one, kind::read, 1, 1, 0).ok());
    CHECK_FALSE(rates.take(one, kind::read, 1, 1, 0).ok());
    CHECK(rates.take(one, kind::write, 1, 1, 0).ok());
    CHECK(rates.take(collection_id{2}, kind::read, 1, 1, 0).ok());
    CHECK(rates.take(one, kind::read, 2, 2, 0).ok());
    const auto all = std::numeric_limits<std::uint64_t>::max();
    CHECK(rates.take(one, kind::write, all, 1'000'000, 0).ok());
    CHECK(rates.take(one, kind::write, all, 1'000'000, 0).ok());
    rates.keep_only([one](collection_id id) { return id == one; });
    CHECK(rates.size() == 2);
  }
}
