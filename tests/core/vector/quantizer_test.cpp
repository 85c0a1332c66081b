#include "core/vector/quantizer.hpp"

#include "core/vector/kernels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace grape;

namespace {

constexpr coding all_codings[] = {coding::int8, coding::int4, coding::bits, coding::bfloat16,
                                  coding::product};
constexpr metric all_metrics[] = {metric::cosine, metric::dot, metric::euclid, metric::manhattan};

/// Rows around some centres, off the origin, as embeddings are.
std::vector<std::vector<float>> clustered(std::size_t count, std::size_t dimension, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> centres(20, std::vector<float>(dimension));
  for (auto& centre : centres)
    for (auto& x : centre)
      x = 0.2f + 0.5f * normal(random);
  std::vector<std::vector<float>> rows;
  for (std::size_t i = 0; i < count; ++i) {
    rows.push_back(centres[random() % centres.size()]);
    for (auto& x : rows.back())
      x += 0.5f * normal(random);
  }
  return rows;
}

/// How well two lists of numbers go together, from -1 to 1.
double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const auto sum_x = std::accumulate(x.begin(), x.end(), 0.0);
  const auto sum_y = std::accumulate(y.begin(), y.end(), 0.0);
  const auto xx = std::inner_product(x.begin(), x.end(), x.begin(), 0.0);
  const auto yy = std::inner_product(y.begin(), y.end(), y.begin(), 0.0);
  const auto xy = std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
  return (n * xy - sum_x * sum_y) / std::sqrt((n * xx - sum_x * sum_x) * (n * yy - sum_y * sum_y));
}

double correlation_needed(coding code) {
  switch (code) {
    case coding::floats:
    case coding::bfloat16: return 0.9999;
    case coding::int8: return 0.999;
    case coding::int4: return 0.98;
    case coding::bits: return 0.9;
    case coding::product: return 0.9;
  }
  return 1;
}

} // namespace

TEST_SUITE("core.vector.quantizer") {
  TEST_CASE("distances to codes follow the true distances") {
    for (const std::size_t dimension : {16u, 50u, 130u}) {
      auto rows = clustered(600, dimension, 3);
      for (const auto kind : all_metrics) {
        if (kind == metric::cosine)
          for (auto& row : rows)
            normalise(row);
        for (const auto code : all_codings) {
          if (!supports(kind, code))
            continue;
          CAPTURE(dimension);
          CAPTURE(to_string(kind));
          CAPTURE(to_string(code));
          const auto learnt = learn_quantizer(code, kind, dimension, rows.size(),
                                              [&](std::size_t i) { return rows[i].data(); });
          const distance_function exact(kind, dimension);
          const auto query = learnt->prepare(rows[7].data());
          std::vector<double> right;
          std::vector<double> coded;
          for (const auto& row : rows) {
            std::vector<std::uint8_t> stored(learnt->stride());
            learnt->encode_stored(row.data(), stored.data());
            right.push_back(exact(rows[7].data(), row.data()));
            coded.push_back(learnt->distance(query, stored.data()));
          }

          // A bit says little where there are few of them.
          const auto fewer = code == coding::bits ? (dimension < 64 ? 0.15 : 0.02) : 0.0;
          CHECK(correlation(right, coded) > correlation_needed(code) - fewer);
        }
      }
    }
  }

  TEST_CASE("its parts make the same quantizer again, and only they") {
    const auto rows = clustered(300, 70, 4);
    for (const auto code : all_codings) {
      CAPTURE(to_string(code));
      const auto kind = metric::euclid;
      const auto learnt = learn_quantizer(code, kind, 70, rows.size(),
                                          [&](std::size_t i) { return rows[i].data(); });
      const quantizer_parts parts{code,
                                  kind,
                                  70,
                                  learnt->scale(),
                                  learnt->group(),
                                  {learnt->table().begin(), learnt->table().end()}};

      const auto again = make_quantizer(parts);

      REQUIRE(again != nullptr);
      CHECK(parts.table.size() == table_size(code, 70, parts.group));
      CHECK(learnt->stride() == stride_of(code, kind, 70, parts.group));
      CHECK(parts.group == group_of(code, 70));
      std::vector<std::uint8_t> before(learnt->stride());
      std::vector<std::uint8_t> after(again->stride());
      learnt->encode_stored(rows[5].data(), before.data());
      again->encode_stored(rows[5].data(), after.data());
      CHECK(before == after);
      auto longer = parts;
      longer.table.push_back(0);
      CHECK(make_quantizer(longer) == nullptr);
      auto grouped = parts;
      grouped.group = static_cast<std::uint16_t>(parts.group == 0 ? 1 : 0);
      CHECK(make_quantizer(grouped) == nullptr);
      if (!parts.table.empty()) {
        auto broken = parts;
        broken.table[0] = NAN;
        CHECK(make_quantizer(broken) == nullptr);
      }
    }
    CHECK(make_quantizer({coding::bits, metric::manhattan, 3, 0, 0, {0, 0, 0}}) == nullptr);
    CHECK(make_quantizer({coding::int4, metric::euclid, 3, 0, 0, {0, 0, 0}}) == nullptr);
  }

  TEST_CASE("any numbers give codes, and finite distances to usual queries") {
    const auto rows = clustered(300, 40, 5);
    for (const auto code : all_codings) {
      CAPTURE(to_string(code));
      const auto learnt = learn_quantizer(code, metric::euclid, 40, rows.size(),
                                          [&](std::size_t i) { return rows[i].data(); });
      std::vector<float> wild(40, 0.4f);
      wild[0] = 1e38f;
      wild[1] = -1e38f;
      std::vector<std::uint8_t> stored(learnt->stride());

      learnt->encode_stored(wild.data(), stored.data());
      const auto distance = learnt->distance(learnt->prepare(rows[0].data()), stored.data());

      CHECK(!std::isnan(distance));
      if (code != coding::bfloat16) // It keeps what it was given.
        CHECK(std::isfinite(distance));
    }
  }

  TEST_CASE("rows that are all alike can be quantized") {
    const std::vector<float> row(40, 2.5f);
    for (const auto code : all_codings) {
      CAPTURE(to_string(code));
      const auto learnt =
          learn_quantizer(code, metric::euclid, 40, 30, [&](std::size_t) { return row.data(); });
      std::vector<std::uint8_t> stored(learnt->stride());

      learnt->encode_stored(row.data(), stored.data());

      CHECK(std::isfinite(learnt->distance(learnt->prepare(row.data()), stored.data())));
    }
  }

  TEST_CASE("single bits of many dimensions find the neighbours among few that are rescored") {
    for (const std::size_t dimension : {768u, 1536u}) {
      CAPTURE(dimension);
      auto rows = clustered(4'020, dimension, 6);
      const std::vector queries(rows.end() - 20, rows.end());
      rows.resize(4'000);
      const auto learnt = learn_quantizer(coding::bits, metric::euclid, dimension, rows.size(),
                                          [&](std::size_t i) { return rows[i].data(); });
      const distance_function exact(metric::euclid, dimension);
      std::vector<std::uint8_t> codes(rows.size() * learnt->stride());
      for (std::size_t i = 0; i < rows.size(); ++i)
        learnt->encode_stored(rows[i].data(), &codes[i * learnt->stride()]);
      std::size_t met = 0;
      for (const auto& query : queries) {
        const auto prepared = learnt->prepare(query.data());
        std::vector<std::pair<float, std::size_t>> by_code;
        std::vector<std::pair<float, std::size_t>> right;
        for (std::size_t i = 0; i < rows.size(); ++i) {
          by_code.emplace_back(learnt->distance(prepared, &codes[i * learnt->stride()]), i);
          right.emplace_back(exact(query.data(), rows[i].data()), i);
        }
        std::sort(by_code.begin(), by_code.end());
        std::sort(right.begin(), right.end());
        for (std::size_t i = 0; i < 10; ++i)
          met += std::any_of(by_code.begin(), by_code.begin() + 100,
                             [&](const auto& one) { return one.second == right[i].second; })
                     ? 1u
                     : 0u;
      }

      // 28 and 30 times smaller than the floats, rescoring 2.5 %.
      CHECK(met >= 190);
      CHECK(dimension * sizeof(float) >= 28 * learnt->stride());
    }
  }
}
