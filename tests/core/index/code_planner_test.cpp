#include "core/index/code_planner.hpp"

#include "core/index/sealed_segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::index;
using namespace grape::tests;

namespace {

constexpr coding all_codings[] = {coding::floats, coding::int8,     coding::int4,
                                  coding::bits,   coding::bfloat16, coding::product};
constexpr metric all_metrics[] = {metric::cosine, metric::dot, metric::euclid, metric::manhattan};

std::uint64_t hot(segment_shape shape, coding code) {
  shape.code = code;
  return memory_of(shape).links + memory_of(shape).codes;
}

} // namespace

TEST_SUITE("core.index.code_planner") {
  TEST_CASE("a segment takes the memory that the formula says, to the byte") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/s").ok());
    for (const auto code : all_codings)
      for (const std::uint32_t m : {0u, 5u, 16u}) {
        CAPTURE(to_string(code));
        CAPTURE(m);
        const auto kind = metric::euclid;
        const sample from(kind, 72, 700, 41);
        REQUIRE(built(from, {.m = m, .code = code})->write(files, "/s/one").ok());
        const auto content = read_segment(files, "/s/one");
        REQUIRE(content.ok());

        segment_shape shape{700, 72, m, 0, kind, content->code()};
        for (const auto level : content->links.levels)
          shape.upper_lists += level;

        const auto segment = segment::open(files, "/s/one");
        REQUIRE(segment.ok());
        CHECK((*segment)->bytes() == memory_of(shape).total() + sizeof(sealed_segment));
        CHECK(memory_of(shape).codes == content->codes.size());
      }
  }

  TEST_CASE("as many upper lists are expected as graphs have") {
    const sample from(metric::euclid, 4, 20'000, 42, 1);
    for (const std::uint32_t m : {4u, 16u}) {
      CAPTURE(m);
      storage::faulty_files files(1);
      REQUIRE(files.create_directories("/s").ok());
      REQUIRE(built(from, {.m = m, .ef_construct = 8})->write(files, "/s/one").ok());
      const auto content = read_segment(files, "/s/one");
      REQUIRE(content.ok());
      double lists = 0;
      for (const auto level : content->links.levels)
        lists += level;

      CHECK(std::fabs(lists / static_cast<double>(expected_upper_lists(20'000, m)) - 1) < 0.1);
    }
  }

  TEST_CASE("what is wished is taken where it can be measured") {
    for (const auto kind : all_metrics)
      for (const auto code : all_codings) {
        CHECK(plan_coding(kind, 15, code) == coding::floats);
        const auto planned = plan_coding(kind, 16, code);
        CHECK(supports(kind, planned));
        CHECK(planned == (supports(kind, code) ? code : coding::int8));
      }
    CHECK(plan_coding(metric::dot, 511, std::nullopt) == coding::int8);
    CHECK(plan_coding(metric::dot, 512, std::nullopt) == coding::int4);
    CHECK(plan_coding(metric::manhattan, 512, std::nullopt) == coding::int8);
  }

  TEST_CASE("less memory never asks for more, and what fits is the most exact") {
    for (const auto kind : all_metrics)
      for (const std::uint32_t dimension : {15u, 16u, 100u, 768u, 1536u}) {
        CAPTURE(to_string(kind));
        CAPTURE(dimension);
        const segment_shape shape{1'000'000, dimension, 16, 66'666, kind, coding::floats};
        auto before = ~std::uint64_t{0};
        for (std::uint64_t mebibytes = 4'096; mebibytes > 0; mebibytes -= 16) {
          const auto limit = mebibytes << 20;
          const auto planned = plan_coding(shape, limit);
          const auto taken = hot(shape, planned);

          CHECK(supports(kind, planned));
          CHECK(taken <= before);
          for (const auto code : {coding::int8, coding::int4, coding::product, coding::bits})
            if (dimension >= 16 && supports(kind, code) && taken > limit)
              CHECK(hot(shape, code) >= taken);
          before = taken;
        }
      }
    const segment_shape large{1'000'000, 768, 16, 66'666, metric::cosine, coding::floats};
    CHECK(plan_coding(large, std::uint64_t{1} << 30) == coding::int8);
    CHECK(plan_coding(large, std::uint64_t{600} << 20) == coding::int4);
    CHECK(plan_coding(large, std::uint64_t{230} << 20) == coding::product);
  }
}
