#include "config/read_config.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>

using namespace grape;

namespace {

using variables = std::map<std::string, std::string>;

environment from(const variables& given) {
  return [given](const std::string& name) -> std::optional<std::string> {
    const auto found = given.find(name);
    if (found == given.end())
      return {};
    return found->second;
  };
}

std::string error_of(const std::string& text, const variables& given = {}) {
  const auto read = read_config(text, "g.toml", from(given));
  if (read)
    return "no error";
  CHECK(read.error().code == errc::bad_config);
  return read.error().detail;
}

struct bad {
  std::string text;
  std::string error;
};
const bad bad_texts[] = {
  {"[http\nport = 1\n", "g.toml:1: Error while parsing table header: expected ']', "
                        "saw '\\n'"},
  {"[http]\nport = \n", "g.toml:2: Error while parsing key-value pair: expected value, "
                         "saw '\\n'"},
  {"[http]\nport = 1\nport = 2\n", "g.toml:3: Error while parsing key-value pair: cannot "
                                   "redefine existing integer 'port'"},
  {"port = 1\n", "g.toml:1: port: unknown section, expected one of cluster, "
                 "collections, http, index, limits, node, peer, raft, search, storage"},
  {"\n[htp]\nport = 1\n", "g.toml:3: htp: unknown section, expected one of cluster, "
                          "collections, http, index, limits, node, peer, raft, search, storage"},
  {"[htp]\n", "g.toml:1: htp: unknown section, expected one of cluster, "
              "collections, http, index, limits, node, peer, raft, search, storage"},
  {"http = 1\n", "g.toml:1: http: unknown section, expected one of cluster, "
                 "collections, http, index, limits, node, peer, raft, search, storage"},
  {"[raft]\n\nticks = 3\n", "g.toml:3: raft.ticks: unknown key, expected one of "
                            "election_ticks, heartbeat_ticks, "
           "snapshot_mb_per_s, tick_ms"},
  {"[index.threads]\nx = 1\n", "g.toml:1: index.threads: expected a whole number, got a table"},
  {"[http]\nport = \"6333\"\n", "g.toml:2: http.port: expected a whole number, got a text"},
  {"[http]\nport = 6333.0\n",
   "g.toml:2: http.port: expected a whole number, got a number with a point"},
  {"[http]\nport = true\n",
   "g.toml:2: http.port: expected a whole number, got true or false"},
  {"[http]\nport = 2026-11-24\n",
   "g.toml:2: http.port: expected a whole number, got a date or time"},
  {"[http]\nport = -1\n", "g.toml:2: http.port: -1 is out of range, must be from 0 to 65535"},
  {"[http]\nport = 65536\n",
   "g.toml:2: http.port: 65536 is out of range, must be from 0 to 65535"},
  {"[http]\nio_threads = 0\n",
   "g.toml:2: http.io_threads: 0 is out of range, must be from 1 to 64"},
  {"[http]\nbody_bytes_max = 1\n",
   "g.toml:2: http.body_bytes_max: 1 is out of range, must be from 1024 to 1073741824"},
  {"[http]\njwt_rbac = true\n",
   "g.toml:2: http.jwt_rbac: tokens are signed with api_key, and there is none"},
  {"[http]\napi_key = \"two words\"\n",
   "g.toml:2: http.api_key: a key consists of visible ASCII characters"},
  {"[http]\nidle_timeout_s = 0\n",
   "g.toml:2: http.idle_timeout_s: 0 is out of range, must be from 1 to 86400"},
  {"[http]\nbind = \"localhost\"\n",
   "g.toml:2: http.bind: `localhost` is not a numeric IP address"},
  {"[http]\nadvertise = \"here\"\n", "g.toml:2: http.advertise: `here` is not host:port"},
  {"[http]\nbind = 127\n", "g.toml:2: http.bind: expected a text, got a whole number"},
  {"[http]\nbody_bytes_max = 536870912\n",
   "g.toml:2: http.body_bytes_max: all bodies together (268435456 bytes) are less than one may "
   "have (536870912 bytes)"},
  {"[node]\nid = \"\"\n", "g.toml:2: node.id: `` is not 1 to 64 of A-Z a-z 0-9 _ . -"},
  {"[node]\nid = \"a b\"\n", "g.toml:2: node.id: `a b` is not 1 to 64 of A-Z a-z 0-9 _ . -"},
  {"[node]\ndata_dir = \"\"\n", "g.toml:2: node.data_dir: must name a directory"},
  {"[node]\ntest_hooks = 1\n",
   "g.toml:2: node.test_hooks: expected true or false, got a whole number"},
  {"[peer]\nbind = \"0.0.0.0\"\n",
   "g.toml:2: peer.bind: `0.0.0.0` is open to strangers: give tls_cert, tls_key and tls_ca, or "
   "say insecure = true"},
  {"[peer]\nadvertise = \"here\"\n", "g.toml:2: peer.advertise: `here` is not host:port"},
  {"[peer]\ntls_key = \"k.pem\"\n",
   "g.toml:2: peer.tls_key: tls_cert, tls_key and tls_ca are given together or not at all"},
  {"[cluster]\nname = \"\"\n", "g.toml:2: cluster.name: must not be empty"},
  {"[cluster]\nfounders = \"n1=h:1\"\n",
   "g.toml:2: cluster.founders: expected a list of texts, got a text"},
  {"[cluster]\nfounders = [1]\n", "g.toml:2: cluster.founders: expected a list of texts, got a "
                                  "list that holds something else"},
  {"[cluster]\nfounders = [\"n1\"]\n",
   "g.toml:2: cluster.founders: `n1` is not of the form id=host:port"},
  {"[cluster]\nfounders = [\"n1=h:0\"]\n",
   "g.toml:2: cluster.founders: `h:0` is not host:port"},
  {"[cluster]\nfounders = [\"n1=h:1\", \"n1=h:2\"]\n",
   "g.toml:2: cluster.founders: `n1=h:2` repeats an id or an address"},
  {"[cluster]\nfounders = [\"n3=h:1\", \"n2=h:2\"]\n",
   "g.toml:2: cluster.founders: node.id `n1` is not among them"},
  {"[cluster]\njoin = [\"h\"]\n", "g.toml:2: cluster.join: `h` is not host:port, of HTTP"},
  {"[cluster]\njoin = [\"h:1\"]\nfounders = [\"n1=h:2\", \"n2=h:3\"]\n",
   "g.toml:2: cluster.join: a node is a founder, or joins later: give one of them"},
  {"[cluster]\nfounders = [\"n2=h:1\"]\n",
   "g.toml:2: cluster.founders: node.id `n1` is not among them"},
  {"[raft]\nelection_ticks = 5\n", "g.toml:2: raft.election_ticks: an election timeout of 5 "
                                   "ticks is less than 3 heartbeats of 2 ticks"},
  {"[raft]\nheartbeat_ticks = 4\n", "g.toml:2: raft.heartbeat_ticks: an election timeout of 10 "
                                    "ticks is less than 3 heartbeats of 4 ticks"},
  {"[storage]\nfsync = \"sometimes\"\n",
   "g.toml:2: storage.fsync: `sometimes` is not one of always, interval, never"},
  {"[storage]\nfsync = false\n",
   "g.toml:2: storage.fsync: expected a text, got true or false"},
  {"[search]\nqueue_max = 0\n",
   "g.toml:2: search.queue_max: 0 is out of range, must be from 1 to 1000000"},
  {"[collections]\nshard_number = 300\n",
   "g.toml:2: collections.shard_number: a new collection would have 300 shards, but more than 256 "
   "are not allowed"},
  {"[limits]\nshards_per_collection_max = 3\n[collections]\nshard_number = 4\n",
   "g.toml:4: collections.shard_number: a new collection would have 4 shards, but more than 3 are "
   "not allowed"},
  // The first of two errors is the one that stands first.
  {"[search]\nqueue_max = 0\n[http]\nport = -1\n",
   "g.toml:2: search.queue_max: 0 is out of range, must be from 1 to 1000000"},
};

std::string shipped(const std::string& name) {
  std::ifstream stream{GRAPE_CONFIG_DIR "/" + name};
  REQUIRE(stream.is_open());
  return {std::istreambuf_iterator<char>{stream}, {}};
}

} // namespace

TEST_SUITE("config.read_config") {
  TEST_CASE("nothing said means the defaults") {
    const auto read = read_config("", "g.toml", from({}));

    REQUIRE(read.ok());
    CHECK(*read == node_config{});
    CHECK(read->http.port == 6333);
  }

  TEST_CASE("single.toml says every key, and says the defaults") {
    const auto text = shipped("single.toml");

    const auto read = read_config(text, "single.toml", from({}));

    REQUIRE_MESSAGE(read.ok(), read.error().detail);
    CHECK(*read == node_config{});
    for (const auto& name : config_keys()) {
      CAPTURE(name);
      const auto point = name.find('.');
      const auto section = text.find("\n[" + name.substr(0, point) + "]");
      REQUIRE(section != std::string::npos);
      const auto key = text.find("\n" + name.substr(point + 1) + " = ", section);
      REQUIRE(key != std::string::npos);
      CHECK(text.substr(section + 1, key - section).find("\n[") == std::string::npos);
    }
  }

  TEST_CASE("embedded.toml can be read") {
    const auto read = read_config(shipped("embedded.toml"), "embedded.toml", from({}));

    REQUIRE_MESSAGE(read.ok(), read.error().detail);
    CHECK(read->http.port == 0);
  }

  TEST_CASE("values reach their fields") {
    const auto read = read_config(R"(
[node]
id = "a-1"
test_hooks = true
[http]
body_bytes_max = 1048576
[cluster]
founders = ["a-1=127.0.0.1:6335"]
[storage]
fsync = "interval"
[raft]
)",
                                  "g.toml", from({}));

    REQUIRE_MESSAGE(read.ok(), read.error().detail);
    CHECK(read->node.id == "a-1");
    CHECK(read->node.test_hooks);
    CHECK(read->http.body_bytes_max == 1'048'576);
    CHECK(read->cluster.founders == std::vector<founder>{{"a-1", "127.0.0.1:6335"}});
    CHECK(read->storage.fsync == storage::fsync_policy::interval);
    CHECK(server_options_of(read->http).body_bytes_max == 1'048'576);
  }

  TEST_CASE("the environment overrides the file") {
    const auto read = read_config("[http]\nport = 1\n[node]\nid = \"x\"\n", "g.toml",
                                  from({{"GRAPE_HTTP_PORT", "7333"},
                                        {"GRAPE_NODE_TEST_HOOKS", "true"},
                                        {"GRAPE_HTTP_BODY_BYTES_MAX", "2048"},
                                        {"GRAPE_CLUSTER_FOUNDERS", "x=h:1"},
                                        {"GRAPE_CLUSTER_JOIN", ""},
                                        {"GRAPE_OTHER", "ignored"}}));

    REQUIRE_MESSAGE(read.ok(), read.error().detail);
    CHECK(read->http.port == 7333);
    CHECK(read->http.body_bytes_max == 2048);
    CHECK(read->node.id == "x");
    CHECK(read->node.test_hooks);
    CHECK(read->cluster.founders == std::vector<founder>{{"x", "h:1"}});
  }

  TEST_CASE("a bad configuration is refused with its place and the reason") {
    for (const auto& each : bad_texts) {
      CAPTURE(each.text);
      CHECK(error_of(each.text) == each.error);
    }
  }

  TEST_CASE("a bad variable is refused by its name") {
    CHECK(error_of("", {{"GRAPE_HTTP_PORT", "http"}})
          == "GRAPE_HTTP_PORT: expected a whole number, got a text");
    CHECK(error_of("", {{"GRAPE_HTTP_PORT", "99999"}})
          == "GRAPE_HTTP_PORT: 99999 is out of range, must be from 0 to 65535");
    CHECK(error_of("", {{"GRAPE_NODE_TEST_HOOKS", "yes"}})
          == "GRAPE_NODE_TEST_HOOKS: expected true or false, got a text");
    CHECK(error_of("", {{"GRAPE_STORAGE_FSYNC", ""}})
          == "GRAPE_STORAGE_FSYNC: `` is not one of always, interval, never");
    CHECK(error_of("[raft]\nelection_ticks = 9\n", {{"GRAPE_RAFT_HEARTBEAT_TICKS", "4"}})
          == "g.toml:2: raft.election_ticks: an election timeout of 9 ticks is less than 3 "
             "heartbeats of 4 ticks");
    CHECK(error_of("", {{"GRAPE_CLUSTER_FOUNDERS", "n2=h:1,n3=h:2"}})
          == "GRAPE_CLUSTER_FOUNDERS: node.id `n1` is not among them");
  }

  TEST_CASE("founders are numbered in order of name, however they are listed") {
    cluster_settings cluster;
    cluster.founders = {{"n1-b", "h:3"}, {"n2", "h:2"}, {"n1", "h:9"}, {"n10", "h:1"}};

    const auto founders = founders_in_order(cluster);

    CHECK(founders
          == std::vector<founder>{{"n1", "h:9"}, {"n1-b", "h:3"}, {"n10", "h:1"}, {"n2", "h:2"}});
  }

  TEST_CASE("the address for others is what is said, or where it listens, or where peers find it") {
    node_config own;
    CHECK(advertised_http_address(own) == "127.0.0.1:6333");
    own.http.bind = "::1";
    CHECK(advertised_http_address(own) == "[::1]:6333");
    own.http.bind = "0.0.0.0";
    CHECK(advertised_http_address(own) == "0.0.0.0:6333"); // Alone: nobody else to tell.
    own.cluster.founders = {{"n1", "10.0.0.1:6335"}, {"n2", "10.0.0.2:6335"}};
    CHECK(advertised_http_address(own) == "10.0.0.1:6333");
    own.peer.advertise = "[fd00::7]:6335";
    CHECK(advertised_http_address(own) == "[fd00::7]:6333");
    own.http.advertise = "grape.example:80";
    CHECK(advertised_http_address(own) == "grape.example:80");
  }

  TEST_CASE("the nodes of a shipped cluster name the same founders and meet at their addresses") {
    for (const auto& [folder, count] : {std::pair{"cluster-3/", 3}, std::pair{"cluster-6/", 6}}) {
      std::vector<founder> founders;
      for (int i = 1; i <= count; ++i)
        founders.push_back({"n" + std::to_string(i), "127.0.0.1:" + std::to_string(6325 + 10 * i)});
      for (const auto& own : founders) {
        const auto name = folder + own.id + ".toml";
        const auto read = read_config(shipped(name), name, from({}));
        REQUIRE_MESSAGE(read.ok(), read.error().detail);
        CHECK(read->node.id == own.id);
        CHECK(read->cluster.founders == founders);
        CHECK(read->peer.bind + ":" + std::to_string(read->peer.port) == own.address);
      }
    }
  }

  TEST_CASE("a file that is not there is named") {
    const auto read = read_config_file("no/such.toml");

    REQUIRE_FALSE(read.ok());
    CHECK(to_string(read.error()) == "bad_config: no/such.toml: cannot be read");
  }
}
