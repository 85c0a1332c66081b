#include "core/archive/checkpoint.hpp"

#include "core/archive/digest_summary.hpp"
#include "core/archive/upkeep_codec.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace grape;
using namespace grape::archive;

namespace {

collection_head head_of(const std::string& name, std::uint32_t shards) {
  collection_head head{.name = name, .schema = {}, .shards = shards};
  head.schema.version = schema_version{7};
  head.schema.options.vectors[""] = {.size = 2, .distance = metric::dot, .hnsw = {}, .echoed = {}};
  return head;
}

checkpoint_record words_record() {
  return {1'795'896'903,
          {head_of("words", 2)},
          {{"words", shard_id{0}, group_id{4}, log_index{17}, 12},
           {"words", shard_id{1}, group_id{5}, log_index{9}, 3}}};
}

shard_upkeep part_of(std::uint32_t shard, std::uint64_t applied, const std::string& digest = {}) {
  shard_upkeep one;
  one.collection = "words";
  one.shard = shard;
  one.applied = applied;
  one.points = 10;
  one.digest = digest;
  return one;
}

node_upkeep node_with(std::uint32_t number, std::vector<shard_upkeep> parts) {
  node_upkeep told;
  told.node = node_number{number};
  told.name = "n" + std::to_string(number);
  told.checkpoints.push_back({"c", 1, 2, {encode(head_of("words", 2))}, std::move(parts)});
  return told;
}

node_upkeep whole_report() {
  auto told = node_with(3, {part_of(1, 5)});
  told.result = {errc::no_space, "full"};
  told.quota = {{{}, 93}, true};
  told.shards = {part_of(0, 7, "00000000000000010000000000000002")};
  auto& one = told.shards.front();
  one.result = {errc::timed_out, "late"};
  one.durable = 6;
  one.store_bytes = 11;
  one.segment_bytes = 12;
  one.payload_bytes = 13;
  one.vector_bytes = 14;
  one.code_bytes = 15;
  one.memory_bytes = 16;
  one.mapped_bytes = 17;
  one.bytes = 18;
  told.log_bytes = 21;
  told.snapshot_bytes = 22;
  told.checkpoint_bytes = 23;
  told.disk_total_bytes = 24;
  told.disk_free_bytes = 25;
  told.piece = std::string("p\0q", 3);
  told.cursor = "cursor";
  told.complete = true;
  return told;
}

storage_request whole_request() {
  storage_request asked;
  asked.verb = storage_verb::read_checkpoint;
  asked.collection = "words";
  asked.checkpoint = "c";
  asked.timeout_ms = 1'234;
  asked.node = node_number{3};
  asked.shard = 1;
  asked.cursor = std::string("\0x", 2);
  return asked;
}

} // namespace

TEST_SUITE("core.archive.checkpoint") {
  TEST_CASE("a record is there once it was written, and not before") {
    storage::faulty_files files{5};
    REQUIRE(files.create_directories("checkpoints/c").ok());
    CHECK(read_record(files, "checkpoints/c").error().code == errc::not_found);
    REQUIRE(write_record(files, "checkpoints/c", words_record()).ok());
    files.power_cut();
    const auto read = read_record(files, "checkpoints/c");
    REQUIRE(read.ok());
    CHECK(*read == words_record());
    REQUIRE(files.flip_byte("checkpoints/c/checkpoint.record", 0));
    CHECK(read_record(files, "checkpoints/c").error().code == errc::wrong_version);
  }

  TEST_CASE("names lead to no other folder") {
    for (const auto* good : {"a", "checkpoint-2026-11-29-03-05-07-042", "A_b-1.2"})
      CHECK(is_checkpoint_name(good));
    for (const auto* bad : {"", ".", "..", ".a", "a/b", "../a", "a b", "a\\b", "\xC3\xA4"})
      CHECK_FALSE(is_checkpoint_name(bad));
    CHECK_FALSE(is_checkpoint_name(std::string(101, 'a')));
    CHECK_FALSE(is_checkpoint_name(std::string("a\0b", 3)));
    CHECK(checkpoint_name(1'795'896'903'042) == "checkpoint-2026-11-28-20-15-03-042");
    CHECK(is_checkpoint_name(checkpoint_name(1'795'896'903'042)));
  }

  TEST_CASE("each shard is read where its copy is the newest") {
    storage_report lists;
    lists.nodes = {node_with(1, {part_of(0, 7), part_of(1, 5)}), node_with(2, {part_of(0, 9)}),
                   node_with(3, {part_of(1, 5)})};
    const auto plans = plan_restore(lists, "c", "");
    REQUIRE(plans.ok());
    REQUIRE(plans->size() == 1);
    CHECK(plans->front().head == head_of("words", 2));
    CHECK(plans->front().parts
          == std::vector<checkpoint_part>{{0, node_number{2}}, {1, node_number{1}}});
    CHECK(plan_restore(lists, "d", "").error().code == errc::not_found);
    CHECK(plan_restore(lists, "c", "other").error().code == errc::not_found);
    lists.nodes.erase(lists.nodes.begin());
    lists.nodes.pop_back();
    const auto partly = plan_restore(lists, "c", "words");
    CHECK(partly.error().code == errc::unavailable);
    CHECK(partly.error().detail.find("words/1") != std::string::npos);
  }

  TEST_CASE("replicas that have applied the same and differ are named") {
    const std::string one = "00000000000000000000000000000001";
    const std::string two = "00000000000000000000000000000002";
    storage_report report{storage_verb::digest, {}, {}};
    node_upkeep first;
    first.shards = {part_of(0, 7, one), part_of(1, 5, two)};
    node_upkeep second;
    second.shards = {part_of(0, 6, two), part_of(1, 5, two)};
    report.nodes = {first, second};
    auto sum = sum_up(report);
    CHECK(sum.differing.empty()); // One of them is behind.
    CHECK(sum.collections.at("words").text() == "00000000000000000000000000000003");
    CHECK(sum.collections.at("words").points == 20);
    report.nodes[1].shards[0].applied = 7;
    CHECK(sum_up(report).differing == std::vector<std::string>{"words/0"});
  }

  TEST_CASE("what was not done is in the verdict, by node and shard") {
    storage_report report{storage_verb::flush, {}, {node_with(1, {}), whole_report()}};
    report.nodes[0].shards = {part_of(0, 7)};
    CHECK(report.verdict().code == errc::no_space);
    CHECK(report.verdict().detail
          == "flush was not done everywhere: node `n3`: no_space: full; node `n3`, shard words/0: "
             "timed_out: late");
    report.nodes.pop_back();
    CHECK(report.verdict().ok());
  }

  TEST_CASE("verbs travel, and so do answers") {
    const auto asked = decode_storage_request(encode(whole_request()));
    REQUIRE(asked.ok());
    CHECK(*asked == whole_request());
    const auto told = decode_node_upkeep(encode(whole_report()));
    REQUIRE(told.ok());
    CHECK(*told == whole_report());
    CHECK(testing::is_golden("storage-request.bin", encode(whole_request())));
    CHECK(testing::is_golden("storage-answer-2.bin", encode(whole_report())));
    CHECK(testing::is_golden("checkpoint-record.bin", encode(words_record())));
  }

  TEST_CASE("damaged bytes are refused, never more") {
    std::mt19937_64 random(9);
    for (const auto& whole :
         {encode(whole_request()), encode(whole_report()), encode(words_record())})
      for (int i = 0; i < 3'000; ++i) {
        auto bytes = whole.substr(0, 1 + random() % whole.size());
        bytes[random() % bytes.size()] ^= static_cast<char>(1 + random() % 255);
        if (const auto read = decode_storage_request(bytes))
          CHECK(to_string(read->verb) != "unknown");
        static_cast<void>(decode_node_upkeep(bytes).ok());
        static_cast<void>(decode_checkpoint_record(bytes).ok());
      }
  }
}
