#include "core/metrics/node_metrics.hpp"

#include <doctest/doctest.h>

using namespace grape::metrics;
using namespace std::chrono_literals;

namespace {

bool shows(const std::string& text, std::string_view line) {
  return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

} // namespace

TEST_SUITE("core.metrics.node_metrics") {
  TEST_CASE("what Qdrant's clients look for is there under its name") {
    node_metrics node{"1.19.0", "0.1.0"};
    node.answered({"GET", "/collections/{collection_name}", "words", 200, 3ms, 1'000});
    node.answered({"GET", "/collections/{collection_name}", "words", 200, 30ms, 1'000});
    node.answered({"GET", "/collections/{collection_name}", "words", 404, 1us, 1'000});

    const auto text = node.text(
      {.collections = {{"words", 10, 20, 5, 900, 400}, {"images", 1, 1, 0, 0, 0}}});

    CHECK(shows(text, "# HELP app_info information about qdrant server"));
    CHECK(shows(text, "# TYPE app_info gauge"));
    CHECK(shows(text, R"(app_info{name="qdrant",version="1.19.0"} 1)"));
    CHECK(shows(text, R"(grape_build_info{version="0.1.0"} 1)"));
    CHECK(shows(text, "collections_total 2"));
    CHECK(shows(text, "# TYPE collections_total untyped")); // Else promtool finds fault with it.
    CHECK(shows(text, "collections_vector_total 21"));
    CHECK(shows(text, R"(collection_points{id="words"} 10)"));
    CHECK(shows(text, R"(grape_collection_index_bytes{collection="words"} 900)"));
    CHECK(shows(text, R"(grape_collection_index_mapped_bytes{collection="words"} 400)"));
    CHECK(shows(text, "# TYPE rest_responses_total counter"));
    CHECK(text.find("rest_responses_total{") != std::string::npos);
    CHECK(shows(text, "# TYPE rest_responses_duration_seconds histogram"));
  }

  TEST_CASE("answers are counted by method, endpoint and status") {
    node_metrics node{"1.19.0", "0.1.0"};
    for (int i = 0; i < 3; ++i)
      node.answered(
          {"POST", "/collections/{collection_name}/points/query", "words", 200, 2ms, 1'000});

    const auto text = node.text({});

    const std::string labels =
        R"({endpoint="/collections/{collection_name}/points/query",method="POST",status="200")";
    CHECK(shows(text, "rest_responses_total" + labels + "} 3"));
    CHECK(shows(text, "rest_responses_duration_seconds_count" + labels + "} 3"));
    CHECK(shows(text, "rest_responses_duration_seconds_bucket" + labels + R"(,le="0.001"} 0)"));
    CHECK(shows(text, "rest_responses_duration_seconds_bucket" + labels + R"(,le="0.005"} 3)"));
  }

  TEST_CASE("a collection that is gone is no longer shown") {
    node_metrics node{"1.19.0", "0.1.0"};
    (void)node.text({.collections = {{"words", 10, 20, 5}}});

    const auto text = node.text({.collections = {}, .ready = true});

    CHECK(text.find("words") == std::string::npos);
    CHECK(shows(text, "collections_total 0"));
    CHECK(shows(text, "grape_ready 1"));
  }

  TEST_CASE("answers are counted by collection too, but only shown so if asked") {
    node_metrics node{"1.19.0", "0.1.0"};
    node.answered({"POST", "/q", "words", 200, 2ms, 1'000});
    node.answered({"POST", "/q", "images", 200, 4ms, 3'000});
    node.answered({"POST", "/q", "images", 500, 1ms, 2'000});

    CHECK(shows(node.text({}),
                R"(rest_responses_total{endpoint="/q",method="POST",status="200"} 2)"));
    CHECK(node.text({}).find("collection=\"") == std::string::npos);
    const auto apart = node.text({}, true);
    CHECK(shows(apart, R"(rest_responses_total{collection="words",endpoint="/q",method="POST",)"
                       R"(status="200"} 1)"));
    CHECK(shows(apart, R"(rest_responses_total{collection="images",endpoint="/q",method="POST",)"
                       R"(status="500"} 1)"));
    CHECK_FALSE(
        shows(apart, R"(rest_responses_total{endpoint="/q",method="POST",status="200"} 2)"));

    const auto routes = node.routes();
    REQUIRE(routes.size() == 5);
    CHECK(routes[0] == grape::route_figures{"POST", "/q", "", 200, 2, 6'000, 2'000, 4'000, 3'000});
    CHECK(routes[4]
          == grape::route_figures{"POST", "/q", "words", 200, 1, 2'000, 2'000, 2'000, 1'000});
  }

  TEST_CASE("names that strangers invent do not become series") {
    node_metrics node{"1.19.0", "0.1.0"};
    node.answered({"POST", "/q", "invented", 404, 2ms, 1'000});
    for (std::size_t i = 0; i < node_metrics::collections_max + 10; ++i)
      node.answered({"POST", "/q", "c" + std::to_string(i), 200, 2ms, 1'000});

    const auto apart = node.text({}, true);

    CHECK(apart.find("invented") == std::string::npos);
    CHECK(apart.find("\"c999\"") != std::string::npos);
    CHECK(apart.find("\"c1000\"") == std::string::npos);
    CHECK(node.routes().size() == 2 + node_metrics::collections_max);
  }
}
