#include "core/client/message.hpp"

#include "core/client/second_asking.hpp"
#include "tests/core/codec/random_queries.hpp"
#include "tests/core/codec/random_records.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using testing::random_records;

namespace {

std::optional<shard_key_selector> any_keys(random_records& chance) {
  switch (chance.below(4)) {
    case 0: return std::nullopt;
    case 1: return shard_key_selector{};
    case 2: return shard_key_selector{{chance.text(), chance.u64()}, {}};
    default: return shard_key_selector{{chance.u64()}, chance.text()};
  }
}

change_shard_keys_request any_change_of_keys(random_records& chance) {
  if (chance.below(2) == 0)
    return {chance.text(), remove_shard_key{chance.u64()}};
  add_shard_key one{.key = chance.text()};
  if (chance.below(2))
    one.shards = 3;
  if (chance.below(2))
    one.placement = {node_number{1}, node_number{2}};
  return {chance.text(), std::move(one)};
}

client::request any_request(random_records& chance) {
  switch (chance.below(10)) {
    case 0:
      return write_request{chance.text(), {chance.operation(), chance.operation()},
                           {true, {}, write_ack::all}, {any_keys(chance), any_keys(chance)}};
    case 1: {
      query_request one;
      one.collection = chance.text();
      one.query = testing::any_query_kind(chance);
      one.prefetches = testing::any_prefetches(chance, 2);
      one.vector_name = chance.text();
      if (chance.below(2))
        one.filter = chance.filter();
      one.params = {chance.below(2) ? std::optional{7u} : std::nullopt, true, false, {}, true,
                    chance.below(2) ? std::optional{false} : std::nullopt, 2.5};
      one.score_threshold = 0.5f;
      one.limit = 1 + chance.below(1'000);
      one.offset = chance.below(5);
      one.with_payload = {payload_selector::mode::include, {"a", "b.c"}};
      one.with_vectors = {vector_selector::mode::named, {"v"}};
      one.lookup_from = lookup_location{"other", "w", any_keys(chance)};
      one.read.keys = any_keys(chance);
      one.read.level = read_level::eventual;
      return one;
    }
    case 2: {
      retrieve_request one;
      one.collection = chance.text();
      one.ids = chance.ids();
      return one;
    }
    case 3: {
      count_request one;
      one.collection = chance.text();
      one.filter = chance.filter();
      return one;
    }
    case 4: return create_collection_request{chance.text(), chance.schema().options};
    case 5: return delete_collection_request{chance.text()};
    case 6: return client::watch_collection{chance.text()};
    case 7: return any_change_of_keys(chance);
    case 8: return list_shard_keys_request{chance.text()};
    default: return client::unwatch_collection{chance.text()};
  }
}

record any_record(random_records& chance) {
  record one{chance.id(), chance.u64(), chance.object(), chance.vectors()};
  if (chance.below(2))
    one.key = chance.text();
  return one;
}

client::reply any_reply(random_records& chance) {
  switch (chance.below(6)) {
    case 0: return write_receipts{{{7, write_progress::completed}, {8, {}}}};
    case 1: return std::vector<scored_record>{{any_record(chance), 0.5f}, {{}, -1}};
    case 2: return std::vector<record>{any_record(chance)};
    case 3: return count_reply{chance.u64()};
    case 4: return shard_key_list{true, {chance.text(), chance.u64()}};
    default: return changed{chance.below(2) == 1};
  }
}

} // namespace

TEST_SUITE("core.client.message") {
  TEST_CASE("what was encoded is read back as it was") {
    random_records chance{20'260, 128};
    for (int round = 0; round < 2'000; ++round) {
      CAPTURE(round);
      const auto asked = client::encode(any_request(chance));
      const auto request = client::decode_request(asked);
      REQUIRE_MESSAGE(request.ok(), request.error().detail);
      CHECK(client::encode(*request) == asked);

      const auto answered = client::encode(any_reply(chance));
      const auto reply = client::decode_reply(answered);
      REQUIRE_MESSAGE(reply.ok(), reply.error().detail);
      CHECK(client::encode(*reply) == answered);
    }
    const client::collection_news news{"words", true, 3, 4, {5, 6}};
    CHECK(client::decode_news(client::encode(news)).value() == news);
  }

  TEST_CASE("a search keeps its vector, filter, limit and level") {
    query_request one;
    one.collection = "words";
    one.query = nearest_query{vector_value{dense_vector{1.5f, -2}}};
    one.limit = 3;
    one.read.level = read_level::eventual;
    const auto back = client::decode_request(client::encode(client::request{one}));
    REQUIRE(back.ok());
    const auto& same = std::get<query_request>(*back);
    const auto& nearest = std::get<nearest_query>(*same.query);
    CHECK(std::get<dense_vector>(std::get<vector_value>(nearest.target)) == dense_vector{1.5f, -2});
    CHECK(same.limit == 3);
    CHECK(same.read.level == read_level::eventual);
  }

  TEST_CASE("cut or changed bytes are refused or mean something else, and never more") {
    random_records chance{20'261};
    std::mt19937_64 random{20'262};
    for (int round = 0; round < 3'000; ++round) {
      auto bytes = client::encode(any_request(chance));
      if (round % 2 == 0)
        bytes.resize(random() % bytes.size());
      else
        bytes[random() % bytes.size()] = static_cast<char>(random());
      const auto request = client::decode_request(bytes);
      if (!request)
        CHECK((request.error().code == errc::corrupted || request.error().code == errc::invalid
               || request.error().code == errc::wrong_version));
      (void)client::decode_reply(bytes);
      (void)client::decode_news(bytes);
    }
    query_request none;
    none.limit = 0;
    CHECK(client::decode_request(client::encode(client::request{none})).error().code
          == errc::corrupted);
  }

  TEST_CASE("the bytes of requests, replies and news are pinned") {
    query_request search;
    search.collection = "words";
    search.query = nearest_query{vector_value{dense_vector{1, 2}}};
    upsert_points points;
    points.points.push_back({point_id{7}, {{"", dense_vector{1, 2}}}, {}});
    const write_request write{"words", {points}, {false, {}, write_ack::eventual}};
    CHECK(testing::is_golden("client-write-7.bin", client::encode(client::request{write})));
    CHECK(testing::is_golden("client-search-7.bin", client::encode(client::request{search})));
    CHECK(testing::is_golden("client-hits-4.bin",
                             client::encode(client::reply{
                                 std::vector<scored_record>{{{point_id{7}, 8, {}, {}}, 0.5f}}})));
    CHECK(testing::is_golden("client-add-key-7.bin",
                             client::encode(client::request{change_shard_keys_request{
                                 "words", add_shard_key{.key = "eu", .shards = 2}}})));
    CHECK(testing::is_golden("client-keys.bin", client::encode(client::reply{shard_key_list{
                                                    true, {"eu", std::uint64_t{7}}}})));
    CHECK(testing::is_golden("client-news.bin",
                             client::encode(client::collection_news{"words", true, 3, 4, {5}})));
  }

  TEST_CASE("what is lost with a connection may be asked again if that does no harm") {
    CHECK(client::is_read(query_request{}));
    CHECK(client::is_read(retrieve_request{}));
    CHECK(client::is_read(count_request{}));
    CHECK_FALSE(client::is_read(write_request{}));
    CHECK_FALSE(client::is_read(create_collection_request{}));
    constexpr bool read = true;
    constexpr bool not_sent = true;
    CHECK(client::fate_of(read, !not_sent).ok());
    CHECK(client::fate_of(!read, not_sent).ok());
    CHECK(client::fate_of(!read, !not_sent).code == errc::commit_unknown);
    CHECK(client::is_leaving({errc::closed, "the node is closing"}));
    CHECK_FALSE(client::is_leaving({errc::unavailable, "no leader"}));
  }

  TEST_CASE("a text that is not UTF-8 is refused, wherever a request has it") {
    upsert_points points;
    points.points.push_back({point_id{1}, {}, {}});
    points.points.back().payload.set("word", payload::value{"gr\xC3\xBCn"});
    write_request write{"words", {points}, {}};
    CHECK(client::decode_request(client::encode(client::request{write})).ok());
    std::get<upsert_points>(write.operations[0]).points[0].payload.set("word",
                                                                       payload::value{"gr\xFCn"});
    for (const auto& asked :
         {client::request{write}, client::request{delete_collection_request{"w\xFF"}},
          client::request{client::watch_collection{"\xC0\x80"}}}) {
      const auto read = client::decode_request(client::encode(asked));
      REQUIRE_FALSE(read.ok());
      CHECK(read.error() == status{errc::invalid, "a text of the request is not UTF-8"});
    }
  }
}
