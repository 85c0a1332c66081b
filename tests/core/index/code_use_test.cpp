#include "core/index/code_use.hpp"

#include "core/index/sealed_segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/index_world.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace grape;
using namespace grape::index;
using namespace grape::tests;

namespace {

constexpr coding coarse_codings[] = {coding::int8, coding::int4, coding::bits, coding::bfloat16,
                                     coding::product};

double recall_with(const segment& over, const sample& from, const code_use& how) {
  recall_count count;
  for (const auto& query : from.queries) {
    budget unlimited;
    const auto right = brute_force(over, query, 10, std::vector<bool>(over.rows(), true));
    count.met += hits(over.search(query, 10, {200, how}, {}, unlimited), right);
    count.wanted += right.size();
  }
  return count.share();
}

/// What a segment's file says of its codes.
segment_content read_back(const segment& from) {
  storage::faulty_files files(1);
  GRAPE_CHECK(files.create_directories("/s").ok() && from.write(files, "/s/one.seg").ok());
  auto content = read_segment(files, "/s/one.seg");
  GRAPE_CHECK(content.ok());
  return std::move(*content);
}

} // namespace

TEST_SUITE("core.index.code_use") {
  TEST_CASE("oversampling makes searches over single bits find more, to nearly all") {
    const sample from(metric::cosine, 96, 3'000, 41, 20);
    const auto segment = built(from, {.code = coding::bits});
    REQUIRE(segment->code() == coding::bits);

    const auto once = recall_with(*segment, from, {.oversampling = 1});
    const auto thrice = recall_with(*segment, from, {.oversampling = 3});
    const auto often = recall_with(*segment, from, {.oversampling = 50}); // More than ef.

    CHECK(once < 0.7);
    CHECK(thrice > once + 0.1);
    CHECK(often >= 0.97);
    CHECK(often > thrice);
    CHECK(recall_with(*segment, from, {.oversampling = 1e300}) == 1);
  }

  TEST_CASE("without rescoring distances are those that codes say, and near the true ones") {
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan})
      for (const auto code : coarse_codings) {
        if (!supports(kind, code))
          continue;
        CAPTURE(to_string(kind));
        CAPTURE(to_string(code));
        const sample from(kind, 96, 1'500, 42, 6);
        const auto segment = built(from, {.code = code});
        REQUIRE(segment->code() == code);
        const distance_function exact(kind, 96);
        double error = 0;
        double spread = 0;
        std::size_t differ = 0;
        for (const auto& query : from.queries) {
          budget unlimited;
          const auto found = segment->search(query, 50, {200, {.rescored = false}}, {}, unlimited);
          REQUIRE(found.size() == 50);
          const auto far = exact(query.data(), from.rows[0].data());
          for (std::size_t i = 0; i < found.size(); ++i) {
            const auto truth = exact(query.data(), segment->vector(found[i].where).data());
            error += static_cast<double>(std::fabs(found[i].distance - truth));
            spread += static_cast<double>(std::fabs(far - truth));
            differ += found[i].distance != truth ? 1 : 0;
            CHECK((i == 0 || found[i - 1].distance <= found[i].distance));
          }
        }
        CHECK(differ > 200);
        CHECK(error < (code == coding::bits || code == coding::product ? 0.5 : 0.1) * spread);
      }
  }

  TEST_CASE("a scan by codes, too, keeps what codes say where nothing is rescored") {
    const sample from(metric::euclid, 96, 2'000, 43, 5);
    const auto segment = built(from, {.code = coding::int8});
    const owned_filter few(2'000, 1, 0.02, 44);
    for (const auto& query : from.queries) {
      budget unlimited;
      const auto exactly = segment->search(query, 10, 60, few.get(), unlimited);
      const auto about =
          segment->search(query, 10, {60, {.rescored = false}}, few.get(), unlimited);
      REQUIRE(about.size() == exactly.size());
      CHECK(hits(about, exactly) >= 9);
      CHECK(about[0].distance != exactly[0].distance);
      CHECK(about[0].distance == doctest::Approx(exactly[0].distance).epsilon(0.02));
    }
  }

  TEST_CASE("a walk that ignores codes is the walk of a segment without any") {
    for (const auto kind : {metric::cosine, metric::euclid}) {
      const sample from(kind, 96, 2'000, 45, 20);
      const auto coded = built(from, {.code = coding::bits});
      const auto plain = built(from, {.code = coding::floats});
      REQUIRE(coded->code() == coding::bits);
      REQUIRE(plain->code() == coding::floats);
      std::size_t otherwise = 0;
      for (const auto& query : from.queries) {
        budget by_floats;
        budget ignoring;
        budget by_bits;
        const auto right = plain->search(query, 10, 20, {}, by_floats);
        CHECK(coded->search(query, 10, {20, {.ignored = true}}, {}, ignoring) == right);
        CHECK(by_floats.visited() == ignoring.visited());
        otherwise += coded->search(query, 10, 20, {}, by_bits) != right ? 1 : 0;
      }
      CHECK(otherwise > 5);
    }
  }

  TEST_CASE("a quantile decides about the range that int8 tells apart") {
    const sample from(metric::euclid, 32, 4'000, 46, 20);
    const auto all = read_back(*built(from, {.code = coding::int8}));
    const auto most = read_back(*built(from, {.code = coding::int8, .quantile = 0.9}));
    REQUIRE(most.code() == coding::int8);

    CHECK(most.quantizer->scale() > 1.2f * all.quantizer->scale());
    std::size_t clipped = 0;
    for (std::uint32_t i = 0; i < most.rows(); ++i)
      for (std::size_t j = 0; j < 32; ++j) {
        const auto byte = most.codes[i * most.quantizer->stride() + j];
        clipped += byte == 1 || byte == 255 ? 1 : 0;
      }
    CHECK(static_cast<double>(clipped) / (4'000 * 32) == doctest::Approx(0.1).epsilon(0.1));
  }

  TEST_CASE("views pass on what a search says of codes") {
    vector_index_options options;
    options.dimension = 64;
    options.distance = metric::euclid;
    options.graph.code = coding::bits;
    options.policy.indexing_threshold_bytes = 1;
    test::index_world world(options, 47);
    world.put_many(9'000);
    world.settle();
    const auto query = world.vector();
    vector_search wanted;
    wanted.query = query;
    wanted.ef = 20;
    budget unlimited;
    const auto view = world.index.view();
    const auto nearest = world.twin.search(wanted)[0].distance;

    wanted.codes = {.rescored = false};
    const auto about = view.search(wanted, unlimited);
    wanted.codes = {.oversampling = 400};
    const auto sampled = view.search(wanted, unlimited);

    REQUIRE((about.ok() && sampled.ok()));
    CHECK((*about)[0].distance != nearest);
    CHECK((*sampled)[0].distance == nearest);
  }
}
