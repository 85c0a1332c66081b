#include "tests/net/http/api_under_test.hpp"

using namespace grape;
using namespace grape::http;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i)
    out += part;
  return out;
}

} // namespace

// What a body may cost is bounded by its length; each of these took minutes or gigabytes of a
// decoder that was careless about order or about what it quotes.
TEST_SUITE("net.http.limits") {
  TEST_CASE("members in descending order are as cheap as any") {
    api_under_test api;
    std::string payload = "{";
    for (int i = 300'000; i > 0; --i)
      payload += "\"" + std::to_string(1'000'000 + i) + "\":1,";
    payload.back() = '}';

    const auto got = api.ask(verb::put, "/collections/c/points",
                             R"({"points":[{"id":1,"vector":{},"payload":)" + payload + "}]}");

    CHECK(got.status == 200);
  }

  TEST_CASE("one name given many times is one vector") {
    api_under_test api;
    const auto many = repeated(R"("a":[1],)", 300'000) + R"("a":[2])";
    const auto columns = repeated(R"("a":[[1]],)", 300'000) + R"("a":[[2]])";

    api.ask(verb::put, "/collections/c/points",
            R"({"points":[{"id":1,"vector":{)" + many + "}}]}");
    api.ask(verb::put, "/collections/c/points",
            R"({"batch":{"ids":[1],"vectors":{)" + columns + "}}}");

    REQUIRE(api.house.asked.size() == 2);
    for (const auto& asked : api.house.asked) {
      const auto& write = std::get<write_request>(asked).operations.front();
      CHECK(std::get<grape::upsert_points>(write).points.front().vectors
            == named_vectors{{"a", dense_vector{2}}});
    }
  }

  TEST_CASE("a refusal quotes no more than a thousand bytes, and whole characters") {
    api_under_test api;

    const auto got = api.ask(verb::post, "/collections/c/points/scroll",
                             R"({"limit":"x)" + repeated("ü", 100'000) + "\"}");

    CHECK(got.status == 400);
    CHECK(got.body.size() < 1'200);
    CHECK(got.body.find("ü...") != std::string::npos);
  }

  TEST_CASE("of many values out of range the first 32 are told") {
    api_under_test api;
    const auto bad = repeated(R"({"id":1,"vector":[]},)", 100'000);

    const auto got = api.ask(verb::put, "/collections/c/points",
                             R"({"points":[)" + bad + R"({"id":1,"vector":[]}]})");

    CHECK(got.status == 422);
    CHECK(got.body.find("points[31].vector.vector") != std::string::npos);
    CHECK(got.body.find("points[32]") == std::string::npos);
  }
}
