#include "core/shard/snapshot_stream.hpp"

#include "machine_world.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::shard;

namespace {

snapshot_chunk some_chunk() {
  snapshot_chunk chunk;
  chunk.from = difference_begin(log_index{7});
  chunk.to = {.base = log_index{7},
              .since = log_index{7},
              .walking = false,
              .at = log_index{9},
              .last = point_id{4}};
  chunk.schema = test::two_field_schema();
  chunk.erased = {{log_index{8}, point_id{3}}};
  chunk.points = {{point_id{4}, {9, 8}, std::string("\1v\0", 3), "\1p"}};
  return chunk;
}

snapshot_end some_end() {
  return {.at = difference_begin(log_index{9}),
          .index = log_index{9},
          .forgotten = log_index{2},
          .schema = std::nullopt,
          .points = 5,
          .sum = 0x0123456789abcdef,
          .message = "for the peer",
          .sessions = {{"s/a", "\1"}, {"s/b", std::string(1, '\0')}}};
}

} // namespace

TEST_SUITE("core.shard.snapshot_stream") {
  TEST_CASE("what is sent is what arrives, and its bytes never change") {
    for (const auto& [name, question] : {std::pair<std::string, snapshot_question>{
                                             "snapshot-offer.bin", snapshot_offer{log_index{11}}},
                                         {"snapshot-chunk-2.bin", some_chunk()},
                                         {"snapshot-end-2.bin", some_end()}}) {
      CAPTURE(name);
      CHECK(testing::is_golden(name, encode(question)));
      CHECK(decode_snapshot_question(testing::golden(name)).value() == question);
    }
    const snapshot_standing standing{log_index{5}, some_chunk().to, true};
    CHECK(testing::is_golden("snapshot-standing.bin", encode(standing)));
    CHECK(decode_snapshot_standing(testing::golden("snapshot-standing.bin")).value() == standing);
    CHECK(decode_snapshot_position(encode(some_chunk().to)).value() == some_chunk().to);
    CHECK(decode_snapshot_end(encode(some_end())).value() == some_end());
  }

  TEST_CASE("a schema from before vectors had datatypes is read as ever") {
    CHECK(decode_snapshot_question(testing::golden("snapshot-chunk.bin")).value()
          == snapshot_question{some_chunk()});
  }

  TEST_CASE("the end of a stream from before there were sessions is read as ever") {
    auto end = some_end();
    end.sessions.clear();
    CHECK(decode_snapshot_question(testing::golden("snapshot-end.bin")).value()
          == snapshot_question{end});
  }

  TEST_CASE("a stream begins with nothing, or with what the receiver has") {
    CHECK(is_begin(whole_begin(log_index{3})));
    CHECK(is_begin(difference_begin(log_index{3})));
    CHECK_FALSE(is_begin(some_chunk().to));
    auto later = whole_begin(log_index{3});
    later.last = point_id{1};
    CHECK_FALSE(is_begin(later));
  }

  TEST_CASE("bytes of another kind are refused") {
    CHECK_FALSE(decode_snapshot_question(encode(snapshot_standing{})).ok());
    CHECK(decode_snapshot_standing("").error().code == errc::corrupted);
  }
}
