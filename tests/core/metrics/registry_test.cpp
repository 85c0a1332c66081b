#include "core/metrics/registry.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace grape::metrics;

namespace {

/// Whether one line of the text is exactly this.
bool has_line(const std::string& text, std::string_view line) {
  const auto wrapped = "\n" + text + "\n";
  return wrapped.find("\n" + std::string(line) + "\n") != std::string::npos;
}

} // namespace

TEST_SUITE("core.metrics.registry") {
  TEST_CASE("each kind is printed with its help and type") {
    registry all;
    all.counter_of("jobs_total", "jobs done", {{"kind", "a"}}).add(2);
    all.gauge_of("depth", "how deep").set(-1.5);
    const auto took = all.histogram_of("took_seconds", "how long", {0.1, 1});
    took.observe(0.1);
    took.observe(0.5);
    took.observe(7);

    const auto text = all.text();

    CHECK(has_line(text, "# HELP jobs_total jobs done"));
    CHECK(has_line(text, "# TYPE jobs_total counter"));
    CHECK(has_line(text, "jobs_total{kind=\"a\"} 2"));
    CHECK(has_line(text, "# TYPE depth gauge"));
    CHECK(has_line(text, "depth -1.5"));
    CHECK(has_line(text, "# TYPE took_seconds histogram"));
    CHECK(has_line(text, "took_seconds_bucket{le=\"0.1\"} 1"));
    CHECK(has_line(text, "took_seconds_bucket{le=\"1\"} 2"));
    CHECK(has_line(text, "took_seconds_bucket{le=\"+Inf\"} 3"));
    CHECK(has_line(text, "took_seconds_count 3"));
    CHECK(has_line(text, "took_seconds_sum 7.6"));
  }

  TEST_CASE("the same name and labels are the same series") {
    registry all;
    all.counter_of("jobs_total", "jobs done", {{"kind", "a"}}).add();
    all.counter_of("jobs_total", "jobs done", {{"kind", "b"}}).add(5);
    all.counter_of("jobs_total", "jobs done", {{"kind", "a"}}).add();
    const auto depth = all.gauge_of("depth", "how deep");
    depth.add(3);
    depth.add(-1);

    CHECK(has_line(all.text(), "jobs_total{kind=\"a\"} 2"));
    CHECK(has_line(all.text(), "jobs_total{kind=\"b\"} 5"));
    CHECK(has_line(all.text(), "depth 2"));
  }

  TEST_CASE("replaced gauges show what is there now and nothing that was") {
    registry all;
    all.replace_gauges("points", "points", {{{{"id", "old"}}, 1}, {{{"id", "kept"}}, 2}});
    all.replace_gauges("points", "points",
                       {{{{"id", "kept"}}, 3}, {{{"id", "new"}}, 4}, {{{"id", "new"}}, 5}});

    const auto text = all.text();
    CHECK(has_line(text, "points{id=\"kept\"} 3"));
    CHECK(has_line(text, "points{id=\"new\"} 5"));
    CHECK(text.find("old") == std::string::npos);

    all.replace_gauges("points", "points", {});
    CHECK(all.text().find("points{") == std::string::npos);
  }

  TEST_CASE("label values may hold anything") {
    registry all;
    all.gauge_of("depth", "how deep", {{"id", "a\"b\\c\nd ü"}}).set(1);

    CHECK(has_line(all.text(), "depth{id=\"a\\\"b\\\\c\\nd ü\"} 1"));
  }
}
