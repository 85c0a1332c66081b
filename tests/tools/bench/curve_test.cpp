#include "tools/bench/curve.hpp"

#include "tools/bench/vector_files.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace grape;

namespace {

/// A folder that goes when the test ends.
struct scratch_folder {
  std::filesystem::path path =
    std::filesystem::temp_directory_path() / ("grape-bench-test-" + std::to_string(getpid()));
  scratch_folder() { std::filesystem::create_directories(path); }
  ~scratch_folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

} // namespace

TEST_SUITE("tools.bench") {
  TEST_CASE("queries per second are read off where the curve crosses a recall") {
    const bench::curve along{{10, 0.80, 8'000, 0}, {20, 0.90, 4'000, 0}, {40, 0.98, 1'000, 0}};

    CHECK(bench::at_recall(along, 0.90)->queries_per_second == doctest::Approx(4'000));
    CHECK(bench::at_recall(along, 0.94)->queries_per_second == doctest::Approx(2'000));
    CHECK(bench::at_recall(along, 0.94)->ef == doctest::Approx(20 * std::sqrt(2)));
    CHECK(bench::at_recall(along, 0.50)->queries_per_second == doctest::Approx(8'000));
    CHECK_FALSE(bench::at_recall(along, 0.99).has_value());
    CHECK_FALSE(bench::at_recall({}, 0.5).has_value());
  }

  TEST_CASE("the median is the middle, or between the two middle ones") {
    CHECK(bench::median({3, 1, 2}) == 2);
    CHECK(bench::median({4, 1, 2, 3}) == 2.5);
    CHECK_FALSE(bench::median({}).has_value());
  }

  TEST_CASE("vector files are read as they were written, and damage is named") {
    const scratch_folder folder;
    const bench::matrix<float> rows{3, {1, 2, 3, 4, 5, 6}};
    const auto path = folder.file("a.fvecs");

    REQUIRE(bench::write_fvecs(path, rows).ok());

    const auto whole = bench::read_fvecs(path, 100);
    REQUIRE(whole.ok());
    CHECK(whole->values == rows.values);
    CHECK(bench::read_fvecs(path, 1)->rows() == 1);
    std::filesystem::resize_file(path, 20);
    CHECK(bench::read_fvecs(path, 100).error().code == errc::corrupted);
    std::ofstream(path, std::ios::app) << "fourteen bytes";
    CHECK(bench::read_fvecs(path, 100).error().code == errc::corrupted);
    CHECK(bench::read_fvecs(folder.file("none"), 1).error().code == errc::not_found);
  }

  TEST_CASE("a plot is one document with a line per engine") {
    const std::vector<bench::plotted_curve> curves{
      {"one", "red", {{10, 0.8, 5'000, 0}, {20, 0.97, 1'000, 0}}},
      {"two", "blue", {{10, 0.85, 700, 0}}}};

    const auto plot = bench::svg_plot("title", curves);

    CHECK(plot.starts_with("<svg "));
    CHECK(plot.ends_with("</svg>\n"));
    CHECK(plot.find("stroke='red'") != std::string::npos);
    CHECK(plot.find("stroke='blue'") != std::string::npos);
    CHECK(plot.find("nan") == std::string::npos);
  }
}
