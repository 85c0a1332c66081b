#include "tests/tools/grapectl/parrot.hpp"

using namespace grape;
using namespace grape::ctl;

namespace {

const std::string two_nodes =
    R"({"nodes":[{"number":1,"name":"n1","peer_address":"h:6335","http_address":"h:6333",)"
    R"("state":"active","incarnation":1,"self":true,"connected":true,"health":"alive","rtt_us":0},)"
    R"({"number":2,"name":"n2","peer_address":"h:6345","http_address":"127.0.0.1:1",)"
    R"("state":"away","incarnation":1,"self":false,"connected":false,"health":"silent",)"
    R"("rtt_us":1250,"last_error":"gone"},{"number":3,"name":"old","peer_address":"h:6355",)"
    R"("http_address":"","state":"removed","incarnation":1,"self":false,"connected":false,)"
    R"("health":"silent","rtt_us":0}]})";

const std::string one_shard =
    R"({"shards":[{"collection":"w","shard":0,"group":7,"epoch":2,"replication_factor":2,)"
    R"("leader":1,"replicas":[{"id":1,"node":1,"name":"n1","role":"voter"},{"id":3,"node":2,)"
    R"("name":"n2","role":"learner"}],"move":{"number":5,"from":null,"to":2,"witness":false,)"
    R"("stage":"joining","stage_ms":1200}}]})";

} // namespace

TEST_SUITE("tools.grapectl.cluster") {
  TEST_CASE("cluster status lists the nodes with what is wrong with them") {
    const parrot node{{{"/grape/v1/nodes", result(two_nodes)},
                       {"/cluster", result(R"({"raft_info":{"leader":1}})")}}};

    const auto shown = node.run("cluster status");

    CHECK(shown.code == 0);
    CHECK(shown.text
          == "NODE  NUMBER  STATE    HEALTH  RTT     PEER    HTTP         REMARKS\n"
             "n1         1  active   alive   -       h:6335  h:6333       asked, leads the control "
             "plane\n"
             "n2         2  away     silent  1.2 ms  h:6345  127.0.0.1:1  not connected, gone\n"
             "old        3  removed  silent  -       h:6355  -            not connected\n");
    CHECK(node.run("cluster status -o json").text == result(two_nodes) + "\n");
    const parrot alone{{{"/grape/v1/nodes", result(R"({"nodes":[]})")},
                        {"/cluster", result(R"({"status":"disabled"})")}}};
    CHECK(alone.run("cluster status").text == "this node is alone\n");
  }

  TEST_CASE("cluster health asks everybody, and is code 5 when something does not work") {
    const auto findings = [](const std::string& severity) {
      return result(R"({"node":"n1","status":"x","findings":[{"kind":"disk_full","severity":")"
                    + severity + R"(","node":"n1","reason":"12 MiB left"}]})");
    };
    const parrot bad{
        {{"/grape/v1/nodes", result(two_nodes)}, {"/grape/v1/health", findings("critical")}}};
    const auto shown = bad.run("cluster health");
    CHECK(shown.code == 5);
    CHECK(shown.text
          == "SEVERITY  KIND            NODE  SHARD  REASON\n"
             "critical  disk_full       n1        -  12 MiB left\n"
             "warning   node_not_asked  n2        -  http://127.0.0.1:1: Connection refused\n");

    std::string with_host = two_nodes; // n2 is part of another program.
    with_host.replace(with_host.find("127.0.0.1:1"), 11, "127.0.0.1:0");
    const parrot hosted{
        {{"/grape/v1/nodes", result(with_host)}, {"/grape/v1/health", findings("warning")}}};
    CHECK(hosted.run("cluster health").text
          == "SEVERITY  KIND            NODE  SHARD  REASON\n"
             "warning   disk_full       n1        -  12 MiB left\n"
             "info      node_not_asked  n2        -  it is part of another program and has no "
             "HTTP: the others judge it\n");

    const parrot warned{
        {{"/grape/v1/nodes", result(two_nodes)}, {"/grape/v1/health", findings("warning")}}};
    CHECK(warned.run("cluster health").code == 0);

    const parrot alone{
        {{"/grape/v1/nodes", result(R"({"nodes":[]})")},
         {"/grape/v1/health", result(R"({"node":"n1","status":"healthy","findings":[]})")}}};
    CHECK(alone.run("cluster health").text == "healthy, says 1 node\n");
  }

  TEST_CASE("shards are listed and mapped to the nodes that are there") {
    const parrot node{
        {{"/grape/v1/nodes", result(two_nodes)}, {"/grape/v1/shards", result(one_shard)}}};

    CHECK(node.run("shard ls").text
          == "SHARD  GROUP  EPOCH  WANTED  REPLICAS (* LEADS)  MOVE\n"
             "w/0        7      2       2  n1* n2(learner)     joining - -> 2\n");
    CHECK(node.run("shard map").text
          == "SHARD  n1  n2\nw/0    L   +\nL leads, v votes, w is a witness, + is coming\n");
    CHECK(node.run("shard map other").text
          == "SHARD  n1  n2\nL leads, v votes, w is a witness, + is coming\n");
  }

  TEST_CASE("a shard of a key is listed with it") {
    auto keyed = one_shard;
    keyed.replace(keyed.find(R"("group")"), 0, R"("shard_key":"eu",)");
    const parrot node{
        {{"/grape/v1/nodes", result(two_nodes)}, {"/grape/v1/shards", result(keyed)}}};
    CHECK(node.run("shard ls").text.find("\nw/0 [eu]") != std::string::npos);
    CHECK(node.run("shard map").text.find("\nw/0 [eu]") != std::string::npos);
  }

  TEST_CASE("a shard is moved between nodes given by name or number") {
    const parrot node{
        {{"/grape/v1/nodes", result(two_nodes)},
         {R"(/collections/w/cluster{"move_shard":{"shard_id":0,"from_peer_id":1,"to_peer_id":2}})",
          result("true")}}};

    for (const auto* words : {"shard move w 0 n1 n2", "shard move w 0 1 2"}) {
      const auto moved = node.run(words);
      CHECK(moved.code == 0);
      CHECK(moved.text.find("`grapectl shard ls` shows how far it is") != std::string::npos);
    }
    const auto nobody = node.run("shard move w 0 n1 old");
    CHECK(nobody.code == 1);
    CHECK(nobody.text.find("there is no node `old`") != std::string::npos);
  }

  TEST_CASE("raft status shows the replicas of the node asked") {
    const parrot node{
        {{"/grape/v1/raft",
          result(R"({"groups":[{"group":0,"name":"metadata","replica":1,"role":"leader","term":3,)"
                 R"("leader":1,"commit":12,"applied":11,"durable":13,"first":2,"last":14,)"
                 R"("asleep":false,"members":{"voters":[1,2,3],"outgoing":[],"learners":[],)"
                 R"("witnesses":[]},"progress":[]}]})")}}};

    CHECK(node.run("raft status").text
          == "GROUP  NAME      ROLE    TERM  LEADER  COMMIT  APPLIED  LAST  VOTERS   FAILURE\n"
             "    0  metadata  leader     3       1      12       11    14  [1,2,3]        -\n");
  }

  TEST_CASE("what is wanted of a node is asked by its name") {
    const parrot node{{{"/grape/v1/nodes/n2/drain", result("true")},
                       {"/grape/v1/nodes/n2/remove", result("true")}}};

    CHECK(node.run("node drain n2").text == "n2: drain\n");
    CHECK(node.run("node remove n2").code == 0);
    CHECK(node.run("node forget n2").code == 1); // The parrot does not know that one.
    CHECK(run("node drain").code == 2);
    CHECK(run("dev up -n 0").code == 2);
  }
}
