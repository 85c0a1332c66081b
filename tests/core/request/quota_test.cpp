#include "core/request/quota.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

quota_config disk_below(std::uint8_t limit, std::optional<std::uint8_t> margin = {}) {
  return {true, {}, limit, margin};
}

quota_usage disk_at(std::uint8_t percent) {
  return {40, percent};
}

} // namespace

TEST_SUITE("core.request.quota") {
  TEST_CASE("a share is rounded down, is never above all, and of nothing is none") {
    CHECK_FALSE(percent_of(0, 0).has_value());
    CHECK(percent_of(0, 100) == std::uint8_t{0});
    CHECK(percent_of(999, 1'000) == std::uint8_t{99});
    CHECK(percent_of(200, 100) == std::uint8_t{100});
    CHECK(percent_of(UINT64_MAX / 2, UINT64_MAX) == std::uint8_t{50});
    CHECK(percent_of(UINT64_MAX, UINT64_MAX) == std::uint8_t{100});
  }

  TEST_CASE("what has reached its limit is refused until it has fallen a margin below") {
    quota_judge judge;
    CHECK(judge.judge(disk_below(90), disk_at(89)).ok());
    CHECK(judge.exceeded() == quota_exceeded{{}, false});

    const auto full = judge.judge(disk_below(90), disk_at(90));
    CHECK(full.code == errc::no_space);
    CHECK(full.detail
          == "Disk usage is at 90% of total capacity, exceeding the configured limit of 90%. Help:"
             " Reduce disk usage (e.g. delete points or drop collections), or raise"
             " `max_disk_usage_percent` in the global quota config.");
    CHECK(judge.exceeded().any());
    CHECK(judge.judge(disk_below(90), disk_at(85)).detail.starts_with(
        "Disk usage is at 85% of total capacity. It reached the configured limit of 90% and has to"
        " fall below 85% before this node takes writes again."));

    CHECK(judge.judge(disk_below(90), disk_at(84)).ok());
    CHECK(judge.judge(disk_below(90), disk_at(89)).ok());
  }

  TEST_CASE("the margin is as configured, and never more than the limit leaves") {
    quota_judge none;
    CHECK_FALSE(none.judge(disk_below(90, 0), disk_at(95)).ok());
    CHECK(none.judge(disk_below(90, 0), disk_at(89)).ok());
    quota_judge wide;
    CHECK_FALSE(wide.judge(disk_below(5, 50), disk_at(6)).ok());
    CHECK_FALSE(wide.judge(disk_below(5, 50), disk_at(1)).ok());
    CHECK(wide.judge(disk_below(5, 50), disk_at(0)).ok());
  }

  TEST_CASE("both resources are judged, and memory is named first") {
    quota_judge judge;
    const quota_config both{true, 30, 50, {}};
    CHECK(judge.judge(both, {40, 60}).detail.starts_with("Resident memory usage is at 40%"));
    CHECK(judge.exceeded() == quota_exceeded{true, true});
    CHECK(judge.judge(both, {{}, 60}).detail.starts_with("Disk usage"));
    CHECK(judge.exceeded() == quota_exceeded{{}, true});
  }

  TEST_CASE("a limit that is not enforced says nothing, and forgets") {
    quota_judge judge;
    CHECK_FALSE(judge.judge(disk_below(90), disk_at(95)).ok());
    auto off = disk_below(90);
    off.enabled = false;
    CHECK(judge.judge(off, disk_at(95)).ok());
    CHECK(judge.exceeded() == quota_exceeded{});
    CHECK(judge.judge(disk_below(90), disk_at(88)).ok());
    CHECK(judge.judge({true, {}, {}, {}}, disk_at(100)).ok());
  }
}
