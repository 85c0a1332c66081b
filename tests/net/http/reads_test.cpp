#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

point_id uuid_id(const char* text) {
  return *point_id::parse_uuid(text);
}

constexpr auto some_uuid = "8594ff5d-265f-4785-a9f5-b3b4b9665506";

/// What the house is asked when `filter` stands in a scroll.
payload::filter filter_of(const std::string& filter) {
  api_under_test api;
  const auto got
    = api.ask(verb::post, "/collections/c/points/scroll", R"({"filter":)" + filter + "}");
  CAPTURE(got.body);
  REQUIRE(got.status == 200);
  return api.only<scroll_request>().filter.value_or(payload::filter{});
}

payload::condition field(std::string key, std::vector<payload::field_test> tests) {
  return {payload::field_condition{std::move(key), std::move(tests)}};
}

} // namespace

TEST_SUITE("net.http.reads") {
  TEST_CASE("an empty scroll asks for ten whole payloads and no vectors") {
    api_under_test api;

    const auto got = api.ask(verb::post, "/collections/c/points/scroll", "{}");

    const auto& asked = api.only<scroll_request>();
    CHECK(asked.collection == "c");
    CHECK(asked.limit == 10);
    CHECK_FALSE(asked.offset.has_value());
    CHECK_FALSE(asked.filter.has_value());
    CHECK(asked.with_payload.wanted == payload_selector::mode::all);
    CHECK(asked.with_vectors.wanted == vector_selector::mode::none);
    CHECK(asked.read.timeout_ms == 60'000);
    CHECK(got.body == success(R"({"points":[],"next_page_offset":null})"));
  }

  TEST_CASE("a scroll carries all it was told, null counting as absent") {
    api_under_test api;

    api.ask(verb::post, "/collections/c/points/scroll",
            R"({"offset": 18446744073709551615, "limit": 3, "with_payload": {"exclude": ["a.b"]},
                "with_vectors": ["x"], "order_by": null, "shard_key": null, "unknown": 1})",
            "consistency=majority&timeout=2");

    const auto& asked = api.only<scroll_request>();
    CHECK(asked.offset == point_id{18446744073709551615u});
    CHECK(asked.limit == 3);
    CHECK(asked.with_payload
          == payload_selector{payload_selector::mode::exclude, {"a.b"}});
    CHECK(asked.with_vectors == vector_selector{vector_selector::mode::named, {"x"}});
    CHECK(asked.read.level == read_level::read_quorum);
    CHECK(asked.read.timeout_ms == 2'000);
  }

  TEST_CASE("each consistency is the level that keeps its promise") {
    const std::pair<const char*, read_level> levels[] = {
      {"", read_level::collection_default},      {"consistency=", read_level::collection_default},
      {"consistency=1", read_level::eventual},   {"consistency=eventual", read_level::eventual},
      {"consistency=2", read_level::read_quorum}, {"consistency=quorum", read_level::read_quorum},
      {"consistency=all", read_level::all_replicas},
      {"consistency=linearizable", read_level::linearizable}};

    for (const auto& [text, level] : levels) {
      CAPTURE(text);
      api_under_test api;
      api.ask(verb::post, "/collections/c/points/count", "{}", text);
      CHECK(api.only<count_request>().read.level == level);
    }
  }

  TEST_CASE("records are printed with what they have, ids and floats exact") {
    api_under_test api;
    record full{point_id{18446744073709551615u}, 3, payload::object{}, named_vectors{}};
    full.payload->set("n", payload::value{5.0});
    full.vectors->push_back({"", dense_vector{0.15F, 1.0F}});
    record named{uuid_id(some_uuid), 3, std::nullopt, named_vectors{}};
    named.vectors->push_back({"", dense_vector{1.0F}});
    named.vectors->push_back({"s", sparse_vector{{1, 9}, {0.5F, 2.0F}}});
    api.house.retrieved.points = {full, named, {point_id{1}, 0, {}, named_vectors{}}};

    const auto got = api.ask(verb::post, "/collections/c/points", R"({"ids": [1]})");

    CHECK(got.body
          == success(R"([{"id":18446744073709551615,"payload":{"n":5.0},"vector":[0.15,1.0]},)"
                     R"({"id":"8594ff5d-265f-4785-a9f5-b3b4b9665506","vector":{"":[1.0],)"
                     R"("s":{"indices":[1,9],"values":[0.5,2.0]}}},{"id":1,"vector":{}}])"));
  }

  TEST_CASE("one point is asked for whole, and its absence is a 404 of its own") {
    api_under_test api;

    const auto absent = api.ask(verb::get, "/collections/c/points/9");

    CHECK(absent.status == 404);
    CHECK(absent.body
          == R"({"status":{"error":"Not found: Point with id 9 does not exists!"},"time":0.0})");
    const auto& asked = api.only<retrieve_request>();
    CHECK(asked.ids == std::vector{point_id{9}});
    CHECK(asked.with_vectors.wanted == vector_selector::mode::all);
    api.house.retrieved.points = {{point_id{9}, 1, payload::object{}, {}}};
    CHECK(api.ask(verb::get, "/collections/c/points/9").body
          == success(R"({"id":9,"payload":{}})"));
  }

  TEST_CASE("a facet names a field and is answered with its values") {
    api_under_test api;
    api.house.values.hits = {{"a \"b\"", 3}, {std::int64_t{-5}, 2}, {true, 1}};

    CHECK(api.ask(verb::post, "/collections/c/facet",
                  R"({"key": "a[].b", "limit": 3, "filter": {}, "exact": true})").body
          == success(R"({"hits":[{"value":"a \"b\"","count":3},{"value":-5,"count":2},)"
                     R"({"value":true,"count":1}]})"));
    const auto& asked = api.only<facet_request>();
    CHECK(asked.collection == "c");
    CHECK(asked.key == "a[].b");
    CHECK(asked.limit == 3);
    CHECK(asked.filter == payload::filter{});
  }

  TEST_CASE("conditions become what they say") {
    using namespace payload;
    const auto parsed = filter_of(R"({
      "must": [{"key": "a[].b", "match": {"value": 5}}, {"key": "s", "match": {"value": "x"}},
               {"key": "f", "match": {"value": true}}],
      "should": {"key": "r", "range": {"gte": 1, "lt": 2.5}},
      "must_not": [{"key": "l", "match": {"any": []}}, {"key": "l", "match": {"except": [1, 2]}},
                   {"is_empty": {"key": "e"}}, {"is_null": {"key": "n"}},
                   {"has_id": [1, "8594ff5d265f4785a9f5b3b4b9665506"]}, {"has_vector": ""},
                   {"nested": {"key": "o", "filter": {"must": [{"key": "p", "is_null": false}]}}},
                   {"should": []}],
      "min_should": {"conditions": [{"key": "m", "is_empty": true}], "min_count": 1}})");

    filter expected;
    expected.must = {field("a[].b", {match_value{std::int64_t{5}}}),
                     field("s", {match_value{std::string("x")}}), field("f", {match_value{true}})};
    expected.should = {field("r", {number_range{2.5, {}, {}, 1.0}})};
    expected.must_not = {field("l", {match_any{std::vector<std::string>{}}}),
                         field("l", {match_except{std::vector<std::int64_t>{1, 2}}}),
                         field("e", {empty_test{true}}),
                         field("n", {null_test{true}}),
                         {has_id{{point_id{1}, uuid_id(some_uuid)}}},
                         {has_vector{""}},
                         {nested{"o", filter{{field("p", {null_test{false}})}, {}, {}, {}}}},
                         {filter{}}};
    expected.at_least = min_should{{field("m", {empty_test{true}})}, 1};
    CHECK(parsed == expected);
  }

  TEST_CASE("texts, times, places, counts and slices become what they say") {
    using namespace payload;
    const auto parsed = filter_of(R"({
      "must": [{"key": "t", "match": {"text": "two words"}},
               {"key": "t", "match": {"text": "tow", "grape": {"edits": 2}}},
               {"key": "t", "match": {"text_any": "a b"}}, {"key": "t", "match": {"phrase": "a b"}},
               {"key": "t", "match": {"prefix": "pre"}},
               {"key": "d", "range": {"gte": "1970-01-01T00:00:01Z", "lt": "1970-01-02"}},
               {"key": "n", "values_count": {"gt": 2, "lte": 5}},
               {"slice": {"total": 4, "index": 3}}],
      "should": [{"key": "g", "geo_bounding_box": {"top_left": {"lon": 170, "lat": 10},
                                                   "bottom_right": {"lon": -170, "lat": -10}}},
                 {"key": "g", "geo_radius": {"center": {"lon": 1.5, "lat": 2}, "radius": 100}},
                 {"key": "g", "geo_polygon": {
                    "exterior": {"points": [{"lon": 170, "lat": 0}, {"lon": 190, "lat": 0},
                                            {"lon": 190, "lat": 5}, {"lon": 170, "lat": 0}]},
                    "interiors": []}}]})");

    filter expected;
    expected.must = {field("t", {match_text{"two words", text_match::all}}),
                     field("t", {match_fuzzy{"tow", 2}}),
                     field("t", {match_text{"a b", text_match::any}}),
                     field("t", {match_text{"a b", text_match::phrase}}),
                     field("t", {match_prefix{"pre"}}),
                     field("d", {time_range{86'400'000'000, {}, {}, 1'000'000}}),
                     field("n", {values_count{{}, 2, 5, {}}}),
                     {slice{4, 3}}};
    expected.should = {field("g", {geo_box{{170, 10}, {-170, -10}}}),
                       field("g", {geo_radius{{1.5, 2}, 100}}),
                       field("g", {geo_polygon{{{170, 0}, {190, 0}, {190, 5}, {170, 0}}, {}}})};
    CHECK(parsed == expected);
  }

  TEST_CASE("a filter in SQL stands alone, or must hold beside the other") {
    using namespace payload;
    api_under_test api;
    const auto asked = [&](const std::string& body) {
      api.house.asked.clear();
      api.ask(verb::post, "/collections/c/points/scroll", body);
      return api.only<scroll_request>().filter.value_or(filter{});
    };
    const filter named{{field("a", {match_value{std::string("x")}})}, {}, {}, {}};
    const filter counted{{field("b", {match_value{true}})}, {}, {}, {}};

    CHECK(asked(R"({"grape": {"filter_sql": "a = 'x'"}})") == named);
    CHECK(asked(R"({"filter": {"must": {"key": "b", "match": {"value": true}}},
                    "grape": {"filter_sql": "a = 'x'"}})")
          == filter{{{counted}, {named}}, {}, {}, {}});
    CHECK(api.ask(verb::post, "/collections/c/points/scroll",
                  R"({"grape": {"filter_sql": "a ="}})")
            .body.find("filter_sql: a text in single quotes")
          != std::string::npos);
  }

  TEST_CASE("a filter without conditions is one") {
    using namespace payload;
    CHECK(filter_of("{}") == filter{});
    CHECK(filter_of(R"({"must": null})") == filter{});
  }

  TEST_CASE("a query is a vector, an id, or one of the named kinds") {
    const auto kind_of = [](const std::string& query) {
      api_under_test api;
      const auto got
        = api.ask(verb::post, "/collections/c/points/query", R"({"query":)" + query + "}");
      CAPTURE(got.body);
      REQUIRE(got.status == 200);
      return *api.only<query_request>().query;
    };
    const auto nearest = [](const query_kind& kind) {
      return std::get<nearest_query>(kind).target;
    };

    CHECK(nearest(kind_of("[1, 0.5]")) == vector_input{vector_value{dense_vector{1, 0.5F}}});
    CHECK(nearest(kind_of("7")) == vector_input{point_id{7}});
    CHECK(nearest(kind_of(R"("8594ff5d265f4785a9f5b3b4b9665506")"))
          == vector_input{uuid_id(some_uuid)});
    CHECK(nearest(kind_of(R"({"nearest": [1]})")) == vector_input{vector_value{dense_vector{1}}});
    CHECK(nearest(kind_of(R"({"indices": [5, 2], "values": [0.5, 1]})"))
          == vector_input{vector_value{sparse_vector{{2, 5}, {1, 0.5F}}}});
    const auto recommend = std::get<recommend_query>(
      kind_of(R"({"recommend": {"positive": [1, [0.5]], "negative": [2]}})"));
    CHECK(recommend.positive.size() == 2);
    CHECK(recommend.negative == std::vector{vector_input{point_id{2}}});
  }

  TEST_CASE("a query carries all it was told and explains itself when asked") {
    api_under_test api;
    api.house.found.points = {{{point_id{1}, 4, {}, {}}, 0.1F}};
    api.house.found.explain = explanation{
      {1}, "hash", "local", {}, {42}, {"graph"}, 100, 1,
      {{.shard = 0, .replica = 1, .asked = {2, 1}, .hedged = false, .retried = true,
        .took_us = 70, .read_index = 42, .staleness_ms = 250, .visited = 100,
        .plan = "graph"}},
      {}, {}};

    const auto got = api.ask(
      verb::post, "/collections/c/points/query",
      R"({"query": [1], "using": "x", "limit": 2, "offset": 1, "score_threshold": 0.5,
          "params": {"hnsw_ef": 64, "exact": true, "indexed_only": true, "acorn": {"enable": true},
                     "quantization": {"ignore": true, "rescore": false, "oversampling": 2.5}},
          "with_payload": ["a"], "lookup_from": {"collection": "d", "vector": "y"}})",
      "explain=true");

    const auto& asked = api.only<query_request>();
    CHECK(asked.vector_name == "x");
    CHECK(asked.limit == 2);
    CHECK(asked.offset == 1);
    CHECK(asked.score_threshold == 0.5F);
    CHECK(asked.params.hnsw_ef == 64u);
    CHECK(asked.params.exact);
    CHECK(asked.params.indexed_only);
    CHECK(asked.params.ignore_codes);
    CHECK(asked.params.rescore == false);
    CHECK(asked.params.oversampling == 2.5);
    CHECK(asked.with_payload == payload_selector{payload_selector::mode::include, {"a"}});
    CHECK(asked.lookup_from->collection == "d");
    CHECK(asked.read.explain);
    CHECK(got.body
          == R"({"result":{"points":[{"id":1,"version":4,"score":0.1}]},"status":"ok",)"
             R"("explain":{"target_nodes":[1],"routing_strategy":"hash","load_balancing":"local",)"
             R"("fallback_nodes":[],"read_index":[42],"plan":["graph"],"visited":100,"epoch":1,)"
             R"("staleness_ms":null,)"
             R"("shards":[{"shard":0,"replica":1,"asked":[2,1],"hedged":false,"retried":true,)"
             R"("took_us":70,"read_index":42,"staleness_ms":250,"visited":100,"plan":"graph"}]},)"
             R"("time":0.0})");
  }

  TEST_CASE("batches and the older endpoints answer in their own shapes") {
    api_under_test api;
    api.house.found.points = {{{point_id{1}, 4, {}, {}}, 0.5F}};
    const std::string hit = R"({"id":1,"version":4,"score":0.5})";
    const std::string base = "/collections/c/points/";

    CHECK(api.ask(verb::post, base + "query/batch", R"({"searches": [{}, {"query": 1}]})").body
          == success(R"([{"points":[)" + hit + R"(]},{"points":[)" + hit + "]}]"));
    CHECK(api.ask(verb::post, base + "query/batch", R"({"searches": []})").body == success("[]"));
    CHECK(api.ask(verb::post, base + "search", R"({"vector": [1], "top": 5})").body
          == success("[" + hit + "]"));
    CHECK(api.ask(verb::post, base + "search/batch",
                  R"({"searches": [{"vector": {"name": "x", "vector": [1]}, "limit": 5}]})")
            .body
          == success("[[" + hit + "]]"));
    CHECK(api.ask(verb::post, base + "recommend", R"({"positive": [1], "limit": 5})").body
          == success("[" + hit + "]"));
    const auto& named = std::get<query_batch_request>(api.house.asked[3]).queries.front();
    CHECK(named.vector_name == "x");
    CHECK(named.limit == 5);
    CHECK(named.collection == "c");
  }

  TEST_CASE("a count is exact unless told otherwise") {
    api_under_test api;
    api.house.counted.count = 3;

    CHECK(api.ask(verb::post, "/collections/c/points/count", "{}").body
          == success(R"({"count":3})"));
    api.ask(verb::post, "/collections/c/points/count", R"({"exact": false})");

    CHECK(std::get<count_request>(api.house.asked[0]).exact);
    CHECK_FALSE(std::get<count_request>(api.house.asked[1]).exact);
  }
}
