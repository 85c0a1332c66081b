#include "net/http/joining.hpp"
#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

constexpr node_number n1{1};
constexpr node_number n2{2};
constexpr node_number n3{3};

response change(api_under_test& api, const std::string& body, const std::string& query = {}) {
  return api.ask(verb::post, "/collections/words/cluster", body, query);
}

template <class What>
const What& wanted(const api_under_test& api) {
  const auto& asked = api.only<change_replicas_request>();
  CHECK(asked.collection == "words");
  REQUIRE(std::holds_alternative<What>(asked.what));
  return std::get<What>(asked.what);
}

std::string error(const std::string& text) {
  return R"({"status":{"error":")" + text + R"("},"time":0.0})";
}

} // namespace

TEST_SUITE("net.http.cluster") {
  TEST_CASE("the cluster's status has Qdrant's shape") {
    api_under_test api;
    api.house.cluster = {.enabled = true,
                         .self = n2,
                         .peers = {{n1, "127.0.0.1:6335"}, {n2, "127.0.0.1:6345"}},
                         .consensus = {.raft = {"leader", term{4}, log_index{17}, log_index{15}},
                                       .pending = 3,
                                       .leader = n2,
                                       .is_voter = true,
                                       .failure = {}},
                         .told_unix_ms = 1'795'896'903'250};

    CHECK(api.ask(verb::get, "/cluster").body
          == success(
              R"({"status":"enabled","peer_id":2,"peers":{"1":{"uri":"http://127.0.0.1:6335/"},)"
              R"("2":{"uri":"http://127.0.0.1:6345/"}},"raft_info":{"term":4,"commit":17,)"
              R"("pending_operations":3,"leader":2,"role":"Leader","is_voter":true},)"
              R"("consensus_thread_status":{"consensus_thread_status":"working",)"
              R"("last_update":"2026-11-28T20:15:03.250Z"},"message_send_failures":{}})"));
  }

  TEST_CASE("quotas are told with what is used, and peers where there are some") {
    api_under_test api;
    CHECK(api.ask(verb::get, "/quotas").body
          == success(R"({"config":{"enabled":false},)"
                     R"("usage":{"resident_memory_percent":null,"disk_usage_percent":null}})"));
    api.house.quotas = {{true, 80, 90, 0}, {7, 41}, {}, {{{2, {{7, {}}, true}}}}};
    CHECK(api.ask(verb::get, "/quotas").body
          == success(R"({"config":{"enabled":true,"max_resident_memory_percent":80,)"
                     R"("max_disk_usage_percent":90,"release_margin_percent":0},)"
                     R"("usage":{"resident_memory_percent":7,"disk_usage_percent":41},)"
                     R"("peers":{"2":{"resident_memory_percent":7,"disk_usage_percent":null,)"
                     R"("exceeded":true}}})"));
  }

  TEST_CASE("a quota is set as a whole, and limits are percentages") {
    api_under_test api;
    const auto good = api.ask(verb::put, "/quotas", R"({"enabled":true,"max_disk_usage_percent":1,)"
                                                    R"("release_margin_percent":0})", "wait=true");
    CHECK(good.body == success("true"));
    CHECK(api.only<set_quotas_request>().to == quota_config{true, {}, 1, 0});
    api_under_test other;
    CHECK(other.ask(verb::put, "/quotas", R"({"max_disk_usage_percent":0})").status == 422);
    CHECK(other.ask(verb::put, "/quotas", R"({"max_resident_memory_percent":101})").status == 422);
    CHECK(other.ask(verb::put, "/quotas", R"({"max_resident_memory_percent":300})").status == 400);
    CHECK(other.ask(verb::put, "/quotas", "[]").status == 400);
    CHECK(other.house.asked.empty());
  }

  TEST_CASE("a node without a replica of the metadata group has no role in it") {
    api_under_test api;
    api.house.cluster = {.enabled = true, .self = n3, .peers = {}, .consensus = {}};
    api.house.cluster.consensus.failure = "corrupted: entry 7";

    CHECK(api.ask(verb::get, "/cluster").body
          == success(R"({"status":"enabled","peer_id":3,"peers":{},"raft_info":{"term":0,)"
                     R"("commit":0,"pending_operations":0,"leader":null,"role":null,)"
                     R"("is_voter":false},"consensus_thread_status":{"consensus_thread_status":)"
                     R"("stopped_with_err","err":"corrupted: entry 7"},)"
                     R"("message_send_failures":{}})"));
  }

  TEST_CASE("a collection's shards are here, there, or on their way") {
    api_under_test api;
    auto& shown = api.house.placement;
    shown.self = n1;
    shown.shard_count = 2;
    shown.local.push_back({shard_id{0}, 70, replica_standing::active,
                           replica_raft{"follower", term{3}, log_index{12}, log_index{11}}});
    shown.local.push_back({shard_id{1}, 0, replica_standing::initializing, std::nullopt});
    shown.remote = {{shard_id{0}, n2, replica_standing::dead},
                    {shard_id{0}, n3, replica_standing::partial}};
    shown.moves = {{shard_id{0}, n2, n3, false, "joining"}};

    CHECK(api.ask(verb::get, "/collections/words/cluster").body
          == success(R"({"peer_id":1,"shard_count":2,"local_shards":[{"shard_id":0,)"
                     R"("points_count":70,"state":"Active","grape":{"role":"follower","term":3,)"
                     R"("commit":12,"applied":11}},{"shard_id":1,"points_count":0,)"
                     R"("state":"Initializing"}],"remote_shards":[{"shard_id":0,"peer_id":2,)"
                     R"("state":"Dead"},{"shard_id":0,"peer_id":3,"state":"Partial"}],)"
                     R"("shard_transfers":[{"shard_id":0,"from":2,"to":3,"sync":false,)"
                     R"("method":"snapshot","comment":"joining"}]})"));
    CHECK(api.only<collection_cluster_request>().collection == "words");
  }

  TEST_CASE("each change of replicas is asked as it was written") {
    {
      api_under_test api;
      CHECK(change(api,
                   R"({"move_shard":{"shard_id":1,"from_peer_id":2,"to_peer_id":3,)"
                   R"("method":"stream_records"}})",
                   "timeout=5")
                .body
            == success("true"));
      const auto& move = wanted<move_shard>(api);
      CHECK(move.shard == shard_id{1});
      CHECK(move.from == n2);
      CHECK(move.to == n3);
    }
    {
      api_under_test api;
      CHECK(change(api, R"({"replicate_shard":{"shard_id":0,"from_peer_id":1,"to_peer_id":3}})")
                .status
            == 200);
      CHECK(wanted<replicate_shard>(api).to == n3);
    }
    {
      api_under_test api;
      CHECK(
          change(api, R"({"abort_transfer":{"shard_id":0,"from_peer_id":1,"to_peer_id":3}})").status
          == 200);
      CHECK(wanted<abort_transfer>(api).from == n1);
    }
    {
      api_under_test api;
      CHECK(change(api, R"({"drop_replica":{"shard_id":4,"peer_id":4294967295}})").status == 200);
      CHECK(wanted<drop_replica>(api).shard == shard_id{4});
      CHECK(wanted<drop_replica>(api).node == node_number{4'294'967'295});
    }
  }

  TEST_CASE("a change that makes no sense is refused before anybody is asked") {
    struct wrong {
      const char* body;
      unsigned status;
      std::string text;
    };
    const wrong table[] = {
        {R"({"move_shard":{"shard_id":1,"from_peer_id":2,"to_peer_id":2}})", 422,
         "Validation error in JSON body: [move_shard.to_peer_id: value 2 must not match with value "
         "2 of from_peer_id]"},
        {R"({"move_shard":{"shard_id":1,"from_peer_id":9000000000,"to_peer_id":9000000000}})", 422,
         "value 9000000000 must not match with value 9000000000 of from_peer_id"},
        {R"({"move_shard":{"shard_id":1,"from_peer_id":2,"to_peer_id":4294967296}})", 400,
         "Bad request: Peer 4294967296 does not exist"},
        {R"({"drop_replica":{"shard_id":4,"peer_id":18446744073709551615}})", 400,
         "Bad request: Peer 18446744073709551615 does not exist"},
        {R"({"create_sharding_key":{"shard_key":"a","placement":[1,9000000000]}})", 400,
         "Bad request: Peer 9000000000 does not exist"},
        {R"({"move_shard":{"from_peer_id":2,"to_peer_id":3}})", 400, "shard_id"},
        {R"({"move_shard":{"shard_id":1,"from_peer_id":2,"to_peer_id":3,"method":"pigeon"}})", 400,
         "pigeon"},
        {R"({"fly":{}})", 400, "data did not match any variant of untagged enum ClusterOperations"},
        {R"([])", 400, "expected"},
        {R"({"start_resharding":{"direction":"up"}})", 400,
         "resharding is only supported in Qdrant Cloud"},
        {R"({"create_sharding_key":{"shard_key":-1}})", 400,
         "data did not match any variant of untagged enum ShardKey"},
        {R"({"create_sharding_key":{"shard_key":"a","shards_number":0}})", 422,
         "create_sharding_key.shards_number: value 0 invalid, must be 1 or larger"},
        {R"({"create_sharding_key":{"shard_key":"a","initial_state":"Dead"}})", 400,
         "Bad request: Initial state cannot be Dead, only Active or Partial are allowed"},
        {R"({"create_sharding_key":{"shard_key":"a","initial_state":"Partial"}})", 400,
         "a shard key whose initial state is Partial is not available yet"},
        {R"({"drop_sharding_key":{}})", 400, "missing field `shard_key`"},
        {R"({"restart_transfer":{}})", 400, "restart_transfer is not available yet"},
        {R"({"replicate_points":{}})", 400, "replicate_points is not available yet"},
    };

    for (const auto& each : table) {
      CAPTURE(each.body);
      api_under_test api;
      const auto got = change(api, each.body);
      CAPTURE(got.body);
      CHECK(got.status == each.status);
      CHECK(got.body.find(each.text) != std::string::npos);
      CHECK(api.house.asked.empty());
    }
    api_under_test api;
    CHECK(change(api, R"({"drop_replica":{"shard_id":4,"peer_id":1}})", "timeout=0").status == 422);
  }

  TEST_CASE("who is alone is told so with 405") {
    api_under_test api;
    api.house.in_cluster.in_cluster = false;

    const auto refused = change(api, R"({"drop_replica":{"shard_id":4,"peer_id":1}})");

    CHECK(refused.status == 405);
    CHECK(refused.body == error("Qdrant is running in standalone mode"));
    CHECK(api.ask(verb::post, "/grape/v1/nodes/n1/drain").status == 405);
  }

  TEST_CASE("peers are removed by number, and by force only when told so") {
    {
      api_under_test api;
      CHECK(api.ask(verb::del, "/cluster/peer/3").body == success("true"));
      const auto& asked = api.only<change_node_request>();
      CHECK(std::get<node_number>(asked.which) == n3);
      CHECK(asked.wish == node_wish::leave);
      CHECK(asked.unless_it_holds_shards);
    }
    {
      api_under_test api;
      CHECK(api.ask(verb::del, "/cluster/peer/2", {}, "force=true").status == 200);
      const auto& asked = api.only<change_node_request>();
      CHECK(asked.wish == node_wish::forget);
      CHECK_FALSE(asked.unless_it_holds_shards);
    }
    {
      api_under_test api;
      const auto unknown = api.ask(verb::del, "/cluster/peer/99999999999");
      CHECK(unknown.status == 404); // No node can have such a number: nobody is asked.
      CHECK(unknown.body == error("Not found: Peer 99999999999 does not exist"));
      CHECK(api.house.asked.empty());
    }
    api_under_test api;
    for (const auto* path : {"/cluster/peer/n3", "/cluster/peer/3x", "/cluster/peer/-1",
                             "/cluster/peer/18446744073709551616"})
      CHECK(api.ask(verb::del, path).status == 400);
    CHECK(api.ask(verb::del, "/cluster/peer/3", {}, "force=perhaps").status == 400);
    CHECK(api.house.asked.empty());
  }

  TEST_CASE("nodes are drained, removed, forgotten and taken back by name") {
    const std::pair<const char*, node_wish> table[] = {{"activate", node_wish::activate},
                                                       {"drain", node_wish::drain},
                                                       {"remove", node_wish::leave},
                                                       {"forget", node_wish::forget},
                                                       {"replace", node_wish::replace}};
    for (const auto& [word, wish] : table) {
      api_under_test api;
      CHECK(api.ask(verb::post, std::string{"/grape/v1/nodes/n%2D2/"} + word).body
            == success("true"));
      const auto& asked = api.only<change_node_request>();
      CHECK(std::get<std::string>(asked.which) == "n-2");
      CHECK(asked.wish == wish);
    }
  }

  TEST_CASE("a node that asks to join says who it is, and reads what it needs to begin") {
    join_request asking;
    asking.protocol = 1;
    asking.name = "n4";
    asking.disk = 0xFEDC'BA98'7654'3210u; // More than a double can hold.
    asking.peer_address = "127.0.0.1:6335";
    asking.http_address = "127.0.0.1:6333";
    asking.cluster_name = "grape";
    asking.cluster_id = "c-1";
    asking.number = node_number{4};
    api_under_test api;
    const auto answered = api.ask(verb::post, std::string{join_path}, write_join_request(asking));
    CHECK(answered.status == 200);
    CHECK(api.only<join_request>() == asking);
    const auto reply = read_join_reply(answered.body);
    REQUIRE(reply.ok());
    CHECK(*reply == api.house.admitted);

    api_under_test other;
    other.house.error = status{errc::already_exists, "n4 has another disk"};
    const auto refused =
        other.ask(verb::post, std::string{join_path}, write_join_request(asking));
    CHECK(refused.status == 409);
    CHECK(read_refusal(refused.body) == "Wrong input: n4 has another disk");
    CHECK(read_refusal("no JSON") == "no JSON");
    for (const auto* body : {"{}", R"({"protocol":1,"name":"n4","disk":"x"})", "[]"})
      CHECK(other.ask(verb::post, std::string{join_path}, body).status == 400);
    CHECK_FALSE(read_join_reply(R"({"result":{"cluster_id":"c","number":1,"applied":"1",)"
                                R"("state":"0g"}})")
                    .ok());
  }

  TEST_CASE("what goes on without a majority is named, and told") {
    api_under_test api;
    const auto answered =
        api.ask(verb::post, "/grape/v1/cluster/recover", R"({"lost":["n2","n3"]})");
    CHECK(answered.body == success(R"({"told":["words/0 goes on"]})"));
    CHECK(api.only<recover_request>().lost == std::vector<std::string>{"n2", "n3"});
    CHECK(api.ask(verb::post, "/grape/v1/cluster/recover", "{}").status == 400);
  }

  TEST_CASE("nodes are listed with what is known of the way to them") {
    api_under_test api;
    api.house.nodes.nodes = {
        {n1, "n1", "a:6335", "a:6333", "active", 4, true, true, "alive", 0, ""},
        {n2, "n2", "b:6335", "", "away", 1, false, false, "silent", 250, "connection refused"}};

    CHECK(api.ask(verb::get, "/grape/v1/nodes").body
          == success(R"({"nodes":[{"number":1,"name":"n1","peer_address":"a:6335",)"
                     R"("http_address":"a:6333","state":"active","incarnation":4,"self":true,)"
                     R"("connected":true,"health":"alive","rtt_us":0},{"number":2,"name":"n2",)"
                     R"("peer_address":"b:6335","http_address":"","state":"away","incarnation":1,)"
                     R"("self":false,"connected":false,"health":"silent","rtt_us":250,)"
                     R"("last_error":"connection refused"}]})"));
  }

  TEST_CASE("shards are listed with their replicas and moves") {
    api_under_test api;
    shard_view still{"words", shard_id{0}, group_id{7}, epoch{2}, 2, {}, n1, {}};
    still.replicas = {{replica_id{1}, n1, "n1", "voter"}, {replica_id{3}, n3, "n3", "learner"}};
    still.move = move_view{5, std::nullopt, n3, false, "joining", 1'200};
    api.house.shards.shards = {still};

    CHECK(api.ask(verb::get, "/grape/v1/shards").body
          == success(R"({"shards":[{"collection":"words","shard":0,"group":7,"epoch":2,)"
                     R"("replication_factor":2,"leader":1,"replicas":[{"id":1,"node":1,)"
                     R"("name":"n1","role":"voter"},{"id":3,"node":3,"name":"n3",)"
                     R"("role":"learner"}],"move":{"number":5,"from":null,"to":3,)"
                     R"("witness":false,"stage":"joining","stage_ms":1200}}]})"));
  }

  TEST_CASE("Raft groups are listed with members and progress") {
    api_under_test api;
    group_view one;
    one.group = group_id{7};
    one.name = "words/0";
    one.self = replica_id{1};
    one.raft = {"leader", term{3}, log_index{12}, log_index{11}};
    one.leader = replica_id{1};
    one.durable = log_index{13};
    one.first = log_index{2};
    one.last = log_index{14};
    one.voters = {replica_id{1}, replica_id{2}};
    one.witnesses = {replica_id{2}};
    one.progress = {{replica_id{2}, "probe", log_index{9}, log_index{10}, true}};
    api.house.groups.groups = {one};

    CHECK(api.ask(verb::get, "/grape/v1/raft").body
          == success(R"({"groups":[{"group":7,"name":"words/0","replica":1,"role":"leader",)"
                     R"("term":3,"leader":1,"commit":12,"applied":11,"durable":13,"first":2,)"
                     R"("last":14,"asleep":false,"members":{"voters":[1,2],"outgoing":[],)"
                     R"("learners":[],"witnesses":[2]},"progress":[{"replica":2,"state":"probe",)"
                     R"("match":9,"next":10,"paused":true}]}]})"));
  }

  TEST_CASE("health is as bad as its worst finding") {
    api_under_test api;
    api.house.health.node = "n1";
    CHECK(api.ask(verb::get, "/grape/v1/health").body
          == success(R"({"node":"n1","status":"healthy","findings":[]})"));

    api.house.health.findings = {{"disk_full", severity::critical, "n1", "", "full"},
                                 {"move_stuck", severity::warning, "", "words/0", "slow"}};
    CHECK(api.ask(verb::get, "/grape/v1/health").body
          == success(R"({"node":"n1","status":"critical","findings":[{"kind":"disk_full",)"
                     R"("severity":"critical","node":"n1","reason":"full"},{"kind":"move_stuck",)"
                     R"("severity":"warning","shard":"words/0","reason":"slow"}]})"));

    api.house.health.findings.erase(api.house.health.findings.begin());
    CHECK(api.ask(verb::get, "/grape/v1/health").body.find(R"("status":"warning")")
          != std::string::npos);
  }
}
