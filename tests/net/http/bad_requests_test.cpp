#include "tests/net/http/bad_request.hpp"

using namespace grape;
using namespace grape::http;

namespace {

constexpr auto create = "/collections/c";
constexpr auto points = "/collections/c/points";
constexpr auto removal = "/collections/c/points/delete";
constexpr auto payload_ = "/collections/c/points/payload";
constexpr auto vectors = "/collections/c/points/vectors";
constexpr auto batch = "/collections/c/points/batch";
constexpr auto scroll = "/collections/c/points/scroll";
constexpr auto index_ = "/collections/c/index";

#define BROKEN                                                                                     \
  FORMAT "The JSON document has an improper structure: missing or superfluous commas, braces,"     \
         " missing keys, etc"

const bad_request not_json[] = {
  {verb::post, scroll, "", "", 400, FORMAT "EOF while parsing a value at line 1 column 0"},
  {verb::post, scroll, "", "{", 400, BROKEN},
  {verb::post, scroll, "", "{} {}", 400, BROKEN},
  {verb::post, scroll, "", "{\"limit\": 1,}", 400, BROKEN},
  {verb::post, scroll, "", "{\"limit\": 01}", 400, FORMAT "invalid number, or number out of range"},
  {verb::post, scroll, "", "{\"limit\": NaN}", 400, BROKEN},
  {verb::post, scroll, "", "{'limit': 1}", 400, BROKEN},
  {verb::post, scroll, "", "{\"a\": \"\xff\"}", 400, FORMAT "invalid unicode code point"},
  {verb::post, scroll, "", "{\"a\": 123456789012345678901234567890}", 400,
   FORMAT "invalid number, or number out of range"},
  {verb::post, scroll, "", "{\"a\": 1e999}", 400, FORMAT "invalid number, or number out of range"},
  {verb::post, scroll, "", "[]", 400, FORMAT "invalid type: sequence, expected a map"},
  {verb::post, scroll, "", "7", 400, FORMAT "invalid type: integer `7`, expected a map"},
  {verb::put, points, "", "null", 400, FORMAT "Invalid PointInsertOperations format"},
};

const bad_request in_collections[] = {
  {verb::put, create, "", R"({"vectors": {"size": 0, "distance": "Dot"}})", 400,
   FORMAT "invalid value: integer `0`, expected a nonzero u64 at vectors.size"},
  {verb::put, create, "", R"({"vectors": {"size": 65537, "distance": "Dot"}})", 422,
   INVALID "[vectors.size: value 65537 invalid, must be from 1 to 65536]"},
  {verb::put, create, "", R"({"vectors": {"size": "4", "distance": "Dot"}})", 400,
   FORMAT "invalid type: string \"4\", expected a nonzero u64 at vectors.size"},
  {verb::put, create, "", R"({"vectors": {"size": 4}})", 400,
   FORMAT "missing field `distance` at vectors"},
  {verb::put, create, "", R"({"vectors": {"size": 4, "distance": "dot"}})", 400,
   FORMAT "unknown variant `dot`, expected one of `Cosine`, `Euclid`, `Dot`, `Manhattan` at "
   "vectors.distance"},
  {verb::put, create, "", R"({"vectors": {"a": {"distance": "Dot"}}})", 400,
   FORMAT "missing field `size` at vectors.a"},
  {verb::put, create, "", R"({"vectors": {"a/b": {"size": 4, "distance": "Dot"}}})", 400,
   "Wrong input: Invalid dense vector name `a/b`: vector name cannot contain \"/\" char"},
  {verb::put, create, "",
   R"({"vectors": {"size": 4, "distance": "Dot", "datatype": "uint4"}})", 400,
   FORMAT "unknown variant `uint4`, expected one of `float32`, `uint8`, `float16`, `turbo4` at "
   "vectors.datatype"},
  {verb::put, create, "", R"({"vectors": {"size": 4, "distance": "Dot", "memory": "pinned"}})", 422,
   INVALID "[vectors.memory: `pinned` memory placement is not supported for dense vector "
   "storage]"},
  {verb::put, create, "",
   R"({"vectors": {"size": 4, "distance": "Dot", "multivector_config": {}}})", 400,
   FORMAT "missing field `comparator` at vectors.multivector_config"},
  {verb::put, create, "", R"({"shard_number": 0})", 422,
   INVALID "[shard_number: value 0 invalid, must be 1 or larger]"},
  {verb::put, create, "", R"({"replication_factor": -1})", 400,
   FORMAT "invalid value: integer `-1`, expected u32 at replication_factor"},
  {verb::put, create, "", R"({"write_consistency_factor": 4294967296})", 400,
   FORMAT "invalid value: integer `4294967296`, expected u32 at write_consistency_factor"},
  {verb::put, create, "", R"({"hnsw_config": {"ef_construct": 0}})", 422,
   INVALID "[hnsw_config.ef_construct: value 0 invalid, must be 4 or larger]"},
  {verb::put, create, "", R"({"hnsw_config": {"ef_construct": 10001}})", 422,
   INVALID "[hnsw_config.ef_construct: value 10001 invalid, must be 10000 or smaller]"},
  {verb::put, create, "", R"({"hnsw_config": {"m": 4294967295}})", 422,
   INVALID "[hnsw_config.m: value 4294967295 invalid, must be 2000 or smaller]"},
  {verb::put, create, "", R"({"hnsw_config": {"full_scan_threshold": 9}})", 422,
   INVALID "[hnsw_config.full_scan_threshold: value 9 invalid, must be 10 or larger]"},
  {verb::put, create, "", R"({"hnsw_config": {"m": 1.5}})", 400,
   FORMAT "invalid type: floating point `1.5`, expected u32 at hnsw_config.m"},
  {verb::put, create, "", R"({"hnsw_config": {"on_disk": 1}})", 400,
   FORMAT "invalid type: integer `1`, expected a boolean at hnsw_config.on_disk"},
  {verb::put, create, "", R"({"optimizers_config": {"deleted_threshold": 1.5}})", 422,
   INVALID "[optimizers_config.deleted_threshold: value 1.5 invalid, must be from 0.0 to 1.0]"},
  {verb::put, create, "", R"({"optimizers_config": {"vacuum_min_vector_number": 99}})", 422,
   INVALID "[optimizers_config.vacuum_min_vector_number: value 99 invalid, must be 100 or "
   "larger]"},
  {verb::put, create, "", R"({"optimizers_config": {"max_optimization_threads": "all"}})", 400,
   FORMAT "unknown variant `all`, expected `auto` at "
   "optimizers_config.max_optimization_threads"},
  {verb::put, create, "", R"({"wal_config": {"wal_capacity_mb": 0}})", 422,
   INVALID "[wal_config.wal_capacity_mb: value 0 invalid, must be 1 or larger]"},
  {verb::put, create, "", R"({"quantization_config": {}})", 400,
   FORMAT "data did not match any variant of untagged enum QuantizationConfig at "
   "quantization_config"},
  {verb::put, create, "", R"({"quantization_config": {"scalar": {"type": "int4"}}})", 400,
   FORMAT "unknown variant `int4`, expected `int8` at quantization_config.scalar.type"},
  {verb::put, create, "",
   R"({"quantization_config": {"scalar": {"type": "int8", "quantile": 0.4}}})", 422,
   INVALID "[quantization_config.scalar.quantile: value 0.4 invalid, must be from 0.5 to 1.0]"},
  {verb::put, create, "", R"({"sparse_vectors": {"": {}}})", 400,
   "Wrong input: Sparse vector name cannot be empty"},
  {verb::put, create, "",
   R"({"vectors": {"x": {"size": 4, "distance": "Dot"}}, "sparse_vectors": {"x": {}}})", 400,
   "Wrong input: Dense and sparse vector names must be unique - duplicate found with 'x'"},
  {verb::put, create, "", R"({"sparse_vectors": {"x": {"index": {"datatype": "turbo4"}}}})", 422,
   INVALID "[sparse_vectors.?.index.datatype: sparse vectors do not support the `turbo4` "
   "datatype]"},
  {verb::put, create, "", R"({"sharding_method": "by_hand"})", 400,
   FORMAT "unknown variant `by_hand`, expected one of `auto`, `custom` at sharding_method"},
  {verb::put, create, "", R"({"metadata": 5})", 400,
   FORMAT "invalid type: integer `5`, expected a map at metadata"},
  {verb::put, create, "", R"({"grape": {"replication": {"protocol": "chain"}}})", 400,
   "Bad request: the replication protocol `chain` is not available yet"},
  {verb::put, create, "", R"({"grape": {"placement": {"strategy": "key"}}})", 400,
   "Bad request: the placement strategy `key` is not available yet"},
  {verb::put, create, "", R"({"grape": {"replicas": 3}})", 400,
   FORMAT "unknown field `replicas` at grape.replicas"},
  {verb::put, create, "timeout=0", "{}", 422,
   "Validation error in query parameters: [timeout: value 0 invalid, must be 1 or larger]"},
  {verb::put, create, "timeout=x", "{}", 400,
   "Deserialize error in query parameters: invalid digit found in string"},
  {verb::put, "/collections/a:b", "", "{}", 422,
   "Validation error in path parameters: [collection_name: collection name cannot contain "
   "\":\" char]"},
  {verb::put, "/collections/.", "", "{}", 422,
   "Validation error in path parameters: [collection_name: collection name cannot be \".\"]"},
  {verb::put, "/collections/%2E%2e", "", "{}", 422,
   "Validation error in path parameters: [collection_name: collection name cannot be \"..\"]"},
  {verb::get, "/collections/a%2Fb", "", "", 422,
   "Validation error in path parameters: [collection_name: collection name cannot contain "
   "\"/\" char]"},
  {verb::get, "/collections/%FF", "", "", 400,
   "Deserialize error in path parameters: invalid utf-8 sequence"},
  {verb::get, "/collections/%4", "", "", 400,
   "Deserialize error in path parameters: invalid percent-encoding"},
  {verb::patch, create, "", R"({"params": {"replication_factor": 0}})", 400,
   FORMAT "invalid value: integer `0`, expected a nonzero u32 at params.replication_factor"},
  {verb::patch, create, "", R"({"quantization_config": "Off"})", 400,
   FORMAT "unknown variant `Off`, expected `Disabled` at quantization_config"},
  {verb::patch, create, "", R"({"vectors": [1]})", 400,
   FORMAT "invalid type: sequence, expected a map at vectors"},
  {verb::post, "/collections/aliases", "", R"({"actions": [{"make_alias": {}}]})", 400,
   FORMAT "data did not match any variant of untagged enum AliasOperations at actions[0]"},
  {verb::post, "/collections/aliases", "", R"({"actions": [{"delete_alias": {}}]})", 400,
   FORMAT "missing field `alias_name` at actions[0].delete_alias"},
  {verb::post, "/collections/aliases", "", "{}", 400, FORMAT "missing field `actions`"},
  {verb::put, index_, "", R"({"field_name": "a"})", 400,
   "Bad request: Can't auto-detect field type, please specify `field_schema` in the request"},
  {verb::put, index_, "", R"({"field_name": "a..b", "field_schema": "keyword"})", 400,
   FORMAT "Invalid json path: 'a..b' at field_name"},
  {verb::put, index_, "",
   R"({"field_name": "a", "field_schema": {"type": "text", "stopwords": "klingon"}})", 400,
   FORMAT "text index: there are no stop words for the language \"klingon\" at field_schema"},
  {verb::put, index_, "",
   R"({"field_name": "a", "field_schema": {"type": "text", "tokenizer": "words"}})", 400,
   FORMAT "unknown variant `words`, expected one of `prefix`, `whitespace`, `word`, "
   "`multilingual` at field_schema.tokenizer"},
  {verb::put, index_, "", R"({"field_name": "a", "field_schema": "string"})", 400,
   FORMAT "unknown variant `string`, expected one of `keyword`, `integer`, `float`, `bool`, "
   "`geo`, `text`, `datetime`, `uuid` at field_schema"},
  {verb::put, index_, "",
   R"({"field_name": "a", "field_schema": {"type": "integer", "lookup": false, "range": false}})",
   422,
   INVALID "[field_schema.__all__: Validation error: the 'lookup' and 'range' capabilities "
   "can't be both disabled [{}]]"},
  {verb::del, "/collections/c/index/a..b", "", "", 400,
   "Deserialize error in path parameters: Invalid json path: 'a..b'"},
};

const bad_request in_writes[] = {
  {verb::put, points, "", "{}", 400, FORMAT "Invalid PointInsertOperations format"},
  {verb::put, points, "", R"({"points": []})", 400, "Bad request: Empty update request"},
  {verb::put, points, "", R"({"points": {}})", 400,
   FORMAT "invalid type: map, expected a sequence at points"},
  {verb::put, points, "", R"({"points": [{"vector": [1]}]})", 400,
   FORMAT "missing field `id` at points[0]"},
  {verb::put, points, "", R"({"points": [{"id": 1}]})", 400,
   FORMAT "missing field `vector` at points[0]"},
  {verb::put, points, "", R"({"points": [{"id": -1, "vector": [1]}]})", 400,
   FORMAT "value -1 is not a valid point ID, valid values are either an unsigned integer or a "
   "UUID at points[0].id"},
  {verb::put, points, "", R"({"points": [{"id": 1.5, "vector": [1]}]})", 400,
   FORMAT "value 1.5 is not a valid point ID, valid values are either an unsigned integer or "
   "a UUID at points[0].id"},
  {verb::put, points, "", R"({"points": [{"id": "abc", "vector": [1]}]})", 400,
   FORMAT "value \"abc\" is not a valid point ID, valid values are either an unsigned integer "
   "or a UUID at points[0].id"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": "x"}]})", 400,
   FORMAT "invalid type: string \"x\", expected a dense vector, a sparse vector, a "
   "multivector or an inference object at points[0].vector"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [1, "x"]}]})", 400,
   FORMAT "invalid type: string \"x\", expected f32 at points[0].vector[1]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [1, 1e39]}]})", 400,
   FORMAT "number out of range at points[0].vector[1]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": []}]})", 422,
   INVALID "[points[0].vector.vector: dense vector must not be empty]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": {"a": []}}]})", 422,
   INVALID "[points[0].vector.?.vector: dense vector must not be empty]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [[1], []]}]})", 422,
   INVALID "[points[0].vector.data: all vectors must be non-empty]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [[1], [1, 2]]}]})", 422,
   INVALID "[points[0].vector.data: all vectors must have the same dimension, found vector "
   "with dimension 2]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": {"text": "x", "model": "m"}}]})", 400,
   "Bad request: inference is not available yet"},
  {verb::put, points, "",
   R"({"points": [{"id": 1, "vector": {"s": {"image": "x", "model": "qdrant/bm25"}}}]})", 400,
   "Bad request: Only text input is supported for qdrant/bm25."},
  {verb::put, points, "",
   R"({"points": [{"id": 1, "vector": {"s": {"text": "x", "model": "bm25",
       "options": {"b": 2}}}}]})", 400,
   "Bad request: BM25: b must be from 0 to 1"},
  {verb::put, points, "",
   R"({"points": [{"id": 1, "vector": {"a": {"indices": [1, 1], "values": [1, 2]}}}]})", 422,
   INVALID "[points[0].vector.?.indices: Validation error: must be unique [{}]]"},
  {verb::put, points, "",
   R"({"points": [{"id": 1, "vector": {"a": {"indices": [1], "values": [1, 2]}}}]})", 422,
   INVALID "[points[0].vector.?.values: Validation error: must be the same length as indices "
   "[{}]]"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [1], "payload": [1]}]})", 400,
   FORMAT "invalid type: sequence, expected a map at points[0].payload"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [1]}], "shard_key": 1.5})", 400,
   FORMAT "data did not match any variant of untagged enum ShardKeySelector at shard_key"},
  {verb::put, points, "",
   R"({"points": [{"id": 1, "vector": [1]}], "shard_key": {"target": "a"}})", 400,
   FORMAT "data did not match any variant of untagged enum ShardKeySelector at shard_key"},
  {verb::put, points, "", R"({"points": [{"id": 1, "vector": [1]}], "update_mode": "put"})", 400,
   FORMAT "unknown variant `put`, expected one of `upsert`, `insert_only`, `update_only` at "
   "update_mode"},
  {verb::put, points, "", R"({"batch": {"ids": [1, 2], "vectors": [[1]]}})", 422,
   INVALID "[batch.batch: number of ids and vectors must be equal (2 != 1)]"},
  {verb::put, points, "", R"({"batch": {"ids": [1], "vectors": [[1]], "payloads": []}})", 422,
   INVALID "[batch.batch: number of ids and payloads must be equal (1 != 0)]"},
  {verb::put, points, "wait=yes", R"({"points": [{"id": 1, "vector": [1]}]})", 400,
   "Deserialize error in query parameters: provided string was not `true` or `false`"},
  {verb::put, points, "ordering=any", R"({"points": [{"id": 1, "vector": [1]}]})", 400,
   "Deserialize error in query parameters: unknown variant `any`, expected one of `weak`, "
   "`medium`, `strong`"},
  {verb::put, points, "ack=some", R"({"points": [{"id": 1, "vector": [1]}]})", 400,
   "Deserialize error in query parameters: unknown variant `some`, expected one of `eventual`, "
   "`write_quorum`, `all`"},
  {verb::post, removal, "", "{}", 400,
   FORMAT "data did not match any variant of untagged enum PointsSelector"},
  {verb::post, removal, "", R"({"filter": {"mustt": []}})", 400,
   FORMAT "unknown field `mustt`, expected one of `should`, `min_should`, `must`, `must_not` "
   "at filter"},
  {verb::post, payload_, "", R"({"points": [1]})", 400, FORMAT "missing field `payload`"},
  {verb::post, payload_, "", R"({"payload": {"a": 1}})", 400,
   FORMAT "Either list of point ids or filter must be provided"},
  {verb::put, payload_, "", R"({"payload": [1], "points": [1]})", 400,
   FORMAT "invalid type: sequence, expected a map at payload"},
  {verb::post, payload_, "", R"({"payload": {}, "points": [1], "key": "a["})", 400,
   FORMAT "Invalid json path: 'a[' at key"},
  {verb::post, "/collections/c/points/payload/delete", "", R"({"points": [1]})", 400,
   FORMAT "missing field `keys`"},
  {verb::post, "/collections/c/points/payload/clear", "", R"({"points": ["x"]})", 400,
   FORMAT "value \"x\" is not a valid point ID, valid values are either an unsigned integer "
   "or a UUID at points[0]"},
  {verb::put, vectors, "", R"({"points": []})", 422,
   INVALID "[points: must specify points to update]"},
  {verb::put, vectors, "", R"({"points": [{"id": 1, "vector": {}}]})", 422,
   INVALID "[points[0].vector: must specify vectors to update for point]"},
  {verb::put, vectors, "", R"({"points": [{"id": 1, "vector": []}]})", 422,
   INVALID "[points[0].vector: must specify vectors to update for point]"},
  {verb::post, "/collections/c/points/vectors/delete", "", R"({"points": [1], "vector": []})", 422,
   INVALID "[vector: must specify vector names to delete]"},
  {verb::post, batch, "", R"({"operations": [{"erase": {}}]})", 400,
   FORMAT "data did not match any variant of untagged enum UpdateOperation at operations[0]"},
  {verb::post, batch, "",
   R"({"operations": [{"upsert": {"points": [{"id": 1, "vector": []}]}}]})", 422,
   INVALID "[operations[0].upsert.points[0].vector.vector: dense vector must not be empty]"},
};

} // namespace

TEST_SUITE("net.http.bad_requests") {
  TEST_CASE("bytes that are no JSON, or not the right kind, are refused with 400") {
    check_all(not_json);
  }

  TEST_CASE("a bad body about a collection is refused before the house hears of it") {
    check_all(in_collections);
  }

  TEST_CASE("a bad write is refused before the house hears of it") {
    check_all(in_writes);
  }
}
