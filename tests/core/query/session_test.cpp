#include "core/query/session.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace grape;
using query::read_session;

namespace {

using asks = std::vector<query::shard_ask>;

std::shared_ptr<const cluster::metadata> two_collections() {
  auto state = std::make_shared<cluster::metadata>();
  for (const auto* name : {"near", "far"}) {
    cluster::create_collection made{name, {}};
    made.options.vectors[""].size = 2;
    made.options.vectors[""].distance = metric::dot;
    made.options.shard_number = 2;
    const auto applied = state->apply(made);
    REQUIRE(applied.ok());
  }
  return state;
}

query_request about(vector_input target, const std::string& collection = "near") {
  query_request request;
  request.collection = collection;
  request.query = nearest_query{std::move(target)};
  request.limit = 2;
  return request;
}

shard::answer hits(std::initializer_list<std::pair<std::uint64_t, float>> found) {
  shard::shard_hits part;
  for (const auto& [id, score] : found) {
    scored_record one;
    one.point.id = point_id{id};
    one.score = score;
    part.hits.push_back(one);
  }
  return {log_index{5}, std::vector<shard::shard_hits>{part}, false};
}

shard::answer records(std::initializer_list<std::uint64_t> ids) {
  shard::shard_records found;
  for (const auto id : ids) {
    record one;
    one.id = point_id{id};
    one.vectors = named_vectors{{"", dense_vector{1, 2}}};
    found.records.push_back(one);
  }
  return {log_index{5}, found, false};
}

} // namespace

TEST_SUITE("core.query.session") {
  TEST_CASE("a matrix whose time is over is given up") {
    const auto answered = [](budget left) {
      matrix_request asked;
      asked.collection = "near";
      asked.sample = 10;
      asked.limit = 3;
      read_session session{asked, two_collections(), epoch{3}};
      auto next = session.begin();
      REQUIRE(std::holds_alternative<asks>(next));
      auto found = hits({{1, 0.F}, {2, 0.F}, {3, 0.F}});
      for (auto& one : std::get<std::vector<shard::shard_hits>>(found.body).front().hits)
        one.point.vectors = named_vectors{{"", dense_vector{1, 2}}};
      return session.answered({found, hits({})}, std::move(left));
    };
    const auto whole = answered({});
    REQUIRE(std::holds_alternative<query::read_answer>(whole));
    CHECK(std::get<matrix_reply>(std::get<query::read_answer>(whole)).links.size() == 6);
    const auto late = answered({1'000, [] { return true; }});
    REQUIRE(std::holds_alternative<status>(late));
    CHECK(std::get<status>(late).code == errc::timed_out);
  }

  TEST_CASE("a query by vector asks every shard once and merges what they found") {
    read_session session{about(vector_value{dense_vector{1, 0}}), two_collections(), epoch{3}};

    const auto asked = session.begin();
    REQUIRE(std::holds_alternative<asks>(asked));
    CHECK(std::get<asks>(asked).size() == 2);
    const auto answer = session.answered({hits({{1, 9.F}, {2, 7.F}}), hits({{3, 8.F}})});

    REQUIRE(std::holds_alternative<query::read_answer>(answer));
    const auto& reply = std::get<query_reply>(std::get<query::read_answer>(answer));
    REQUIRE(reply.points.size() == 2);
    CHECK(reply.points[0].point.id == point_id{1});
    CHECK(reply.points[1].point.id == point_id{3});
    CHECK_FALSE(reply.explain.has_value());
  }

  TEST_CASE("an id is looked up first, where it lives, and is not among the results") {
    const auto known = two_collections();
    read_session session{about(point_id{42}), known, epoch{3}};

    const auto lookup = session.begin();
    REQUIRE(std::holds_alternative<asks>(lookup));
    REQUIRE(std::get<asks>(lookup).size() == 1);
    const auto& entry = *known->find("near");
    CHECK(std::get<asks>(lookup)[0].group
          == entry.groups.at(entry.slots.shard_of(point_id{42})));
    const auto asked = session.answered({records({42})});

    REQUIRE(std::holds_alternative<asks>(asked));
    const auto& question = *std::get<asks>(asked)[0].question;
    const auto& wanted = std::get<shard::ask_queries>(question).queries.at(0);
    CHECK(std::get<shard::rank_nearest>(wanted.by).target == vector_value{dense_vector{1, 2}});
    CHECK(wanted.excluded == std::vector<point_id>{point_id{42}});
  }

  TEST_CASE("idf is that of the whole collection, which is asked first") {
    auto known = std::make_shared<cluster::metadata>(*two_collections());
    REQUIRE(known->apply(cluster::set_vector{"near", "words",
                                             sparse_field{sparse_modifier::idf, {}, {}}})
              .ok());
    auto request = about(vector_value{sparse_vector{{3, 8}, {2, 1}}});
    request.vector_name = "words";
    read_session session{request, known, epoch{3}};

    const auto counting = session.begin();
    REQUIRE(std::holds_alternative<asks>(counting));
    REQUIRE(std::get<asks>(counting).size() == 2);
    CHECK(std::get<shard::ask_terms>(*std::get<asks>(counting)[0].question)
          == shard::ask_terms{{{"words", {3, 8}, {}}}});
    const auto counted = [](std::uint64_t all, std::uint64_t three, std::uint64_t eight) {
      return shard::answer{log_index{5}, shard::shard_terms{{{all, {three, eight}}}}, false};
    };
    const auto asked = session.answered({counted(6, 1, 4), counted(4, 1, 5)});

    REQUIRE(std::holds_alternative<asks>(asked));
    const auto& query
      = std::get<shard::ask_queries>(*std::get<asks>(asked)[0].question).queries.at(0);
    const auto& target = std::get<shard::rank_nearest>(query.by).target;
    const auto& values = std::get<sparse_vector>(target).values;
    CHECK(values.at(0) == doctest::Approx(2 * std::log(8.5 / 2.5 + 1)));
    CHECK(values.at(1) == doctest::Approx(std::log(1.5 / 9.5 + 1)));
    const auto answer = session.answered({hits({{1, 9.F}}), hits({{3, 8.F}})});
    CHECK(std::holds_alternative<query::read_answer>(answer));
  }

  TEST_CASE("an idf corpus needs the modifier") {
    auto request = about(vector_value{dense_vector{1, 0}});
    request.params.idf.emplace();
    read_session session{request, two_collections(), epoch{3}};

    const auto refused = session.begin();

    REQUIRE(std::holds_alternative<status>(refused));
    CHECK(std::get<status>(refused).code == errc::wrong_input);
  }

  TEST_CASE("an id that does not exist ends the dialogue") {
    read_session session{about(point_id{42}), two_collections(), epoch{3}};
    (void)session.begin();

    const auto ended = session.answered({records({})});

    REQUIRE(std::holds_alternative<status>(ended));
    CHECK(std::get<status>(ended) == status{errc::not_found, "No point with id 42 found"});
  }

  TEST_CASE("vectors of another collection are looked up there") {
    const auto known = two_collections();
    auto request = about(point_id{42});
    request.lookup_from = lookup_location{"far", ""};
    read_session session{request, known, epoch{3}};

    const auto lookup = session.begin();

    REQUIRE(std::holds_alternative<asks>(lookup));
    const auto& entry = *known->find("far");
    CHECK(std::get<asks>(lookup).at(0).group
          == entry.groups.at(entry.slots.shard_of(point_id{42})));
  }

  TEST_CASE("collections that do not exist are named, the lookup's too") {
    auto request = about(vector_value{dense_vector{1, 0}});
    request.lookup_from = lookup_location{"nowhere", ""};
    read_session lookup{request, two_collections(), epoch{3}};
    read_session direct{about(vector_value{dense_vector{1, 0}}, "nowhere"), two_collections(),
                        epoch{3}};

    CHECK(std::get<status>(lookup.begin())
          == status{errc::not_found, "Collection nowhere not found"});
    CHECK(std::get<status>(direct.begin())
          == status{errc::not_found, "Collection `nowhere` doesn't exist!"});
  }

  TEST_CASE("a batch is one question for each shard and one reply for each query") {
    query_batch_request batch;
    batch.collection = "near";
    batch.queries = {about(vector_value{dense_vector{1, 0}}),
                     about(vector_value{dense_vector{0, 1}})};
    read_session session{batch, two_collections(), epoch{3}};

    REQUIRE(std::get<asks>(session.begin()).size() == 2);
    shard::answer first{log_index{5}, std::vector<shard::shard_hits>(2), false};
    const auto answer = session.answered({first, first});

    const auto& replies = std::get<query_batch_reply>(std::get<query::read_answer>(answer));
    CHECK(replies.replies.size() == 2);
  }

  TEST_CASE("an explanation tells each shard's state and work") {
    auto request = about(vector_value{dense_vector{1, 0}});
    request.read.explain = true;
    read_session session{request, two_collections(), epoch{3}};
    (void)session.begin();

    auto first = hits({{1, 9.F}});
    first.way = {node_number{2}, {node_number{3}, node_number{2}}, false, 80};
    auto second = hits({});
    second.way = {node_number{1}, {node_number{3}, node_number{1}}, true, 90};
    first.staleness_ms = 250;
    second.staleness_ms = 70;
    const auto answer = session.answered({first, second});

    const auto& reply = std::get<query_reply>(std::get<query::read_answer>(answer));
    REQUIRE(reply.explain.has_value());
    CHECK(reply.explain->read_indexes == std::vector<std::uint64_t>{5, 5});
    CHECK(reply.explain->epoch == 3);
    CHECK(reply.explain->target_nodes == std::vector<std::uint32_t>{1, 2});
    REQUIRE(reply.explain->shards.size() == 2);
    const auto& told = reply.explain->shards;
    CHECK(told[0].replica == 2);
    CHECK(told[0].asked == std::vector<std::uint32_t>{3, 2});
    CHECK(told[0].retried);
    CHECK_FALSE(told[0].hedged);
    CHECK(told[1].shard == 1);
    CHECK(told[1].hedged);
    CHECK_FALSE(told[1].retried);
    CHECK(told[1].took_us == 90);
    CHECK(told[1].staleness_ms == 70);
    CHECK(reply.explain->staleness_ms == 250); // Of the stalest.
  }

  TEST_CASE("an answer is as stale as nobody knows if one shard is") {
    auto request = about(vector_value{dense_vector{1, 0}});
    request.read.explain = true;
    read_session session{request, two_collections(), epoch{3}};
    (void)session.begin();
    auto first = hits({{1, 9.F}});
    first.staleness_ms.reset();
    auto second = hits({});
    second.staleness_ms = 70;

    const auto answer = session.answered({first, second});

    const auto& reply = std::get<query_reply>(std::get<query::read_answer>(answer));
    CHECK_FALSE(reply.explain->staleness_ms.has_value());
  }

  TEST_CASE("a read that names a level that its collection refuses is not begun") {
    auto known = *two_collections();
    cluster::create_collection made{"async", {}};
    made.options.vectors[""].size = 2;
    made.options.replication.mode = sync_mode::async;
    REQUIRE(known.apply(made).ok());
    const auto state = std::make_shared<const cluster::metadata>(std::move(known));
    count_request request;
    request.collection = "async";
    CHECK(query::options_of(request, *state).level == read_level::read_quorum);
    request.read.level = read_level::linearizable;
    read_session session{request, state, epoch{3}};
    const auto step = session.begin();
    REQUIRE(std::holds_alternative<status>(step));
    CHECK(std::get<status>(step).code == errc::bad_request);
  }

  TEST_CASE("sizes add up, and one shard at work makes the collection yellow") {
    read_session session{describe_collection_request{"near"}, two_collections(), epoch{3}};
    (void)session.begin();
    shard::shard_figures part;
    part.points = 3;
    part.segments = 1;
    part.field_points["n"] = 2;

    const auto answer = session.answered(
      {{log_index{5}, part, false}, {log_index{6}, part, true}});

    const auto& told = std::get<collection_description>(std::get<query::read_answer>(answer));
    CHECK(told.points == 6);
    CHECK(told.segments == 2);
    CHECK(told.field_points.at("n") == 4);
    CHECK(told.health == collection_health::yellow);
  }

  TEST_CASE("a read that names no level has that of its collection") {
    cluster::metadata known;
    cluster::create_collection made{"lax", {}};
    made.options.vectors[""].size = 2;
    made.options.replication.level = read_level::eventual;
    REQUIRE(known.apply(made).ok());
    made.name = "plain";
    made.options.replication.level = read_level::collection_default;
    REQUIRE(known.apply(made).ok());
    const auto level = [&known](const char* collection, read_level asked) {
      count_request request;
      request.collection = collection;
      request.read.level = asked;
      return query::options_of(request, known).level;
    };

    CHECK(level("lax", read_level::collection_default) == read_level::eventual);
    CHECK(level("lax", read_level::linearizable) == read_level::linearizable);
    CHECK(level("plain", read_level::collection_default) == read_level::linearizable);
    CHECK(level("nowhere", read_level::collection_default) == read_level::linearizable);
  }

  TEST_CASE("retrieving nothing asks nobody") {
    retrieve_request request;
    request.collection = "near";
    read_session session{request, two_collections(), epoch{3}};

    CHECK(std::holds_alternative<query::read_answer>(session.begin()));
  }
}
