#include "tests/support/temporary_directory.hpp"
#include "tests/tools/grapectl/parrot.hpp"

#include <fstream>
#include <sstream>

using namespace grape;
using namespace grape::ctl;

namespace {

/// The answer to one prefetch: points 1, 2, ... with these scores.
std::string hits(std::initializer_list<double> scores) {
  std::ostringstream made;
  int id = 0;
  for (const auto score : scores) {
    made << (id == 0 ? "" : ",");
    made << R"({"id":)" << ++id << R"(,"version":0,"score":)" << score << "}";
  }
  return R"({"points":[)" + made.str() + "]}";
}

class labelled {
public:
  explicit labelled(const std::string& lines) { std::ofstream{path()} << lines; }

  std::string path() const { return folder_.path() + "/labelled.jsonl"; }

private:
  testing::temporary_directory folder_;
};

const std::string batch = "/collections/w/points/query/batch";

} // namespace

TEST_SUITE("tools.grapectl.fit") {
  // Of four with the best score three are relevant, of four with the worst one: log odds.
  TEST_CASE("fit asks the prefetches and prints the query to be pasted") {
    const parrot node{{{batch + R"({"searches":[{"query":1}]})",
                        result("[" + hits({5, 5, 5, 5, 2, 2, 2, 2}) + "]")}}};
    const labelled file{R"({"prefetch":[{"query":1}],"relevant":[1,2,3,8,1000]})"};

    const auto fitted = node.run("fit w " + file.path() + " --l2 1e-9");

    CHECK(fitted.text
          == "grapectl: 1 queries, 8 candidates, 4 relevant; mean loss 0.562 nats, by their share"
             " alone 0.693\n"
             R"({"grape":{"fusion":"learned","weights":[2.1972246],"bias":-1.0986123}})"
             "\n");
    CHECK(fitted.code == 0);
  }

  TEST_CASE("smaller scores that stand first are distances, and all queries count") {
    const parrot node{
        {{batch + R"({"searches":[{"limit":4,"query":1}]})",
          result("[" + hits({2, 2, 5, 5}) + "]")},
         {batch + R"({"searches":[{"query":[0.5]}]})", result("[" + hits({2, 2, 5, 5}) + "]")}}};
    const labelled file{R"({"prefetch":[{"query":1,"limit":4}],"relevant":[1,2]})"
                        "\n\n"
                        R"({"prefetch":[{"query":[0.5]}],"relevant":[1,4]})"
                        "\n"};

    CHECK(node.run("fit w " + file.path() + " --l2 1e-9").text
          == "grapectl: 2 queries, 8 candidates, 4 relevant; mean loss 0.562 nats, by their share"
             " alone 0.693\n"
             R"({"grape":{"fusion":"learned","weights":[2.1972246],"bias":-1.0986123}})"
             "\n");
  }

  // The second prefetch tells the relevant ones of the first from the rest, and found none of them.
  TEST_CASE("with --rescore each prefetch scores what all of them find, and so does the query") {
    const std::string legs = R"([{"filter":{"must":[]},"limit":4,"query":1},{"query":[0.5]}])";
    const parrot node{{{batch + R"({"searches":[{"limit":14,"prefetch":)" + legs
                            + R"(,"query":1},{"limit":14,"prefetch":)" + legs
                            + R"(,"query":[0.5]}]})",
                        result("[" + hits({9, 9, 9, 9, 9, 9, 9, 9}) + ","
                               + hits({5, 5, 5, 5, 2, 2, 2, 2}) + "]")}}};
    const labelled file{R"({"prefetch":)" + legs + R"(,"relevant":[1,2,3,8]})"};

    CHECK(node.run("fit w " + file.path() + " --rescore --l2 1e-9").text
              .ends_with(R"("rescore":true}})"
                         "\n"));
  }

  TEST_CASE("what makes no sense is named by its line") {
    const parrot node{{{batch + R"({"searches":[{"query":1}]})", result("[" + hits({5, 2}) + "]")},
                       {batch + R"({"searches":[{"query":1},{"query":1}]})",
                        result("[" + hits({5, 2}) + "," + hits({5, 2}) + "]")},
                       {batch + R"({"searches":[{"query":2}]})", result("[]")}}};
    struct wrong {
      std::string lines;
      int code;
      std::string end; ///< Of what is said.
    };
    const std::string good = R"({"prefetch":[{"query":1}],"relevant":[]})"
                             "\n";
    const wrong table[] = {
        {"{", 2, R"(:1: expected {"prefetch":[queries],"relevant":[ids]})"},
        {good + R"({"prefetch":[],"relevant":[1]})", 2, R"("relevant":[ids]})"},
        {R"({"prefetch":[{"query":1}],"relevant":[-1]})", 2, R"("relevant":[ids]})"},
        {R"({"prefetch":[{"query":1}],"relevant":["x"]})", 2, R"("relevant":[ids]})"},
        {good + R"({"prefetch":[{"query":1},{"query":1}],"relevant":[1]})", 2,
         ":2: got 2 prefetches, expected 1"},
        {good, 1, "of 2 candidates 0 are relevant: it takes some that are and some that are not"},
        {R"({"prefetch":[{"query":2}],"relevant":[]})", 4, "not an answer of a Grape node"},
        {R"({"prefetch":[{"query":3}],"relevant":[]})", 1, "404 Not found: " + batch},
    };
    for (const auto& each : table) {
      CAPTURE(each.lines);
      const labelled file{each.lines};
      const auto made = node.run("fit w " + file.path());
      CAPTURE(made.text);
      CHECK(made.code == each.code);
      CHECK(made.text.ends_with(each.end + "\n"));
    }
    CHECK(node.run("fit w /nowhere/x").text == "grapectl: /nowhere/x: cannot be read\n");
    CHECK(node.run("fit w /nowhere/x --l2 0").code == 2);
  }
}
