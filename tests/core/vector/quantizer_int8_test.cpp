#include "core/vector/quantizer_int8.hpp"

#include "core/vector/kernels.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace grape;

namespace {

constexpr std::size_t dimension = 100;

std::vector<std::vector<float>> random_rows(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> draw(0.4f, 0.2f);
  std::vector<std::vector<float>> rows(count, std::vector<float>(dimension));
  for (auto& row : rows)
    for (auto& x : row)
      x = draw(random);
  return rows;
}

quantizer_int8 learnt(metric kind, const std::vector<std::vector<float>>& rows) {
  return quantizer_int8::learn(kind, dimension, rows.size(),
                               [&](std::size_t i) { return rows[i].data(); });
}

/// The distance that code_query describes, computed the slow way.
float code_distance(const quantizer_int8& quantizer, const code_query& query,
                    const std::vector<std::uint8_t>& code) {
  std::int32_t dot = 0;
  std::int32_t absolute = 0;
  for (std::size_t i = 0; i < quantizer.code_bytes(); ++i) {
    dot += code[i] * static_cast<std::int8_t>(query.components[i]);
    absolute += std::abs(code[i] - query.components[i]);
  }
  if (quantizer.kind() == metric::manhattan)
    return static_cast<float>(absolute);
  std::int32_t norm = 0;
  if (quantizer.kind() == metric::euclid)
    std::memcpy(&norm, code.data() + code.size() - sizeof norm, sizeof norm);
  return static_cast<float>(norm) + query.dot_factor * static_cast<float>(dot - query.dot_offset);
}

} // namespace

TEST_SUITE("core.vector.quantizer_int8") {
  TEST_CASE("distances to codes follow the true distances in every metric") {
    const auto rows = random_rows(400, 3);
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan}) {
      CAPTURE(to_string(kind));
      const auto quantizer = learnt(kind, rows);
      const distance_function exact(kind, dimension);
      const auto query = quantizer.prepare(rows[7].data());
      double sum_x = 0, sum_y = 0, sum_xx = 0, sum_yy = 0, sum_xy = 0;

      for (const auto& row : rows) {
        std::vector<std::uint8_t> code(quantizer.stride());
        quantizer.encode_stored(row.data(), code.data());
        const double x = exact(rows[7].data(), row.data());
        const double y = code_distance(quantizer, query, code);
        sum_x += x, sum_y += y, sum_xx += x * x, sum_yy += y * y, sum_xy += x * y;
      }

      const auto n = static_cast<double>(rows.size());
      const auto correlation = (n * sum_xy - sum_x * sum_y)
                               / std::sqrt((n * sum_xx - sum_x * sum_x)
                                           * (n * sum_yy - sum_y * sum_y));
      CHECK(correlation > 0.999);
    }
  }

  TEST_CASE("any numbers give codes in range, with zeros behind them") {
    const auto rows = random_rows(50, 4);
    const auto quantizer = learnt(metric::euclid, rows);
    std::vector<float> wild(dimension, 0.4f);
    wild[0] = 1e38f;
    wild[1] = -1e38f;
    wild[2] = NAN;
    std::vector<std::uint8_t> code(quantizer.code_bytes());

    quantizer.encode(wild.data(), code.data());

    CHECK(code[0] == 255);
    CHECK(code[1] == 1);
    CHECK(code[2] == 1);
    for (auto i = dimension; i < code.size(); ++i)
      CHECK(code[i] == 128);
  }

  TEST_CASE("rows that are all alike can be quantized") {
    const std::vector<std::vector<float>> rows(20, std::vector<float>(dimension, 2.5f));
    const auto quantizer = learnt(metric::euclid, rows);
    std::vector<std::uint8_t> code(quantizer.stride());

    quantizer.encode_stored(rows[0].data(), code.data());

    CHECK(code[0] == 128);
    CHECK(code_distance(quantizer, quantizer.prepare(rows[0].data()), code) == 0);
  }
}
