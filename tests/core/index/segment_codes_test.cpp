#include "core/index/code_scan.hpp"
#include "core/index/sealed_segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

using namespace grape;
using namespace grape::index;
using namespace grape::tests;

namespace {

constexpr coding all_codings[] = {coding::floats, coding::int8,     coding::int4,
                                  coding::bits,   coding::bfloat16, coding::product};
constexpr metric all_metrics[] = {metric::cosine, metric::dot, metric::euclid, metric::manhattan};

constexpr auto path = "/segments/one.seg";

std::string bytes_of(storage::file_system& files) {
  const auto file = files.open_random(path);
  GRAPE_CHECK(file.ok());
  std::string bytes((*file)->size(), '\0');
  GRAPE_CHECK((*file)->read(0, bytes.size(), bytes.data()).ok());
  return bytes;
}

} // namespace

TEST_SUITE("core.index.segment_codes") {
  TEST_CASE("with every code that a metric allows the neighbours are found, as exact as ever") {
    for (const auto kind : all_metrics)
      for (const auto code : all_codings) {
        if (!supports(kind, code))
          continue;
        CAPTURE(to_string(kind));
        CAPTURE(to_string(code));
        const sample from(kind, 96, 3'000, 21, 30);
        const auto segment = built(from, {.m = 16, .code = code});
        const owned_filter filter(3'000, 0.9, 0.5, 22);

        const auto plain = recall(*segment, from, 200, {}, std::vector<bool>(3'000, true));
        const auto filtered = recall(*segment, from, 200, filter.get(), filter.passing);

        CHECK(segment->code() == code);
        CHECK(plain.share() >= 0.97);
        CHECK(filtered.obeyed);
        CHECK(filtered.share() >= 0.95);
        budget unlimited;
        for (const auto& one : segment->search(from.queries[0], 10, 200, {}, unlimited))
          CHECK(one.distance
                == distance_function(kind, 96)(from.queries[0].data(),
                                               segment->vector(one.where).data()));
      }
  }

  TEST_CASE("every code finds nearly the same on every instruction set") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/segments").ok());
    for (const auto kind : {metric::cosine, metric::euclid})
      for (const auto code : all_codings) {
        CAPTURE(to_string(kind));
        CAPTURE(to_string(code));
        const sample from(kind, 70, 1'500, 23, 20);
        REQUIRE(built(from, {.m = 8, .code = code})->write(files, path).ok());
        std::vector<recall_count> shares;
        for (const auto set : usable_isas()) {
          auto content = read_segment(files, path);
          REQUIRE(content.ok());
          const sealed_segment segment(std::move(*content), {}, set);
          shares.push_back(recall(segment, from, 60, {}, std::vector<bool>(1'500, true)));
        }
        for (const auto& one : shares)
          CHECK(std::fabs(one.share() - shares[0].share()) <= 0.015); // Ties, and last bits.
      }
  }

  TEST_CASE("a scan by codes takes the nearest by the quantizer's own distance") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/segments").ok());
    for (const auto kind : all_metrics)
      for (const auto code : all_codings) {
        if (!supports(kind, code) || code == coding::floats)
          continue;
        CAPTURE(to_string(kind));
        CAPTURE(to_string(code));
        const sample from(kind, 70, 900, 28, 5);
        REQUIRE(built(from, {.m = 8, .code = code})->write(files, path).ok());
        const auto content = read_segment(files, path);
        REQUIRE(content.ok());
        const auto& codes = *content->quantizer;
        const owned_filter filter(900, 0.8, 0.3, 29);
        for (const auto set : usable_isas())
          for (const auto& query : from.queries) {
            CAPTURE(to_string(set));
            const auto prepared = codes.prepare(query.data());
            const auto distance = [&](std::uint32_t row) {
              return codes.distance(prepared, &content->codes[row * codes.stride()]);
            };
            std::vector<float> all;
            for (std::uint32_t row = 0; row < 900; ++row)
              if (filter.passing[row])
                all.push_back(distance(row));
            std::sort(all.begin(), all.end());

            budget unlimited;
            const auto found
              = nearest_by_code(*content, set, prepared, 25, filter.get(), unlimited);

            REQUIRE(found.size() == 25);
            CHECK(unlimited.visited() == all.size());
            const auto slack = 1e-5f * (std::fabs(all.front()) + std::fabs(all.back()));
            for (const auto row : found) { // Sets differ in the last bits.
              CHECK(filter.passing[row]);
              CHECK(distance(row) <= all[24] + slack);
            }
          }
      }
  }

  TEST_CASE("where half of many rows pass, a walk finds them, the same on every instruction set") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/segments").ok());
    const sample from(metric::euclid, 20, 30'000, 30, 20);
    REQUIRE(built(from, {.m = 8, .ef_construct = 60})->write(files, path).ok());
    const owned_filter filter(30'000, 0.9, 0.6, 31);
    std::vector<std::vector<row>> first;
    for (const auto set : usable_isas()) {
      CAPTURE(to_string(set));
      auto content = read_segment(files, path);
      REQUIRE(content.ok());
      const sealed_segment segment(std::move(*content), {}, set);
      std::vector<std::vector<row>> found;
      for (const auto& query : from.queries) {
        budget walked;
        found.emplace_back();
        for (const auto& one : segment.search(query, 10, 100, filter.get(), walked))
          found.back().push_back(one.where);
        std::sort(found.back().begin(), found.back().end());
        CHECK(walked.visited() < 10'000); // A scan would look at 16,000.
      }
      const auto met = recall(segment, from, 100, filter.get(), filter.passing);

      CHECK(met.obeyed);
      CHECK(met.share() >= 0.95);
      first = first.empty() ? found : first;
      CHECK(found == first);
    }
  }

  TEST_CASE("what is not measured by a code falls back to bytes, and few dimensions to floats") {
    CHECK(built(sample(metric::manhattan, 40, 500, 24, 1), {.code = coding::bits})->code()
          == coding::int8);
    CHECK(built(sample(metric::euclid, 8, 500, 25, 1), {.code = coding::product})->code()
          == coding::floats);
    CHECK(built(sample(metric::euclid, 40, 500, 26, 1))->code() == coding::int8);
  }

  TEST_CASE("a file keeps the code, in the oldest version that can say so") {
    for (const auto kind : all_metrics)
      for (const auto code : all_codings) {
        if (!supports(kind, code))
          continue;
        CAPTURE(to_string(kind));
        CAPTURE(to_string(code));
        storage::faulty_files files(1);
        REQUIRE(files.create_directories("/segments").ok());
        const sample from(kind, 45, 600, 27, 20);
        const auto before = built(from, {.m = 8, .code = code});
        REQUIRE(before->write(files, path).ok());

        const auto after = segment::open(files, path);

        REQUIRE(after.ok());
        CHECK((*after)->code() == code);
        CHECK(bytes_of(files)[8] == (code == coding::floats || code == coding::int8 ? 1 : 2));
        for (const auto& query : from.queries) {
          budget unlimited;
          CHECK((*after)->search(query, 10, 50, {}, unlimited)
                == before->search(query, 10, 50, {}, unlimited));
        }
      }
  }

  TEST_CASE("a file of version 1 still answers") {
    std::ifstream stored(GRAPE_TEST_DATA "/golden/segment_v1.seg", std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(stored), {});
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/segments").ok());
    REQUIRE((*files.open_append(path))->append(bytes).ok());

    const auto segment = segment::open(files, path);

    REQUIRE(segment.ok());
    CHECK((*segment)->rows() == 60);
    CHECK((*segment)->code() == coding::int8);
    const auto query = (*segment)->vector(row{17});
    const std::vector<float> same(query.begin(), query.end());
    budget unlimited;
    CHECK((*segment)->search(same, 10, 60, {}, unlimited)
          == brute_force(**segment, same, 10, std::vector<bool>(60, true)));
  }
}
