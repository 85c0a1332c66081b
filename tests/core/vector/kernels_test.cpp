#include "core/vector/kernels.hpp"

#include "core/vector/kernel_table.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace grape;

namespace {

constexpr metric all_metrics[] = {metric::cosine, metric::dot, metric::euclid, metric::manhattan};

float textbook(metric kind, const float* a, const float* b, std::size_t dimension) {
  float sum = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    if (larger_is_better(kind))
      sum += a[i] * b[i];
    else if (kind == metric::euclid)
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    else
      sum += std::fabs(a[i] - b[i]);
  }
  return larger_is_better(kind) ? -sum : sum;
}

/// The size of the terms that were added: what rounding errors are measured against.
double magnitude(metric kind, const float* a, const float* b, std::size_t dimension) {
  double sum = 0;
  for (std::size_t i = 0; i < dimension; ++i) {
    const double x = a[i];
    const double y = b[i];
    sum += larger_is_better(kind) ? std::fabs(x * y)
           : kind == metric::euclid ? (x - y) * (x - y)
                                    : std::fabs(x - y);
  }
  return sum;
}

std::vector<float> random_floats(std::mt19937& random, std::size_t count) {
  std::normal_distribution<float> draw(0.1f, 1.5f);
  std::vector<float> floats(count);
  for (auto& x : floats)
    x = draw(random);
  return floats;
}

std::vector<std::uint8_t> random_codes(std::mt19937& random, std::size_t count) {
  std::uniform_int_distribution<int> draw(1, 255);
  std::vector<std::uint8_t> codes(count);
  for (auto& x : codes)
    x = static_cast<std::uint8_t>(draw(random));
  return codes;
}

} // namespace

TEST_SUITE("core.vector.kernels") {
  TEST_CASE("every instruction set agrees with the textbook loop in every dimension") {
    std::mt19937 random(20261124);
    for (const auto set : usable_isas())
      for (const auto kind : all_metrics)
        for (std::size_t dimension = 1; dimension <= 130; ++dimension) {
          CAPTURE(to_string(set));
          CAPTURE(to_string(kind));
          CAPTURE(dimension);
          const distance_function measure(kind, dimension, set);
          const auto a = random_floats(random, dimension + 1);
          const auto b = random_floats(random, dimension + 1);

          // One float into the array: nothing may rely on alignment.
          const auto got = measure(a.data() + 1, b.data() + 1);

          const auto expected = textbook(kind, a.data() + 1, b.data() + 1, dimension);
          const auto size = magnitude(kind, a.data() + 1, b.data() + 1, dimension);
          if (dimension < 16)
            CHECK(got == expected);
          else
            CHECK(std::fabs(double{got} - double{expected}) <= 1e-5 * size);
        }
  }

  TEST_CASE("many distances at once are the same as one at a time") {
    std::mt19937 random(7);
    for (const std::size_t dimension : {3u, 17u, 100u}) {
      const distance_function measure(metric::euclid, dimension);
      const auto query = random_floats(random, dimension);
      const auto rows = random_floats(random, dimension * 11);
      std::vector<const float*> pointers;
      for (std::size_t i = 0; i < 11; ++i)
        pointers.push_back(&rows[i * dimension]);
      std::vector<float> in_a_row(11);
      std::vector<float> here_and_there(11);

      measure.contiguous(query.data(), rows.data(), in_a_row);
      measure.scattered(query.data(), pointers, here_and_there);

      for (std::size_t i = 0; i < 11; ++i)
        CHECK(in_a_row[i] == measure(query.data(), pointers[i]));
      CHECK(in_a_row == here_and_there);
    }
  }

  TEST_CASE("code distances are exact on every instruction set") {
    std::mt19937 random(11);
    for (const auto set : usable_isas())
      for (std::size_t bytes = 32; bytes <= 1024; bytes += 32) {
        CAPTURE(to_string(set));
        CAPTURE(bytes);
        const auto& kernels = kernels_of(set);
        const auto a = random_codes(random, bytes);
        const auto b = random_codes(random, bytes);
        std::int64_t dot = 0;
        std::int64_t squares = 0;
        std::int64_t absolutes = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
          dot += (a[i] - 128) * (b[i] - 128);
          squares += (a[i] - b[i]) * (a[i] - b[i]);
          absolutes += std::abs(a[i] - b[i]);
        }

        CHECK(kernels.code_dot(a.data(), b.data(), &bytes) == static_cast<float>(-dot));
        CHECK(kernels.code_euclid(a.data(), b.data(), &bytes) == static_cast<float>(squares));
        CHECK(kernels.code_manhattan(a.data(), b.data(), &bytes) == static_cast<float>(absolutes));
      }
  }

  TEST_CASE("sums over nibbles, bits and tables are those of the plain loop") {
    std::mt19937 random(13);
    std::uniform_int_distribution<int> signed_byte(-127, 127);
    for (const auto set : usable_isas())
      for (std::size_t bytes = 32; bytes <= 512; bytes += 32) {
        CAPTURE(to_string(set));
        CAPTURE(bytes);
        const auto code = random_codes(random, bytes);
        std::vector<std::int8_t> query(2 * bytes);
        for (auto& x : query)
          x = static_cast<std::int8_t>(signed_byte(random));
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < bytes; ++i)
          sum += (code[i] % 16) * query[i] + (code[i] / 16) * query[bytes + i];

        CHECK(kernels_of(set).nibbles_dot_query(code.data(), query.data(), bytes) == sum);
      }
  }

  TEST_CASE("bits are counted in codes of any number of words") {
    std::mt19937 random(17);
    for (const auto set : usable_isas())
      for (std::size_t words = 1; words <= 35; ++words) {
        CAPTURE(to_string(set));
        CAPTURE(words);
        const auto a = random_codes(random, 8 * words);
        const auto b = random_codes(random, 8 * words);
        const auto planes = random_codes(random, 4 * 8 * words);
        const auto bit = [](const std::vector<std::uint8_t>& of, std::size_t at) {
          return of[at / 8] >> (at % 8) & 1;
        };
        std::int32_t different = 0;
        std::int32_t sum = 0;
        for (std::size_t i = 0; i < 64 * words; ++i) {
          different += bit(a, i) ^ bit(b, i);
          const auto component = bit(planes, i) + 2 * bit(planes, 64 * words + i)
                                 + 4 * bit(planes, 128 * words + i)
                                 - 8 * bit(planes, 192 * words + i);
          sum += bit(a, i) * component;
        }

        std::vector<std::uint8_t> six; // b, four that differ nowhere, and b.
        six.insert(six.end(), b.begin(), b.end());
        for (int i = 0; i < 4; ++i)
          six.insert(six.end(), a.begin(), a.end());
        six.insert(six.end(), b.begin(), b.end());
        std::vector<std::int32_t> of_rows(6, -1);
        kernels_of(set).bits_different_rows(a.data(), six.data(), 8 * words, words, 6,
                                            of_rows.data());
        CHECK(kernels_of(set).bits_different(a.data(), b.data(), words) == different);
        CHECK(of_rows == std::vector<std::int32_t>{different, 0, 0, 0, 0, different});
        CHECK(kernels_of(set).bits_dot_planes(a.data(), planes.data(), words) == sum);
      }
  }

  TEST_CASE("half floats and tables agree with the plain loop in every length") {
    std::mt19937 random(19);
    for (const auto set : usable_isas())
      for (std::size_t count = 1; count <= 130; ++count) {
        CAPTURE(to_string(set));
        CAPTURE(count);
        const auto query = random_floats(random, count);
        const auto tables = random_floats(random, count * 256);
        const auto code = random_codes(random, count);
        auto floats = random_floats(random, count);
        std::vector<std::uint16_t> halves(count);
        double sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
          std::uint32_t bits;
          std::memcpy(&bits, &floats[i], sizeof bits);
          halves[i] = static_cast<std::uint16_t>(bits >> 16);
          bits &= 0xffff'0000u;
          std::memcpy(&floats[i], &bits, sizeof bits);
          sum += static_cast<double>(tables[i * 256 + code[i]]);
        }
        const auto near = [&](metric kind, float got) {
          const double right = textbook(kind, floats.data(), query.data(), count);
          const auto size = magnitude(kind, floats.data(), query.data(), count);
          return std::fabs(double{got} - right) <= 1e-5 * size;
        };

        const auto& kernels = kernels_of(set);
        CHECK(near(metric::dot, -kernels.halves_dot_query(halves.data(), query.data(), count)));
        CHECK(near(metric::euclid,
                   kernels.halves_squared_difference(halves.data(), query.data(), count)));
        CHECK(near(metric::manhattan,
                   kernels.halves_absolute_difference(halves.data(), query.data(), count)));
        CHECK(std::fabs(kernels.sum_of_tables(code.data(), tables.data(), count) - sum)
              <= 1e-4 * static_cast<double>(count));
      }
  }

  TEST_CASE("a score and its distance stand for each other") {
    CHECK(score_from_distance(metric::cosine, -0.75f) == 0.75f);
    CHECK(score_from_distance(metric::dot, 3) == -3);
    CHECK(score_from_distance(metric::euclid, 9) == 3);
    CHECK(score_from_distance(metric::manhattan, 9) == 9);
    for (const auto kind : all_metrics)
      CHECK(score_from_distance(kind, distance_from_score(kind, 2.5f)) == 2.5f);
  }

  TEST_CASE("normalising gives length one; what is zero or has it already stays to the bit") {
    std::vector<float> plain{3, 0, -4};
    std::vector<float> zero{0, 0};
    std::vector<float> tiny{1e-30f, 0};
    std::vector<float> huge{1e30f, 1e30f};

    for (auto* vector : {&plain, &zero, &tiny, &huge})
      normalise(*vector);
    auto again = plain;
    normalise(again);

    CHECK(plain == std::vector<float>{0.6f, 0, -0.8f});
    CHECK(zero == std::vector<float>{0, 0});
    CHECK(tiny == std::vector<float>{1e-30f, 0});
    CHECK(std::abs(huge[0] - 0.70710678f) < 1e-6f);
    CHECK(again == plain);
  }
}
