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
    node.answered("GET", "/collections/{collection_name}", 200, 3ms);
    node.answered("GET", "/collections/{collection_name}", 200, 30ms);
    node.answered("GET", "/collections/{collection_name}", 404, 1us);

    const auto text = node.text({.collections = {{"words", 10, 20, 5}, {"images", 1, 1, 0}}});

    CHECK(shows(text, "# HELP app_info information about qdrant server"));
    CHECK(shows(text, "# TYPE app_info gauge"));
    CHECK(shows(text, R"(app_info{name="qdrant",version="1.19.0"} 1)"));
    CHECK(shows(text, R"(grape_build_info{version="0.1.0"} 1)"));
    CHECK(shows(text, "collections_total 2"));
    CHECK(shows(text, "# TYPE collections_total untyped")); // Else promtool finds fault with it.
    CHECK(shows(text, "collections_vector_total 21"));
    CHECK(shows(text, R"(collection_points{id="words"} 10)"));
    CHECK(shows(text, "# TYPE rest_responses_total counter"));
    CHECK(text.find("rest_responses_total{") != std::string::npos);
    CHECK(shows(text, "# TYPE rest_responses_duration_seconds histogram"));
  }

  TEST_CASE("answers are counted by method, endpoint and status") {
    node_metrics node{"1.19.0", "0.1.0"};
    for (int i = 0; i < 3; ++i)
      node.answered("POST", "/collections/{collection_name}/points/query", 200, 2ms);

    const auto text = node.text({});

    const std::string labels
      = R"({endpoint="/collections/{collection_name}/points/query",method="POST",status="200")";
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
}
