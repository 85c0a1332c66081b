#include "tests/tools/grapectl/parrot.hpp"

using namespace grape;
using namespace grape::ctl;

TEST_SUITE("tools.grapectl.data") {
  TEST_CASE("a flush shows each replica, and how far the disk has it") {
    const parrot node{{{"/grape/v1/storage/flush",
                        result(R"({"verb":"flush","complete":true,"nodes":[{"node":1,"name":"n1",)"
                               R"("shards":[{"collection":"words","shard":0,"applied":9,)"
                               R"("durable":9,"error":null}],"error":null}]})")}}};
    const auto shown = node.run("data flush words");
    CHECK(shown.code == 0);
    CHECK(shown.text
          == "NODE  ERROR\n"
             "n1        -\n"
             "SHARD    NODE  APPLIED  DURABLE  ERROR\n"
             "words/0  n1          9        9      -\n");
  }

  TEST_CASE("digests are summed by collection, and replicas that differ are named") {
    const parrot node{
        {{"/grape/v1/storage/digest",
          result(R"({"verb":"digest","complete":true,"collections":{"words":{"points":3,)"
                 R"("digest":"0a"}},"differing":["words/0"],"nodes":[]})")}}};
    const auto shown = node.run("data digest");
    CHECK(shown.text
          == "NODE  ERROR\n"
             "COLLECTION  POINTS  DIGEST\n"
             "words            3  0a\n"
             "REPLICAS DIFFER: words/0\n");
  }

  TEST_CASE("a restore names the collection, and what a node refuses is said") {
    const parrot node{
        {{R"(/grape/v1/storage/restore{"checkpoint":"c","collection":"w","as":"v"})",
          result(R"({"collections":["v"]})")},
         {R"(/grape/v1/storage/restore{"backup":"b"})", result(R"({"collections":["w","x"]})")}}};
    CHECK(node.run("data restore c --collection w --as v").text == "v is restored\n");
    CHECK(node.run("data restore b --backup").text == "w is restored\nx is restored\n");
    const auto refused = node.run("data drop none");
    CHECK(refused.code == 1);
    CHECK(refused.text.find("Not found: /grape/v1/storage/checkpoints/none") != std::string::npos);
    CHECK(node.run("data").code == 2);
  }
}
