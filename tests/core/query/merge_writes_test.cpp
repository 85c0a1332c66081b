#include "core/query/merge_writes.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace grape;

namespace {

using parts = std::vector<outcome<write_receipt>>;

outcome<write_receipt> done(std::uint64_t index, write_progress progress) {
  return write_receipt{index, progress, 0};
}

outcome<write_receipt> failed(errc code) {
  return status{code, "x"};
}

} // namespace

TEST_SUITE("core.query.merge_writes") {
  TEST_CASE("a batch is as far as its slowest part, and numbered by its highest") {
    const auto whole = query::merge(parts{done(3, write_progress::completed),
                                          done(9, write_progress::wait_timeout),
                                          done(5, write_progress::acknowledged)});

    REQUIRE(whole.ok());
    CHECK(whole->operation_id == 9);
    CHECK(whole->progress == write_progress::wait_timeout);
  }

  TEST_CASE("so many copies as all parts that waited for them have") {
    const auto told = [](std::uint32_t first, std::uint32_t second, write_progress progress) {
      return query::merge(parts{write_receipt{1, write_progress::wait_timeout, first},
                                write_receipt{2, progress, second}})
          ->copies;
    };
    CHECK(told(3, 2, write_progress::wait_timeout) == 2);
    CHECK(told(2, 3, write_progress::wait_timeout) == 2);
    CHECK(told(2, 0, write_progress::acknowledged) == 2);
  }

  TEST_CASE("refused by all is surely not applied") {
    CHECK(query::merge(parts{failed(errc::overloaded), failed(errc::unavailable)}).error().code
          == errc::overloaded);
  }

  TEST_CASE("applied by some is unknown, whatever the others say") {
    for (const auto code : {errc::overloaded, errc::unavailable, errc::commit_unknown})
      CHECK(query::merge(parts{done(1, write_progress::completed), failed(code)}).error().code
            == errc::commit_unknown);
  }

  TEST_CASE("where the disks of some are full, that is the reason, and what others did is told") {
    const auto told =
        query::merge(parts{done(1, write_progress::completed), failed(errc::no_space)}).error();
    CHECK(told.code == errc::no_space);
    CHECK(told.detail.starts_with("some shards may have applied their part of the batch"));
    CHECK(query::merge(parts{done(1, write_progress::completed), failed(errc::no_space),
                             failed(errc::unavailable)})
              .error()
              .code
          == errc::commit_unknown);
  }

  TEST_CASE("unknown for one is unknown for all") {
    CHECK(query::merge(parts{failed(errc::overloaded), failed(errc::commit_unknown)}).error().code
          == errc::commit_unknown);
  }

  TEST_CASE("stale parts ask for another try") {
    CHECK(query::merge(parts{done(1, write_progress::completed), failed(errc::stale_route)})
            .error()
            .code
          == errc::stale_route);
  }
}
