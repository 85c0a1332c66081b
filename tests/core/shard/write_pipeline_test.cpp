#include "core/shard/write_pipeline.hpp"

#include <doctest/doctest.h>

using namespace grape;
using shard::write_pipeline;

TEST_SUITE("core.shard.write_pipeline") {
  TEST_CASE("batches get consecutive indexes after the end of the log") {
    write_pipeline line{log_index{7}, log_index{5}, schema_version{1}, {}};

    CHECK(*line.propose_points(schema_version{1}, 10) == log_index{8});
    CHECK(*line.propose_points(schema_version{1}, 10) == log_index{9});
    CHECK(line.entries_waiting() == 4);
  }

  TEST_CASE("a batch validated against another schema is refused as stale") {
    write_pipeline line{log_index{0}, log_index{0}, schema_version{2}, {}};

    CHECK(line.propose_points(schema_version{1}, 1).error().code == errc::stale_route);
    CHECK(line.propose_points(schema_version{3}, 1).error().code == errc::stale_route);
    CHECK(line.propose_points(schema_version{2}, 1).ok());
  }

  TEST_CASE("a schema holds from the moment it is proposed, and once is enough") {
    write_pipeline line{log_index{0}, log_index{0}, schema_version{1}, {}};

    CHECK(line.propose_schema(schema_version{2}, 50) == log_index{1});
    CHECK(line.propose_schema(schema_version{2}, 50) == log_index{0});

    CHECK(line.propose_points(schema_version{1}, 1).error().code == errc::stale_route);
    CHECK(*line.propose_points(schema_version{2}, 1) == log_index{2});
  }

  TEST_CASE("too many bytes or entries waiting are refused as overloaded until some are applied") {
    write_pipeline line{log_index{0}, log_index{0}, schema_version{1},
                        {.bytes_max = 100, .entries_max = 3}};

    REQUIRE(line.propose_points(schema_version{1}, 60).ok());
    CHECK(line.propose_points(schema_version{1}, 41).error().code == errc::overloaded);
    REQUIRE(line.propose_points(schema_version{1}, 40).ok());
    line.durable(log_index{2});
    line.applied(log_index{1});
    REQUIRE(line.propose_points(schema_version{1}, 1).ok());
    REQUIRE(line.propose_points(schema_version{1}, 1).ok());

    CHECK(line.propose_points(schema_version{1}, 1).error().code == errc::overloaded);
    CHECK(line.propose_schema(schema_version{2}, 1) == log_index{5});
  }

  TEST_CASE("one batch larger than the limit passes when nothing else waits") {
    write_pipeline line{log_index{0}, log_index{0}, schema_version{1},
                        {.bytes_max = 100, .entries_max = 3}};

    CHECK(line.propose_points(schema_version{1}, 1'000).ok());
    CHECK(line.bytes_waiting() == 1'000);
  }

  TEST_CASE("a batch that the log would not take is refused before it gets an index") {
    write_pipeline line{log_index{0}, log_index{0}, schema_version{1}, {.entry_bytes_max = 100}};

    CHECK(line.propose_points(schema_version{1}, 101).error().code == errc::too_large);
    CHECK(*line.propose_points(schema_version{1}, 100) == log_index{1});
  }

  TEST_CASE("what the log refused gives its index, its bytes and its schema back") {
    write_pipeline line{log_index{2}, log_index{1}, schema_version{1}, {.bytes_max = 100}};
    REQUIRE(*line.propose_points(schema_version{1}, 30) == log_index{3});
    line.durable(log_index{3});
    REQUIRE(line.propose_schema(schema_version{2}, 10) == log_index{4});
    REQUIRE(line.propose_schema(schema_version{3}, 10) == log_index{5});
    REQUIRE(*line.propose_points(schema_version{3}, 40) == log_index{6});

    line.withdraw(log_index{5});

    CHECK(line.last() == log_index{4});
    CHECK(line.schema() == schema_version{2});
    CHECK(line.bytes_waiting() == 40);
    CHECK(line.entries_waiting() == 3);
    line.withdraw(log_index{4});
    CHECK(line.schema() == schema_version{1});
    CHECK(*line.propose_points(schema_version{1}, 70) == log_index{4});
    line.durable(log_index{4});
    line.applied(log_index{4});
    CHECK(line.bytes_waiting() == 0);
  }

  TEST_CASE("three answers of a log say that an entry is not in it") {
    for (const auto answer : {errc::no_space, errc::too_large, errc::unavailable})
      CHECK(shard::surely_not_logged(answer));
    for (const auto answer : {errc::io_error, errc::closed, errc::commit_unknown, errc::timed_out})
      CHECK_FALSE(shard::surely_not_logged(answer));
  }

  TEST_CASE("a store is synced by size or by age, and never for nothing") {
    const shard::sync_limits limits{.bytes_max = 10, .interval_ms = 1'000};

    CHECK(shard::sync_due(10, true, 0, limits));
    CHECK(shard::sync_due(1, true, 1'000, limits));
    CHECK_FALSE(shard::sync_due(9, true, 999, limits));
    CHECK_FALSE(shard::sync_due(0, false, 1'000'000, limits));
  }
}
