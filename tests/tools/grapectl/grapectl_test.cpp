#include "tests/tools/grapectl/parrot.hpp"

using namespace grape;
using namespace grape::ctl;

TEST_SUITE("tools.grapectl") {
  TEST_CASE("status shows the node as a table, or as it answered") {
    const auto body = result(R"({"node_id":"n1","cluster_id":"c","version":"0.1.0","ready":true,)"
                             R"("collections":2,"shards":3,"points":12,"resident_bytes":7340032,)"
                             R"("uptime_s":61,"notes":["cut 1 record"]})");
    const parrot node{{{"/grape/v1/status", body}}};

    const auto table = node.run("status");
    const auto json = node.run("status -o json");

    CHECK(table.code == 0);
    CHECK(table.text
          == "node         n1\ncluster_id   c\nversion      0.1.0\nready        true\n"
             "collections  2\nshards       3\npoints       12\nmemory       7 MiB\n"
             "uptime       61 s\nnote         cut 1 record\n");
    CHECK(json.code == 0);
    CHECK(json.text == body + "\n");
  }

  TEST_CASE("actors shows the tree by depth") {
    const parrot node{
      {{"/grape/v1/actors",
        result(R"({"actors":[{"name":"node","parent":"","restarts":0,"mailbox":0,"last_error":""},)"
               R"({"name":"shards","parent":"node","restarts":0,"mailbox":1,"last_error":""},)"
               R"({"name":"replica w/0","parent":"shards","restarts":12,"mailbox":0,)"
               R"("last_error":"io_error: disk"}]})")}}};

    CHECK(node.run("actors").text == "ACTOR            RESTARTS  MAILBOX  LAST ERROR\n"
                                     "node                    0        0  -\n"
                                     "  shards                0        1  -\n"
                                     "    replica w/0        12        0  io_error: disk\n");
  }

  TEST_CASE("collections lists each with its sizes, whatever it is called") {
    const parrot node{
      {{"/collections", result(R"({"collections":[{"name":"a b/ü"},{"name":"w"}]})")},
       {"/collections/a%20b%2F%C3%BC",
        result(R"({"status":"green","points_count":5,"indexed_vectors_count":0,)"
               R"("segments_count":1})")},
       {"/collections/w", result(R"({"status":"yellow","points_count":20000,)"
                                 R"("indexed_vectors_count":15000,"segments_count":2})")}}};

    CHECK(node.run("collections").text == "COLLECTION  STATUS  POINTS  INDEXED  SEGMENTS\n"
                                          "a b/ü       green        5        0         1\n"
                                          "w           yellow   20000    15000         2\n");
  }

  TEST_CASE("describe shows vectors and payload indexes") {
    const parrot node{
      {{"/collections/w",
        result(R"({"status":"green","points_count":5,"indexed_vectors_count":0,"segments_count":1,)"
               R"("config":{"params":{"vectors":{"size":4,"distance":"Dot"},"shard_number":2}},)"
               R"("payload_schema":{"n":{"data_type":"integer","points":5}}})")}}};

    CHECK(node.run("describe w").text
          == "collection       w\nstatus           green\npoints           5\n"
             "indexed vectors  0\nsegments         1\nshards           2\n"
             "vector           4 x Dot\npayload index n  integer, 5 points\n");
  }

  TEST_CASE("get shows a point, long vectors by their beginning") {
    const parrot node{
      {{"/collections/w/points/7",
        result(R"({"id":7,"payload":{"word":"the","n":{"a":[1,null]}},)"
               R"("vector":[1,2,3,4,5,6,7,8,9]})")}}};

    CHECK(node.run("get w 7").text == "id            7\n"
                                      "vector        [1,2,3,4,5,6,7,8, ...] (9 numbers)\n"
                                      "payload n     {\"a\":[1,null]}\n"
                                      "payload word  the\n");
  }

  TEST_CASE("search asks by id, by UUID and by vector") {
    const auto hits = result(R"({"points":[{"id":8,"version":1,"score":0.93,"payload":{"w":"a"}},)"
                             R"({"id":17,"version":1,"score":-1.5,"payload":{}}]})");
    const auto path = std::string{"/collections/w/points/query"};
    const parrot node{
      {{path + R"({"query":7,"limit":10,"with_payload":true})", hits},
       {path + R"({"query":"f47ac10b-58cc-4372-a567-0e02b2c3d479","limit":2,"with_payload":true})",
        hits},
       {path + R"({"query":[0.5,-1],"limit":10,"with_payload":true,"using":"v","filter":{}})",
        hits}}};
    const std::string table = "ID  SCORE  PAYLOAD\n 8   0.93  {\"w\":\"a\"}\n17   -1.5  {}\n";

    CHECK(node.run("search w --id 7").text == table);
    CHECK(node.run("search w --limit 2 --id f47ac10b-58cc-4372-a567-0e02b2c3d479").text == table);
    CHECK(node.run("search w --vector 0.5,-1 --using v --filter '{}'").text == table);
    CHECK(node.run("search w --vector '[0.5,-1]' --using v --filter '{}'").text == table);
  }

  TEST_CASE("a refusal is code 1 with the node's reason") {
    const parrot node{{}};

    const auto refused = node.run("get w 7");

    CHECK(refused.code == 1);
    CHECK(refused.text
          == "grapectl: GET " + node.url()
               + "/collections/w/points/7: 404 Not found: /collections/w/points/7\n");
  }

  TEST_CASE("nobody there is code 3, a stranger is code 4") {
    std::string gone;
    {
      const parrot node{{}};
      gone = node.url();
    }
    const parrot stranger{{{"/grape/v1/status", "<html>"}}};

    const auto unreachable = run("--host " + gone + " status");
    CHECK(unreachable.code == 3);
    CHECK(unreachable.text
          == "grapectl: GET " + gone + "/grape/v1/status: Connection refused\n");
    const auto strange = stranger.run("status");
    CHECK(strange.code == 4);
    CHECK(strange.text
          == "grapectl: GET " + stranger.url()
               + "/grape/v1/status: not an answer of a Grape node\n");
  }

  TEST_CASE("wrong usage is code 2 and names what is wrong") {
    struct wrong {
      std::string words;
      std::string part; ///< Of what is said.
    };
    const wrong table[] = {
      {"", "A subcommand is required"},
      {"fly", "A subcommand is required"},
      {"status --fly", "--fly"},
      {"describe", "collection is required"},
      {"get w", "id is required"},
      {"search w", "from"},
      {"search w --id 1 --vector 1,2", "from"},
      {"search w --id 1 --limit many", "many"},
      {"status -o xml", "xml"},
      {"status --timeout 0", "--timeout"},
      {"status --host https://x", "grapectl: --host `https://x`: https is not available yet"},
      {"status --host x:0", "grapectl: --host `x:0`: expected a port from 1 to 65535"},
      {"status --host x:99999", "grapectl: --host `x:99999`: expected a port from 1 to 65535"},
      {"status --host [::1", "grapectl: --host `[::1`: a bracket is missing"},
      {"status --host http://a/b", "grapectl: --host `http://a/b`: expected http://host:port"},
    };

    for (const auto& each : table) {
      CAPTURE(each.words);
      const auto made = run(each.words);
      CAPTURE(made.text);
      CHECK(made.code == 2);
      CHECK(made.text.find(each.part) != std::string::npos);
    }
    const auto help = run("--help");
    CHECK(help.code == 0);
    CHECK(help.text.find("Exit codes: 0 done; 1 the node refused; 2 wrong usage;")
          != std::string::npos);
  }
}
