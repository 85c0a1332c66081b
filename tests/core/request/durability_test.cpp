#include "core/request/durability.hpp"

#include <doctest/doctest.h>

using namespace grape;

namespace {

collection_options with(sync_mode mode, std::uint32_t factor = 1) {
  collection_options made;
  made.replication.mode = mode;
  made.write_consistency_factor = factor;
  return made;
}

/// "" if it is allowed, else the nearest that is.
std::string nearest(const status& told) {
  if (told.ok())
    return {};
  CHECK(told.code == errc::bad_request);
  const auto at = told.detail.find("the nearest that is allowed");
  REQUIRE(at != std::string::npos);
  return told.detail.substr(at);
}

bool names(const status& told, const std::string& what) {
  return nearest(told).find(what) != std::string::npos;
}

} // namespace

TEST_SUITE("core.request.durability") {
  TEST_CASE("without `ack` everything is allowed that the collection allows") {
    for (const auto mode : {sync_mode::async, sync_mode::quorum, sync_mode::all})
      for (const auto wait : {false, true})
        CHECK(check_ack({wait, {}, {}}, with(mode)).ok());
  }

  TEST_CASE("a collection of whole majorities allows every acknowledgement of what is logged") {
    for (const auto mode : {sync_mode::quorum, sync_mode::all})
      for (const auto ack : {write_ack::eventual, write_ack::write_quorum, write_ack::all}) {
        CHECK(check_ack({false, {}, ack}, with(mode)).ok());
        CHECK(check_ack({true, {}, ack}, with(mode)).ok() == (ack != write_ack::eventual));
      }
  }

  TEST_CASE("`async` acknowledges before a majority has a write, and nothing else") {
    const auto async = with(sync_mode::async);
    CHECK(check_ack({false, {}, write_ack::eventual}, async).ok());
    for (const auto ack : {write_ack::write_quorum, write_ack::all})
      CHECK(names(check_ack({false, {}, ack}, async), "`ack=eventual`"));
    CHECK(names(check_ack({true, {}, write_ack::eventual}, async), "no `ack`"));
  }

  TEST_CASE("what is visible is committed, and so is what several replicas are to have") {
    CHECK(names(check_ack({true, {}, write_ack::eventual}, with(sync_mode::quorum)),
                "`ack=write_quorum`"));
    CHECK(names(check_ack({false, {}, write_ack::eventual}, with(sync_mode::quorum, 2)),
                "`ack=write_quorum`"));
    CHECK(check_ack({false, {}, write_ack::write_quorum}, with(sync_mode::quorum, 2)).ok());
  }

  TEST_CASE("a collection cannot promise copies and acknowledge the first one") {
    CHECK(check_durability(with(sync_mode::async)).ok());
    CHECK(check_durability(with(sync_mode::quorum, 5)).ok());
    CHECK(check_durability(with(sync_mode::all, 2)).ok());
    CHECK(names(check_durability(with(sync_mode::async, 2)), "sync_mode `quorum`"));
  }

  TEST_CASE("nothing is linearizable that may be lost") {
    auto async = with(sync_mode::async);
    CHECK(names(check_level(read_level::linearizable, async), "`consistency=quorum`"));
    for (const auto level : {read_level::collection_default, read_level::eventual,
                             read_level::read_quorum, read_level::all_replicas})
      CHECK(check_level(level, async).ok());
    CHECK(check_level(read_level::linearizable, with(sync_mode::quorum)).ok());
    CHECK(default_level(async) == read_level::read_quorum);
    CHECK(default_level(with(sync_mode::all)) == read_level::linearizable);
    async.replication.level = read_level::eventual;
    CHECK(default_level(async) == read_level::eventual);
  }
}
