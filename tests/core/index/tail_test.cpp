#include "core/index/tail.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

using namespace grape;
using namespace grape::index;

namespace {

std::vector<scored_slot> scan(const tail& of, const distance_function& distance,
                              const std::vector<float>& query, std::size_t k,
                              const slot_set* allowed = nullptr, bool by_codes = false) {
  top_k<scored_slot> best(k);
  budget unlimited;
  of.scan(distance, query.data(), allowed, by_codes, best, unlimited);
  return best.take();
}

} // namespace

TEST_SUITE("core.index.tail") {
  TEST_CASE("a scan finds the nearest live rows, ties by slot") {
    tail rows(segment_id{tail_bit + 1}, {row_form::float32, 1});
    const distance_function distance(metric::manhattan, 1);
    for (std::uint32_t i = 0; i < 300; ++i) // Slots run down: 299, 298, ...
      rows.append(slot{299 - i}, point_id(i), i, std::vector{static_cast<float>(i / 2)});
    rows.kill(row{0});

    const auto found = scan(rows, distance, {0}, 4);

    CHECK(found
          == std::vector<scored_slot>{
            {0, slot{298}}, {1, slot{296}}, {1, slot{297}}, {2, slot{294}}});
  }

  TEST_CASE("a copy does not see later rows and deaths") {
    for (const std::size_t dimension : {1U, 3U, 100U, 2'000U}) {
      CAPTURE(dimension);
      std::mt19937 random(7);
      std::uniform_real_distribution<float> component(-1, 1);
      const auto vector = [&] {
        std::vector<float> values(dimension);
        for (auto& value : values)
          value = component(random);
        return values;
      };
      tail rows(segment_id{tail_bit + 1}, {row_form::float32, dimension});
      for (std::uint32_t i = 0; i < 700; ++i)
        rows.append(slot{i}, point_id(i), i, vector());
      const distance_function distance(metric::euclid, dimension);
      const auto query = vector();
      slot_set even(5'000);
      for (std::uint32_t i = 0; i < 5'000; i += 2)
        even.insert(slot{i});

      const auto then = rows;
      const auto all_before = scan(then, distance, query, 20);
      const auto even_before = scan(then, distance, query, 20, &even);
      for (std::uint32_t i = 700; i < 5'000; ++i)
        rows.append(slot{i}, point_id(i), i, vector());
      for (std::uint32_t i = 0; i < 600; ++i)
        rows.kill(row{i});

      CHECK(then.rows() == 700);
      CHECK(then.live() == 700);
      CHECK(rows.live() == 4'400);
      CHECK(scan(then, distance, query, 20) == all_before);
      CHECK(scan(then, distance, query, 20, &even) == even_before);
      for (const auto& each : scan(rows, distance, query, 50, &even)) {
        CHECK(each.where.value >= 600);
        CHECK(each.where.value % 2 == 0);
      }
      CHECK(rows.owner(row{4'999}) == slot{4'999});
      CHECK(rows.id_of(row{4'999}) == point_id(4'999));
      CHECK(rows.vector_version_of(row{4'999}) == 4'999);
    }
  }

  TEST_CASE("a scan stops when its budget is over") {
    tail rows(segment_id{tail_bit + 1}, {row_form::float32, 1});
    for (std::uint32_t i = 0; i < 1'000; ++i)
      rows.append(slot{i}, point_id(i), i, std::vector{0.0F});
    top_k<scored_slot> best(1);
    budget small(100, {});

    rows.scan(distance_function(metric::dot, 1), std::vector{1.0F}.data(), nullptr, false, best,
              small);

    CHECK(small.over());
    CHECK(small.visited() < 200);
  }
}
