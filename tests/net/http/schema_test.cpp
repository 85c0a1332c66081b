#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

collection_options created_by(const std::string& body) {
  api_under_test api;
  const auto got = api.ask(verb::put, "/collections/c", body, "timeout=5");
  CAPTURE(got.body);
  REQUIRE(got.status == 200);
  CHECK(got.body == success("true"));
  return api.only<create_collection_request>().options;
}

std::string described(const collection_options& options) {
  api_under_test api;
  api.house.description.schema.options = options;
  return api.ask(verb::get, "/collections/c").body;
}

constexpr auto defaults
  = R"("hnsw_config":{"ef_construct":100,"full_scan_threshold":10000,"m":16,)"
    R"("max_indexing_threads":0,"on_disk":false},"optimizer_config":{"default_segment_number":0,)"
    R"("deleted_threshold":0.2,"flush_interval_sec":5,"indexing_threshold":10000,)"
    R"("max_optimization_threads":null,"max_segment_size":null,"memmap_threshold":null,)"
    R"("vacuum_min_vector_number":1000},"wal_config":{"wal_capacity_mb":32,)"
    R"("wal_retain_closed":1,"wal_segments_ahead":0},"quantization_config":null)";

} // namespace

TEST_SUITE("net.http.schema") {
  TEST_CASE("a single config is the unnamed vector and is shown as it was given") {
    const auto options = created_by(R"({"vectors": {"size": 4, "distance": "Dot", "on_disk": true,
      "hnsw_config": {"m": 8, "payload_m": 4}, "datatype": null}})");

    CHECK(options.single_unnamed);
    CHECK(options.shard_number == 1);
    CHECK(options.replication == replication_options{});
    CHECK(described(options)
          == success(R"({"status":"green","optimizer_status":"ok","indexed_vectors_count":0,)"
                     R"("points_count":0,"segments_count":0,"config":{"params":{"vectors":)"
                     R"({"size":4,"distance":"Dot","hnsw_config":{"m":8,"payload_m":4},)"
                     R"("on_disk":true},"shard_number":1,"replication_factor":1,)"
                     R"("write_consistency_factor":1,"on_disk_payload":true},)"
                     + std::string(defaults) + R"(},"payload_schema":{},)"
                     + R"("update_queue":{"length":0}})"));
  }

  TEST_CASE("what a creation does not say is as the node was told") {
    fake_gateway house;
    const api served{house, api_options{.now_s = [] { return 5.0; },
                                        .observe = {},
                                        .collections = {.shard_number = 6,
                                                        .replication_factor = 3}}};
    for (const auto* body : {R"({"vectors": {"size": 4, "distance": "Dot"}})",
                             R"({"vectors": {"size": 4, "distance": "Dot"}, "shard_number": 2})"})
      served.handle({verb::put, "/collections/c", {}, {}, body}, [](const response&) {});

    REQUIRE(house.asked.size() == 2);
    const auto& silent = std::get<create_collection_request>(house.asked[0]).options;
    CHECK(silent.shard_number == 6);
    CHECK(silent.replication_factor == 3);
    const auto& explicit_one = std::get<create_collection_request>(house.asked[1]).options;
    CHECK(explicit_one.shard_number == 2);
    CHECK(explicit_one.replication_factor == 3);
  }

  TEST_CASE("a vector may be called size") {
    const auto options
      = created_by(R"({"vectors": {"size": {"size": 4, "distance": "Euclid"}}})");

    CHECK_FALSE(options.single_unnamed);
    CHECK(options.vectors.at("size").size == 4);
  }

  TEST_CASE("datatypes, rows and modifiers are read and shown as they were given") {
    const auto options = created_by(R"({
      "vectors": {"a": {"size": 2, "distance": "Dot", "datatype": "uint8"},
                  "b": {"size": 3, "distance": "Dot", "datatype": "turbo4",
                        "multivector_config": {"comparator": "max_sim"}}},
      "sparse_vectors": {"s": {"index": {"on_disk": true, "datatype": "float16"},
                               "modifier": "none"}}})");
    const auto text = described(options);

    CHECK(options.vectors.at("a").stored_as() == vector_datatype::uint8);
    CHECK_FALSE(options.vectors.at("a").multi);
    CHECK(options.vectors.at("b").multi);
    CHECK_FALSE(options.sparse_vectors.at("s").uses_idf());
    for (const auto* part :
         {R"("a":{"size":2,"distance":"Dot","datatype":"uint8"})",
          R"("b":{"size":3,"distance":"Dot","datatype":"turbo4",)"
          R"("multivector_config":{"comparator":"max_sim"}})",
          R"("s":{"index":{"datatype":"float16","on_disk":true},"modifier":"none"})"}) {
      CAPTURE(part);
      CHECK(text.find(part) != std::string::npos);
    }
  }

  TEST_CASE("a vector joins a collection as dense or sparse, and leaves it") {
    api_under_test api;
    (void)api.ask(verb::put, "/collections/c/vectors/v",
                  R"({"dense": {"size": 6, "distance": "Dot"}})");
    (void)api.ask(verb::put, "/collections/c/vectors/w",
                  R"({"sparse": {"modifier": "idf", "datatype": "float16"}})");
    (void)api.ask(verb::del, "/collections/c/vectors/v");
    const auto& house = api.house;

    REQUIRE(house.asked.size() == 3);
    const auto& dense = std::get<create_vector_request>(house.asked[0]);
    CHECK(dense.collection == "c");
    CHECK(dense.name == "v");
    CHECK(std::get<vector_field>(dense.what).size == 6);
    const auto& sparse
      = std::get<sparse_field>(std::get<create_vector_request>(house.asked[1]).what);
    CHECK(sparse.uses_idf());
    CHECK(sparse.index == payload::object{{"datatype", payload::value{"float16"}}});
    CHECK(std::get<delete_vector_request>(house.asked[2]).name == "v");
  }

  TEST_CASE("what is given is kept, and shown under the names of the answer") {
    const auto options = created_by(R"({
      "vectors": {"a": {"size": 2, "distance": "Cosine"}},
      "sparse_vectors": {"s": {"modifier": "idf"}}, "shard_number": 3, "on_disk_payload": false,
      "sharding_method": "auto", "payload": {"memory": "cold"},
      "hnsw_config": {"m": 0, "ef_construct": 200, "on_disk": true},
      "optimizers_config": {"indexing_threshold": 0, "max_optimization_threads": "auto"},
      "wal_config": {"wal_capacity_mb": 1},
      "quantization_config": {"scalar": {"type": "int8", "quantile": 0.99}},
      "strict_mode_config": {"enabled": false, "max_query_limit": 10}, "metadata": {"x": 5.0},
      "grape": {"replication": {"protocol": "leader", "sync_mode": "all", "batch_size": 9},
                "placement": {"strategy": "hash"}, "read_level": "eventual"}})");
    const auto text = described(options);

    CHECK(options.shard_number == 3);
    CHECK(options.hnsw.m == 0u);
    CHECK(options.optimizers.indexing_threshold_kb == 0u);
    CHECK(options.replication
          == replication_options{sync_mode::all, 9, read_level::eventual});
    for (const auto* part : {
           R"("vectors":{"a":{"size":2,"distance":"Cosine"}})",
           R"("sparse_vectors":{"s":{"modifier":"idf"}})", R"("payload":{"memory":"cold"})",
           R"("sharding_method":"auto")", R"("ef_construct":200,)", R"("m":0,)",
           R"("indexing_threshold":0,)", R"("wal_capacity_mb":1,)",
           R"("quantization_config":{"scalar":{"quantile":0.99,"type":"int8"}})",
           R"("strict_mode_config":{"enabled":false,"max_query_limit":10})",
           R"("metadata":{"x":5.0})",
           R"("grape":{"replication":{"protocol":"leader","sync_mode":"all","batch_size":9},)"
           R"("read_level":"eventual"})"}) {
      CAPTURE(part);
      CHECK(text.find(part) != std::string::npos);
    }
  }

  TEST_CASE("health, warnings and payload indexes are shown") {
    api_under_test api;
    auto& about = api.house.description;
    about.health = collection_health::red;
    about.optimizer_error = "disk";
    about.warnings = {"careful"};
    about.points = 3;
    about.schema.fields["a.b"] = {field_type::floating, std::nullopt};
    about.schema.fields["k"]
      = {field_type::keyword, payload::object{{"type", payload::value{"keyword"}}}};
    about.field_points["k"] = 2;

    const auto text = api.ask(verb::get, "/collections/c").body;

    for (const auto* part : {R"("status":"red","optimizer_status":{"error":"disk"})",
                             R"("warnings":[{"message":"careful"}])", R"("points_count":3)",
                             R"("payload_schema":{"a.b":{"data_type":"float","points":0},)"
                             R"("k":{"data_type":"keyword","params":{"type":"keyword"},)"
                             R"("points":2}})"}) {
      CAPTURE(part);
      CHECK(text.find(part) != std::string::npos);
    }
  }

  TEST_CASE("a change that changes nothing is fulfilled") {
    api_under_test api;
    api.house.yes = {false};
    CHECK(api.ask(verb::patch, "/collections/c", "{}").body.find(R"("result":true)")
          != std::string::npos);
    CHECK(api.ask(verb::del, "/collections/c").body.find(R"("result":false)")
          != std::string::npos);
  }

  TEST_CASE("a change holds only what was given") {
    api_under_test api;
    api.ask(verb::patch, "/collections/c", R"({
      "vectors": {"": {"hnsw_config": {"m": 32}, "quantization_config": "Disabled"}},
      "optimizers_config": {"deleted_threshold": 0.5}, "quantization_config": "Disabled",
      "params": {"replication_factor": 2, "read_fan_out_factor": 1, "on_disk_payload": null},
      "metadata": {"gone": null}})");

    const auto& changes = api.only<update_collection_request>().changes;
    CHECK(changes.vectors.at("").hnsw->m == 32u);
    CHECK(changes.vectors.at("").echoed.find("quantization_config")->is_null());
    CHECK(changes.optimizers->deleted_threshold == 0.5);
    CHECK_FALSE(changes.hnsw.has_value());
    CHECK(changes.replication_factor == 2u);
    CHECK_FALSE(changes.on_disk_payload.has_value());
    CHECK(changes.echoed_params
          == payload::object{{"read_fan_out_factor", payload::value{std::int64_t{1}}}});
    CHECK(changes.quantization == payload::value{"Disabled"});
    CHECK(changes.metadata->as_object()->find("gone")->is_null());
  }

  TEST_CASE("an index of texts keeps its parameters as given, and always names its tokenizer") {
    api_under_test api;
    const std::string body
      = R"({"field_name": "t", "field_schema": {"type": "text", "min_token_len": 2,
            "lowercase": false, "stopwords": {"languages": ["en"], "custom": ["x"]},
            "phrase_matching": true,
            "stemmer": {"type": "snowball", "language": "german"}, "unknown": 1}})";

    api.ask(verb::put, "/collections/c/index", body);

    const auto& schema = api.only<create_field_index_request>().schema;
    CHECK(schema.type == field_type::text);
    REQUIRE(schema.params.has_value());
    CHECK(payload::to_json(*schema.params)
          == R"({"lowercase":false,"min_token_len":2,"phrase_matching":true,)"
             R"("stemmer":{"language":"german","type":"snowball"},)"
             R"("stopwords":{"custom":["x"],"languages":["en"]},"tokenizer":"word",)"
             R"("type":"text"})");
  }

  TEST_CASE("names, existence and aliases are listed") {
    api_under_test api;
    api.house.names.names = {"a", "b"};
    api.house.aliases.entries = {{"x", "a"}};
    api.house.yes.yes = false;

    CHECK(api.ask(verb::get, "/collections").body
          == success(R"({"collections":[{"name":"a"},{"name":"b"}]})"));
    CHECK(api.ask(verb::get, "/collections/c/exists").body == success(R"({"exists":false})"));
    CHECK(api.ask(verb::del, "/collections/c").body == success("false"));
    CHECK(api.ask(verb::get, "/aliases").body
          == success(R"({"aliases":[{"alias_name":"x","collection_name":"a"}]})"));
    api.ask(verb::get, "/collections/c/aliases");
    CHECK(std::get<list_aliases_request>(api.house.asked.back()).collection == "c");
  }

  TEST_CASE("alias actions keep their order") {
    api_under_test api;
    api.ask(verb::post, "/collections/aliases", R"({"actions": [
      {"create_alias": {"collection_name": "c", "alias_name": "a"}},
      {"rename_alias": {"old_alias_name": "a", "new_alias_name": "b"}},
      {"delete_alias": {"alias_name": "b"}}]})");

    const auto& actions = api.only<change_aliases_request>().actions;
    REQUIRE(actions.size() == 3);
    CHECK(std::get<create_alias>(actions[0]).collection == "c");
    CHECK(std::get<rename_alias>(actions[1]).to == "b");
    CHECK(std::get<delete_alias>(actions[2]).alias == "b");
  }

  TEST_CASE("an index is made from a name or from an object, and dropped by its path") {
    api_under_test api;
    const auto put = [&](const char* body) {
      return api.ask(verb::put, "/collections/c/index", body, "wait=true").body;
    };

    CHECK(put(R"({"field_name": "a.b", "field_schema": "bool"})")
          == success(R"({"operation_id":7,"status":"completed"})"));
    put(R"({"field_name": "k",
            "field_schema": {"type": "integer", "range": true, "memory": "cold"}})");
    api.ask(verb::del, "/collections/c/index/a%5B%5D.b");

    const auto& plain = std::get<create_field_index_request>(api.house.asked[0]);
    const auto& rich = std::get<create_field_index_request>(api.house.asked[1]);
    CHECK(plain.field == "a.b");
    CHECK(plain.schema == field_schema{field_type::boolean, std::nullopt});
    CHECK(plain.write.wait);
    CHECK(rich.schema.type == field_type::integer);
    CHECK(rich.schema.params
          == payload::object{{"type", payload::value{"integer"}},
                             {"range", payload::value{true}},
                             {"memory", payload::value{"cold"}}});
    CHECK(std::get<delete_field_index_request>(api.house.asked[2]).field == "a[].b");
  }
}
