#include "core/shard/question_codec.hpp"
#include "core/shard/remote.hpp"
#include "tests/core/shard/random_questions.hpp"
#include "tests/support/golden.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace grape;
using namespace grape::testing;

namespace {

/// Every byte cut off, and every byte changed: refused, or read to something that has bytes.
template <class T>
void survives_damage(const std::string& bytes, outcome<T> (*decode)(std::string_view),
                     std::size_t flips_max, random_questions& chance) {
  for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / (2 * flips_max))
    CHECK_FALSE(decode(std::string_view{bytes}.substr(0, length)).ok());
  for (std::size_t i = 0; i < flips_max; ++i) {
    auto broken = bytes;
    broken[chance.below(broken.size())] = static_cast<char>(chance.below(256));
    const auto back = decode(broken);
    if (back)
      CHECK(decode(shard::encode(*back)).ok());
    else
      CHECK((back.error().code == errc::corrupted || back.error().code == errc::wrong_version));
  }
  CHECK_FALSE(decode(bytes + '\0').ok());
}

shard::shard_query golden_query() {
  shard::shard_query query;
  query.by = shard::rank_nearest{dense_vector{0.5F, -1.0F, 2.0F}};
  query.among = {point_id{1}, point_id{9}};
  query.vector_name = "text";
  query.filter.emplace().must.push_back(
      {payload::field_condition{"city", {payload::match_value{std::string{"Berlin"}}}}});
  query.excluded = {point_id{3}, point_id{7}};
  query.params = {128, true, false, {}, true, false, 2.5};
  query.score_threshold = 0.25F;
  query.k = 12;
  query.with_payload = {payload_selector::mode::include, {"city"}};
  query.with_vectors = {vector_selector::mode::named, {"text"}};
  query.grouping = shard::shard_grouping{"city", 2, 5, {payload::value{"Berlin"}}};
  return query;
}

record golden_record() {
  record one;
  one.id = point_id{7};
  one.version = 42;
  one.payload.emplace().set("city", payload::value{"Berlin"});
  one.vectors = named_vectors{{"text", dense_vector{0.5F, -1.0F}}};
  one.order = order_value{std::int64_t{-3}};
  return one;
}

std::vector<shard::question> golden_questions() {
  shard::shard_scroll page;
  page.from = point_id{5};
  page.limit = 20;
  page.with_payload.wanted = payload_selector::mode::all;
  return {shard::ask_queries{{golden_query(), {}}},
          shard::ask_page{page},
          shard::ask_count{},
          shard::ask_records{{point_id{1}, point_id{uuid{}}}, {}, {}},
          shard::ask_missing{{point_id{9}}},
          shard::ask_figures{},
          shard::ask_facet{"city", {}, 5, true},
          shard::ask_terms{{{"words", {3, 70'000}, {}}}},
          shard::ask_piece{"cursor"}};
}

std::vector<shard::answer> golden_answers() {
  const log_index applied{1'000};
  const shard::shard_hits hits{
    {{golden_record(), 0.75F}}, {{payload::value{"Berlin"}}}, 321, "graph"};
  return {{applied, std::vector<shard::shard_hits>{hits, {}}},
          {applied, shard::shard_page{{golden_record()}, point_id{8}}},
          {.applied = applied, .body = shard::shard_count{77}, .staleness_ms = 250},
          {applied, shard::shard_records{{golden_record(), {}}}},
          {.applied = applied, .body = shard::shard_missing{{point_id{9}}}, .staleness_ms = {}},
          {applied, shard::shard_figures{1, 2, 3, 4, 5, 9, 7, 8, {{"city", 6}}}, true},
          {applied, shard::shard_facet{{{"Berlin", 3}, {true, 2}, {std::int64_t{-1}, 1}}}},
          {applied, shard::shard_terms{{{9, {4, 0}}}}},
          {applied, shard::piece_of_state{"chunk", "cursor", true}}};
}

} // namespace

TEST_SUITE("core.shard.question_codec") {
  TEST_CASE("questions and answers survive as bytes") {
    for (std::uint64_t seed = 1; seed <= 3'000; ++seed) {
      CAPTURE(seed);
      random_questions chance{seed};
      const auto question = chance.question();
      const auto answer = chance.answer();

      const auto question_back = shard::decode_question(shard::encode(question));
      const auto answer_back = shard::decode_answer(shard::encode(answer));

      REQUIRE(question_back.ok());
      CHECK(*question_back == question);
      REQUIRE(answer_back.ok());
      CHECK(*answer_back == answer);
    }
  }

  TEST_CASE("requests and replies survive as bytes") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
      CAPTURE(seed);
      random_questions chance{seed};
      const auto request = chance.request();
      const auto reply = chance.reply();

      const auto request_back = shard::decode_shard_request(shard::encode(request));
      const auto reply_back = shard::decode_shard_reply(shard::encode(reply));

      REQUIRE(request_back.ok());
      CHECK(*request_back == request);
      REQUIRE(reply_back.ok());
      CHECK(*reply_back == reply);
    }
  }

  TEST_CASE("damaged bytes are refused, or read to something else, never trusted") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
      CAPTURE(seed);
      random_questions chance{seed};
      survives_damage(shard::encode(chance.question()), shard::decode_question, 100, chance);
      survives_damage(shard::encode(chance.answer()), shard::decode_answer, 100, chance);
      survives_damage(shard::encode(chance.request()), shard::decode_shard_request, 100, chance);
      survives_damage(shard::encode(chance.reply()), shard::decode_shard_reply, 100, chance);
    }
  }

  TEST_CASE("another version is refused as such") {
    auto bytes = shard::encode(shard::question{shard::ask_figures{}});
    bytes.front() = 4;

    const auto refused = shard::decode_question(bytes);

    CHECK(refused.error()
          == status{errc::wrong_version,
                    "a question to a shard has version 4; this program speaks 5"});
    CHECK(shard::decode_question({}).error().code == errc::corrupted);
  }

  TEST_CASE("an answer answers its own question only, query by query") {
    const auto questions = golden_questions();
    const auto answers = golden_answers();
    for (std::size_t i = 0; i < questions.size(); ++i)
      for (std::size_t j = 0; j < answers.size(); ++j)
        CHECK(shard::can_answer(answers[j], questions[i]) == (i == j));
    CHECK_FALSE(shard::can_answer(answers[0], shard::ask_queries{{golden_query()}}));
    CHECK_FALSE(shard::can_answer(answers[7], shard::ask_terms{{{"words", {3}, {}}}}));
  }

  TEST_CASE("a vector is four bytes per component, whatever its values") {
    shard::ask_queries asked;
    asked.queries.emplace_back().by = shard::rank_nearest{dense_vector(1'000, 0.1F)};
    const auto long_one = shard::encode(shard::question{asked}).size();
    asked.queries.front().by = shard::rank_nearest{dense_vector(2'000, std::nanf(""))};
    const auto longer = shard::encode(shard::question{asked}).size();

    CHECK(longer - long_one == 4'000);
  }

  TEST_CASE("the bytes are pinned") {
    const auto pinned = [](const std::string& name, const std::string& bytes) {
      CAPTURE(name);
      CHECK(is_golden("shard-" + name + ".bin", bytes));
    };
    const std::vector<std::string> names{"queries", "page",    "count",
                                         "records", "missing", "figures", "facet",
                                         "terms", "piece"};
    const auto questions = golden_questions();
    const auto answers = golden_answers();
    for (std::size_t i = 0; i < names.size(); ++i) {
      pinned("question-" + names[i] + "-5", shard::encode(questions[i]));
      pinned("answer-" + names[i] + "-5", shard::encode(answers[i]));
      const auto question = golden("shard-question-" + names[i] + "-5.bin");
      CHECK(shard::decode_question(question).value() == questions[i]);
      CHECK(shard::decode_answer(golden("shard-answer-" + names[i] + "-5.bin")).value()
            == answers[i]);
    }
    pinned("request-write-2",
           shard::encode(shard::shard_request{shard::remote_write{
               epoch{3}, schema_version{4}, true, 5'000, "command", write_ack::all}}));
    pinned("request-schema-2",
           shard::encode(shard::shard_request{shard::remote_schema{schema_version{4}, "command"}}));
    pinned("request-read-6", shard::encode(shard::shard_request{
                               shard::remote_read{questions[2], read_level::linearizable}}));
    pinned("reply-receipt-2", shard::encode(shard::shard_reply{shard::remote_receipt{
                                  log_index{9}, write_progress::wait_timeout, 2}}));
    pinned("reply-answer-6", shard::encode(shard::shard_reply{answers[2]}));
  }
}
