#include "tests/net/http/bad_request.hpp"

using namespace grape;
using namespace grape::http;

namespace {

constexpr auto points = "/collections/c/points";
constexpr auto query = "/collections/c/points/query";
constexpr auto scroll = "/collections/c/points/scroll";
constexpr auto counting = "/collections/c/points/count";
constexpr auto search = "/collections/c/points/search";

const bad_request in_reads[] = {
  {verb::post, scroll, "", R"({"limit": 0})", 422,
   INVALID "[scroll_request.limit: value 0 invalid, must be 1 or larger]"},
  {verb::post, scroll, "", R"({"limit": -1})", 400,
   FORMAT "invalid value: integer `-1`, expected usize at limit"},
  {verb::post, scroll, "", R"({"limit": "ten"})", 400,
   FORMAT "invalid type: string \"ten\", expected usize at limit"},
  {verb::post, scroll, "", R"({"offset": "abc"})", 400,
   FORMAT "value \"abc\" is not a valid point ID, valid values are either an unsigned integer "
   "or a UUID at offset"},
  {verb::post, scroll, "", R"({"order_by": 5})", 400,
   FORMAT "Expected a string, or an object with a key, direction and/or start_from at order_by"},
  {verb::post, scroll, "", R"({"order_by": {"key": "a", "direction": "up"}})", 400,
   FORMAT "unknown variant `up`, expected one of `asc`, `desc` at order_by.direction"},
  {verb::post, scroll, "", R"({"with_payload": {"include": ["a"], "exclude": []}})", 400,
   FORMAT "Expected a boolean, an array of strings, or an object with an include/exclude "
   "field at with_payload"},
  {verb::post, scroll, "", R"({"with_payload": 5})", 400,
   FORMAT "Expected a boolean, an array of strings, or an object with an include/exclude "
   "field at with_payload"},
  {verb::post, scroll, "", R"({"with_vector": {"a": 1}})", 400,
   FORMAT "Expected a boolean, or an array of strings at with_vector"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a"}]}})", 422,
   INVALID "[scroll_request.filter.must[0].__all__: Validation error: At least one field "
   "condition must be specified [{}]]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": 5, "match": {"value": 1}}]}})", 400,
   FORMAT "invalid type: integer `5`, expected a string at filter.must[0].key"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"what": 5}]}})", 400,
   FORMAT "Expected some form of condition, which can be a field condition (like {\"key\": "
   "..., \"match\": ... }), or some other mentioned in the documentation: "
   "https://qdrant.tech/documentation/concepts/filtering/#filtering-conditions at "
   "filter.must[0]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a", "match": {"value": 1.5}}]}})", 400,
   FORMAT "data did not match any variant of untagged enum Match at filter.must[0].match.value"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "match": {"any": [1, "a"]}}]}})", 400,
   FORMAT "data did not match any variant of untagged enum Match at "
   "filter.must[0].match.any[1]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a", "match": {"text": 5}}]}})", 400,
   FORMAT "invalid type: integer `5`, expected a string at filter.must[0].match.text"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a", "match": {}}]}})", 400,
   FORMAT "data did not match any variant of untagged enum Match at filter.must[0].match"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "range": {"gt": "2020-02-30"}}]}})", 400,
   FORMAT "'2020-02-30' does not match accepted datetime format (RFC3339). Example: "
   "2014-01-01T00:00:00Z at filter.must[0].range.gt"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a", "range": {"gt": true}}]}})", 400,
   FORMAT "invalid type: boolean `true`, expected f64 at filter.must[0].range.gt"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "values_count": {"gt": -1}}]}})", 400,
   FORMAT "invalid value: integer `-1`, expected usize at filter.must[0].values_count.gt"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"key": "a", "geo_radius": {}}]}})", 400,
   FORMAT "missing field `center` at filter.must[0].geo_radius"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "geo_radius": {"center": {"lon": 181, "lat": 0},
      "radius": 5}}]}})", 400,
   FORMAT "Wrong format of GeoPoint payload: expected `lat` = 0.0 within [-90;90] and `lon` = "
   "181.0 within [-180;180] at filter.must[0].geo_radius.center"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "geo_polygon": {"exterior": {"points": []}}}]}})", 400,
   FORMAT "Validation failed: polygon invalid, the size must be at least 4, got 0 at "
   "filter.must[0].geo_polygon.exterior"},
  {verb::post, scroll, "",
   R"({"filter": {"must": [{"key": "a", "geo_polygon": {"exterior": {"points": [
      {"lon": 0, "lat": 0}, {"lon": 1, "lat": 0}, {"lon": 1, "lat": 1},
      {"lon": 0, "lat": 1}]}}}]}})", 400,
   FORMAT "Validation failed: polygon invalid, the first and the last points should be the same "
   "to form a closed line at filter.must[0].geo_polygon.exterior"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"slice": {"total": 2, "index": 2}}]}})", 422,
   INVALID "[scroll_request.filter.must[0].slice: Validation error: Slice index must be less than "
   "the total number of slices [{}]]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"slice": {"total": 0, "index": 0}}]}})", 400,
   FORMAT "invalid value: integer `0`, expected a nonzero u64 at filter.must[0].slice.total"},
  {verb::post, scroll, "", R"({"filter": {"min_should": {"conditions": [], "min_count": 0}}})", 422,
   INVALID "[scroll_request.filter.min_should.min_count: min_count must be greater than 0]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"has_id": [1.5]}]}})", 400,
   FORMAT "value 1.5 is not a valid point ID, valid values are either an unsigned integer or "
   "a UUID at filter.must[0].has_id[0]"},
  {verb::post, scroll, "", R"({"filter": {"must": [{"nested": {"key": "a"}}]}})", 400,
   FORMAT "missing field `filter` at filter.must[0].nested"},
  {verb::post, counting, "", R"({"exact": "yes"})", 400,
   FORMAT "invalid type: string \"yes\", expected a boolean at exact"},
  {verb::post, points, "", R"({"with_payload": true})", 400, FORMAT "missing field `ids`"},
  {verb::get, "/collections/c/points/abc", "", "", 400,
   "Wrong input: Can not recognize \"abc\" as point id"},
  {verb::get, "/collections/c/points/-1", "", "", 400,
   "Wrong input: Can not recognize \"-1\" as point id"},
  {verb::post, query, "", R"({"limit": 0})", 422,
   INVALID "[internal.limit: value 0 invalid, must be 1 or larger]"},
  {verb::post, query, "", R"({"query": [1, null]})", 400,
   FORMAT "invalid type: null, expected f32 at query[1]"},
  {verb::post, query, "", R"({"query": true})", 400,
   FORMAT "Expected some form of vector, id, or a type of query at query"},
  {verb::post, query, "", R"({"query": {}})", 400,
   FORMAT "Expected some form of vector, id, or a type of query at query"},
  {verb::post, query, "", R"({"query": [[1], [2, 3]]})", 422,
   INVALID "[internal.query.data: all vectors must have the same dimension, found vector with "
   "dimension 2]"},
  {verb::post, query, "", R"({"query": {"recommend": {}}})", 422,
   INVALID "[internal.query.recommend.positives, negatives: Validation error: At least one "
   "positive or negative vector/id must be provided [{}]]"},
  {verb::post, query, "", R"({"query": {"recommend": {"positive": [1], "strategy": "all"}}})", 400,
   FORMAT "unknown variant `all`, expected one of `average_vector`, `best_score`, `sum_scores` at "
   "query.recommend.strategy"},
  {verb::post, query, "", R"({"query": {"discover": {"target": 1}}})", 400,
   FORMAT "missing field `context` at query.discover"},
  {verb::post, query, "", R"({"query": {"context": [{"positive": 1}]}})", 400,
   FORMAT "missing field `negative` at query.context[0]"},
  {verb::post, query, "", R"({"query": {"fusion": "best"}, "prefetch": [{}]})", 400,
   FORMAT "unknown variant `best`, expected one of `rrf`, `dbsf` at query.fusion"},
  {verb::post, query, "", R"({"query": {"rrf": {"k": 0}}, "prefetch": [{}]})", 422,
   INVALID "[internal.query.rrf.k: value 0 invalid, must be 1 or larger]"},
  {verb::post, query, "", R"({"query": 1, "prefetch": [{"prefetch": {"limit": 0}}]})", 422,
   INVALID "[internal.prefetch[0].prefetch.limit: value 0 invalid, must be 1 or larger]"},
  {verb::post, query, "", R"({"query": {"sample": "first"}})", 400,
   FORMAT "unknown variant `first`, expected `random` at query.sample"},
  {verb::post, query, "", R"({"query": {"formula": "$best"}})", 400,
   FORMAT "Invalid reserved word: $best at query.formula"},
  {verb::post, query, "", R"({"query": {"formula": {"sum": [true]}}})", 400,
   FORMAT "data did not match any variant of untagged enum Expression at query.formula.sum[0]"},
  {verb::post, query, "", R"({"query": {"formula": {"lin_decay": {"x": 1, "midpoint": 2}}}})", 400,
   "Wrong input: Validation failed: Linear decay midpoint should be in the range [0.0, 1.0], got "
   "2.0."},
  {verb::post, query, "",
   R"({"query": {"relevance_feedback": {"target": [1], "feedback": [{"example": 1, "score": 1}],
       "strategy": {"naive": {"a": 1, "b": -1.0, "c": 1}}}}})",
   422,
   INVALID "[internal.query.relevance_feedback.strategy.naive.b: value -1.0 invalid, must be 0.0 "
   "or larger]"},
  {verb::post, query, "",
   R"({"query": {"relevance_feedback": {"target": [1], "feedback": [],
       "strategy": {"naive": {"a": 1, "b": 1, "c": 1}}}}})",
   422,
   INVALID "[internal.query.relevance_feedback.__all__: feedback elements must be non-empty]"},
  {verb::post, query, "", R"({"query": {"grape": {"fusion": "linear"}}, "prefetch": [{}]})", 400,
   FORMAT "missing field `weights` at query.grape"},
  {verb::post, "/collections/c/points/query/groups", "", R"({"query": 1})", 400,
   FORMAT "missing field `group_by`"},
  {verb::post, "/collections/c/points/query/groups", "",
   R"({"query": 1, "group_by": "a", "group_size": 0})", 422,
   INVALID "[search_group_request.group_size: value 0 invalid, must be 1 or larger]"},
  {verb::post, "/collections/c/points/search/matrix/pairs", "", R"({"sample": 1})", 422,
   INVALID "[search_request.sample: value 1 invalid, must be 2 or larger]"},
  {verb::post, query, "", R"({"query": 1, "params": {"hnsw_ef": 0}})", 422,
   INVALID "[internal.params.hnsw_ef: value 0 invalid, must be 1 or larger]"},
  {verb::post, query, "", R"({"query": 1, "params": {"exact": 1}})", 400,
   FORMAT "invalid type: integer `1`, expected a boolean at params.exact"},
  {verb::post, query, "", R"({"query": 1, "params": {"quantization": {"oversampling": 0.5}}})", 422,
   INVALID "[internal.params.quantization.oversampling: value 0.5 invalid, must be 1.0 or "
   "larger]"},
  {verb::post, query, "", R"({"query": {"nearest": 1, "mmr": {"diversity": 2}}})", 422,
   INVALID "[internal.query.mmr.diversity: value 2.0 invalid, must be from 0.0 to 1.0]"},
  {verb::post, query, "", R"({"query": 1, "lookup_from": {}})", 400,
   FORMAT "missing field `collection` at lookup_from"},
  {verb::post, query, "consistency=0", R"({"query": 1})", 400,
   "Deserialize error in query parameters: failed to deserialize read consistency query "
   "parameter value '0'"},
  {verb::post, query, "consistency=most", R"({"query": 1})", 400,
   "Deserialize error in query parameters: failed to deserialize read consistency query "
   "parameter value 'most'"},
  {verb::post, query, "timeout=0", R"({"query": 1})", 422,
   "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]"},
  {verb::post, query, "explain=1", R"({"query": 1})", 400,
   "Deserialize error in query parameters: provided string was not `true` or `false`"},
  {verb::post, "/collections/c/points/query/batch", "", R"({"searches": [{"limit": 0}]})", 422,
   INVALID "[searches[0].internal.limit: value 0 invalid, must be 1 or larger]"},
  {verb::post, "/collections/c/points/query/batch", "", "{}", 400,
   FORMAT "missing field `searches`"},
  {verb::post, search, "", R"({"vector": [1]})", 400, FORMAT "missing field `limit`"},
  {verb::post, search, "", R"({"limit": 1})", 400, FORMAT "missing field `vector`"},
  {verb::post, search, "", R"({"vector": [1], "top": 0})", 422,
   INVALID "[search_request.limit: value 0 invalid, must be 1 or larger]"},
  {verb::post, "/collections/c/points/recommend", "", R"({"negative": [1], "limit": 1})", 400,
   "Bad request: At least one positive vector ID required with this strategy"},
  {verb::post, "/collections/c/points/discover", "", R"({"limit": 1})", 400,
   "Bad request: target and/or context_pairs must be specified"},
  {verb::post, "/grape/v1/actors/kill", "", "{}", 400, FORMAT "missing field `name`"},
};

} // namespace

TEST_SUITE("net.http.bad_reads") {
  TEST_CASE("a bad read is refused before the house hears of it") {
    check_all(in_reads);
  }
}
