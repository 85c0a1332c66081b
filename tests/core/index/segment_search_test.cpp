#include "core/index/sealed_segment.hpp"
#include "core/index/segment.hpp"
#include "core/index/segment_file.hpp"
#include "core/storage/faulty_files.hpp"
#include "tests/core/index/sample.hpp"

#include <doctest/doctest.h>

using namespace grape;
using namespace grape::tests;

namespace {

std::vector<bool> all_of(std::size_t rows) { return std::vector<bool>(rows, true); }

/// Rows in overlapping clusters, the first rows nearest to one of these, and queries from those
/// that are farthest from it.
struct far_sample {
  sample all{metric::euclid, 0, 0, 0, 0};

  far_sample(std::size_t rows, std::uint32_t dimension, std::size_t clusters) {
    std::mt19937 random(9);
    std::normal_distribution<float> normal;
    const auto around = [&](const std::vector<float>& centre, float spread) {
      auto vector = centre;
      for (auto& x : vector)
        x += spread * normal(random);
      return vector;
    };
    const std::vector<float> origin(dimension);
    std::vector<std::vector<float>> centres;
    std::generate_n(std::back_inserter(centres), clusters, [&] { return around(origin, 1); });
    const auto by_nearness = [&, measure = distance_function(metric::euclid, dimension),
                              middle = centres[0]](const auto& a, const auto& b) {
      return measure(middle.data(), a.data()) < measure(middle.data(), b.data());
    };
    std::sort(centres.begin(), centres.end(), by_nearness);
    all.dimension = dimension;
    for (std::size_t i = 0; i < rows; ++i)
      all.rows.push_back(around(centres[i % clusters], 0.25f));
    std::sort(all.rows.begin(), all.rows.end(), by_nearness);
    for (std::size_t i = 0; i < 50; ++i)
      all.queries.push_back(around(centres[clusters - 1 - i % (clusters / 2)], 0.25f));
  }

  /// Passes the first `count` rows.
  static owned_filter nearest(const index::segment& over, std::size_t count) {
    owned_filter filter(over.rows(), 1, 0, 8);
    for (std::uint32_t i = 0; i < over.rows(); ++i)
      if (over.id_of(row{i}).number() < count) {
        filter.allowed[filter.slots[i] / 64] |= std::uint64_t{1} << (filter.slots[i] % 64);
        filter.passing[i] = true;
      }
    return filter;
  }
};

} // namespace

TEST_SUITE("core.index.segment_search") {
  TEST_CASE("a walk finds almost all true neighbours, in every metric") {
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan}) {
      CAPTURE(to_string(kind));
      const sample from(kind, 32, 4'000, 1);
      const auto segment = built(from);

      CHECK(recall(*segment, from, 100, {}, all_of(4'000)).share() >= 0.97);
    }
  }

  TEST_CASE("few dimensions are walked by their floats, and found as well") {
    for (const std::uint32_t dimension : {1u, 2u, 3u, 7u, 15u}) {
      CAPTURE(dimension);
      const sample from(metric::euclid, dimension, 2'000, 2);
      const auto segment = built(from);

      CHECK(recall(*segment, from, 100, {}, all_of(2'000)).share() >= 0.97);
    }
  }

  TEST_CASE("clusters tighter than a code's step are told apart") {
    sample from(metric::euclid, 24, 3'000, 3);
    std::mt19937 random(4);
    for (std::size_t i = 0; i < from.rows.size(); ++i)
      for (std::uint32_t j = 0; j < 24; ++j)
        from.rows[i][j] = (j == i % 3 ? 100.0f : 0.0f) + 1e-5f * static_cast<float>(random() % 999);
    from.queries.assign(from.rows.begin(), from.rows.begin() + 50);
    const auto segment = built(from);

    CHECK(recall(*segment, from, 100, {}, all_of(3'000)).share() >= 0.97);
  }

  TEST_CASE("filters are obeyed to the letter and never cost results") {
    const sample from(metric::cosine, 32, 6'000, 5, 30);
    const auto segment = built(from);
    for (const double share : {0.5, 0.1, 0.01, 0.001}) {
      CAPTURE(share);
      const owned_filter filter(segment->rows(), 0.9, share, 6);

      const auto found = recall(*segment, from, 128, filter.get(), filter.passing);

      CHECK(found.obeyed);
      CHECK(found.share() >= 0.95);
    }
  }

  TEST_CASE("a filter that passes one far corner of the space is no trap") {
    const sample from(metric::euclid, 32, 6'000, 7, 30);
    const auto segment = built(from);
    owned_filter filter(segment->rows(), 1, 0, 8);
    // The 3 % of rows nearest to one of them, seen from queries anywhere.
    for (const auto& one : brute_force(*segment, from.rows[0], 180, all_of(6'000))) {
      const auto slot = filter.slots[one.where.value];
      filter.allowed[slot / 64] |= std::uint64_t{1} << (slot % 64);
      filter.passing[one.where.value] = true;
    }

    const auto found = recall(*segment, from, 100, filter.get(), filter.passing);

    CHECK(found.obeyed);
    CHECK(found.share() >= 0.95);
  }

  TEST_CASE("a filter that passes only what is far from the query costs no recall") {
    const far_sample from(20'000, 16, 32);
    for (const auto code : {coding::int8, coding::floats}) {
      CAPTURE(to_string(code));
      const auto segment = built(from.all, {.code = code});
      REQUIRE(segment->code() == code);
      for (const std::size_t passing : {16'000, 10'000, 6'000, 4'000}) {
        CAPTURE(passing);
        const auto filter = from.nearest(*segment, passing);

        const auto found = recall(*segment, from.all, 32, filter.get(), filter.passing);

        CHECK(found.obeyed);
        CHECK(found.share() >= 0.95);
      }
    }
  }

  TEST_CASE("a search tells how it went about it") {
    const sample from(metric::euclid, 16, 3'000, 19, 1);
    const auto segment = built(from);
    const auto way_of = [&](const std::shared_ptr<const index::segment>& over, double share,
                            std::uint32_t ef, const index::code_use& codes) {
      const owned_filter filter(3'000, 1, share, 20);
      auto way = index::search_way::walk;
      index::effort how{ef, codes};
      how.way = &way;
      budget unlimited;
      CHECK(over->search(from.queries[0], 10, how, filter.get(), unlimited).size() == 10);
      return way;
    };

    CHECK(way_of(segment, 1, 16, {}) == index::search_way::walk);
    CHECK(way_of(segment, 0.9, 16, {}) == index::search_way::walk);
    CHECK(way_of(segment, 0.1, 16, {}) == index::search_way::codes);
    CHECK(way_of(segment, 0.01, 16, {.ignored = true}) == index::search_way::rows);
    CHECK(way_of(built(from, {.m = 0}), 1, 16, {}) == index::search_way::rows);
  }

  TEST_CASE("every row finds itself") {
    const sample from(metric::euclid, 20, 4'000, 9, 1);
    const auto segment = built(from);
    std::size_t found_itself = 0;

    for (std::uint32_t i = 0; i < segment->rows(); ++i) {
      budget unlimited;
      const auto found = segment->search(segment->vector(row{i}), 1, 64, {}, unlimited);
      REQUIRE(found.size() == 1);
      found_itself += found[0].where == row{i} ? 1u : 0u;
    }

    CHECK(found_itself >= 3'996);
  }

  TEST_CASE("distances are exact, best first, ties by row") {
    sample from(metric::euclid, 32, 500, 10);
    for (std::size_t i = 0; i < 500; ++i)
      from.rows[i] = from.rows[i % 250]; // Everything twice.
    const auto segment = built(from);
    for (const auto& query : from.queries) {
      budget unlimited;

      const auto found = segment->search(query, 10, 400, {}, unlimited);

      CHECK(found == brute_force(*segment, query, 10, all_of(500)));
    }
  }

  TEST_CASE("both exact scans equal brute force") {
    const sample from(metric::dot, 40, 700, 11, 10);
    const auto segment = built(from);
    const owned_filter filter(segment->rows(), 0.7, 0.6, 12);
    std::vector<row> passing;
    for (std::uint32_t i = 0; i < segment->rows(); ++i)
      if (filter.passing[i])
        passing.push_back(row{i});
    for (const auto& query : from.queries)
      for (const std::size_t wanted : {0u, 1u, 10u, 1'000u}) {
        budget unlimited;
        const auto right = brute_force(*segment, query, wanted, filter.passing);

        CHECK(segment->scan_all(query, wanted, filter.get(), unlimited) == right);
        CHECK(segment->scan(query, wanted, passing, unlimited) == right);
      }
  }

  TEST_CASE("a segment without a graph answers exactly") {
    const sample from(metric::manhattan, 18, 300, 13);
    const auto segment = built(from, {.m = 0});
    budget unlimited;

    const auto found = segment->search(from.queries[0], 10, 10, {}, unlimited);

    CHECK(found == brute_force(*segment, from.queries[0], 10, all_of(300)));
    CHECK(segment->source_of_row()[17] == 17);
  }

  TEST_CASE("one row, and as many neighbours as rows, are no special cases") {
    for (const std::size_t rows : {1u, 2u, 9u}) {
      const sample from(metric::cosine, 32, rows, 14);
      const auto segment = built(from);
      for (const std::size_t wanted : {1u, 2u, 9u, 50u}) {
        budget unlimited;

        const auto found = segment->search(from.queries[0], wanted, 10, {}, unlimited);

        CHECK(found == brute_force(*segment, from.queries[0], wanted, all_of(rows)));
      }
    }
  }

  TEST_CASE("a budget stops the walk, and the caller can tell") {
    const sample from(metric::cosine, 32, 5'000, 15);
    const auto segment = built(from);
    budget small(100, {});
    budget late(1'000'000, [] { return true; });

    const auto partial = segment->search(from.queries[0], 10, 400, {}, small);
    const auto cut = segment->scan_all(from.queries[0], 10, {}, late);

    CHECK(small.over());
    CHECK(small.visited() < 400);
    CHECK(partial.size() <= 10);
    CHECK(late.late());
    CHECK(late.visited() < 2'200);
    CHECK(cut.size() == 10);
  }

  TEST_CASE("what a walk over codes finds does not depend on the instruction set") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/s").ok());
    for (const auto kind : {metric::cosine, metric::euclid, metric::manhattan})
      for (const std::uint32_t m : {2u, 5u, 8u, 16u, 70u}) { // Lists that fill registers, and not.
        const sample from(kind, 40 + m, 1'500, 17 + m, 20);
        REQUIRE(built(from, {.m = m})->write(files, "/s/one").ok());
        const owned_filter filter(1'500, 0.8, 0.7, 18);
        std::vector<std::vector<std::vector<row>>> found;
        for (const auto set : usable_isas()) {
          auto content = index::read_segment(files, "/s/one");
          REQUIRE(content.ok());
          REQUIRE(content->code() == coding::int8);
          const index::sealed_segment segment(std::move(*content), {}, set);
          found.emplace_back();
          for (const auto& query : from.queries)
            for (const auto& only : {index::row_filter{}, filter.get()}) {
              budget unlimited;
              found.back().emplace_back();
              for (const auto& one : segment.search(query, 15, 60, only, unlimited))
                found.back().back().push_back(one.where);
              std::sort(found.back().back().begin(), found.back().back().end());
            }
        }
        CAPTURE(to_string(kind));
        CAPTURE(m);
        for (const auto& one : found)
          CHECK(one == found.front());
      }
  }

  // Method: visits, not time. A walk that looks at each row's bit crosses dead rows by way of their
  // neighbours and visits more.
  TEST_CASE("a fifth of dead rows costs a walk no more than the candidates it keeps for them") {
    const sample from(metric::cosine, 48, 6'000, 51, 40);
    const auto segment = built(from);
    const owned_filter dead(6'000, 0.8, 1, 52);
    index::row_filter live{dead.live.data(), dead.slots.data(), nullptr};
    live.live_count = static_cast<std::uint32_t>(
      std::count(dead.passing.begin(), dead.passing.end(), true));
    budget whole;
    budget with_dead;
    std::size_t met = 0;
    for (const auto& query : from.queries) {
      static_cast<void>(segment->search(query, 10, 64, {}, whole));
      const auto found = segment->search(query, 10, 64, live, with_dead);
      REQUIRE(found.size() == 10);
      for (const auto& one : found)
        REQUIRE(dead.passing[one.where.value]);
      met += hits(found, brute_force(*segment, query, 10, dead.passing));
    }
    CHECK(met >= 0.97 * 400);
    CHECK(with_dead.visited() < 1.3 * static_cast<double>(whole.visited()));
  }

  TEST_CASE("where everything near is dead a search goes on behind it") {
    const sample from(metric::euclid, 48, 3'000, 53, 10);
    const auto segment = built(from);
    for (const auto& query : from.queries) {
      owned_filter dead(3'000, 1, 1, 54);
      for (const auto& one :
           brute_force(*segment, query, 900, std::vector<bool>(3'000, true))) {
        dead.live[one.where.value / 64] &= ~(std::uint64_t{1} << (one.where.value % 64));
        dead.passing[one.where.value] = false;
      }
      index::row_filter live{dead.live.data(), dead.slots.data(), nullptr, 2'100};
      auto looking_at_each = live;
      looking_at_each.live_count = 0;
      budget unlimited;
      const auto found = segment->search(query, 10, 20, live, unlimited);
      REQUIRE(found.size() == 10);
      for (const auto& one : found)
        REQUIRE(dead.passing[one.where.value]);
      CHECK(found == segment->search(query, 10, 20, looking_at_each, unlimited));
    }
  }

  TEST_CASE("on every instruction set the walk finds the neighbours") {
    storage::faulty_files files(1);
    REQUIRE(files.create_directories("/s").ok());
    for (const auto kind : {metric::cosine, metric::euclid, metric::manhattan})
      for (const std::uint32_t dimension : {8u, 48u}) {
        const sample from(kind, dimension, 2'000, 16, 30);
        REQUIRE(built(from)->write(files, "/s/one").ok());
        for (const auto set : usable_isas()) {
          CAPTURE(to_string(kind));
          CAPTURE(to_string(set));
          auto content = index::read_segment(files, "/s/one");
          REQUIRE(content.ok());
          const index::sealed_segment segment(std::move(*content), {}, set);

          CHECK(recall(segment, from, 100, {}, all_of(2'000)).share() >= 0.97);
        }
      }
  }
}
