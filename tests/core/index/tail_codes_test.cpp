#include "core/index/tail_codes.hpp"

#include "core/index/tail.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

using namespace grape;
using namespace grape::index;

namespace {

/// Rows around centres that wander off in the course of time, as what people upload does.
class drifting_rows {
public:
  drifting_rows(metric kind, std::size_t dimension, std::uint64_t seed)
    : kind_(kind)
    , dimension_(dimension)
    , centres_(16, std::vector<float>(dimension))
    , random_(seed) {
    for (auto& centre : centres_)
      for (auto& value : centre)
        value = normal_(random_);
  }

  std::vector<float> next() {
    auto& centre = centres_[random_() % centres_.size()];
    std::vector<float> row(dimension_);
    for (std::size_t j = 0; j < dimension_; ++j) {
      centre[j] += 0.02F * normal_(random_);
      row[j] = centre[j] + normal_(random_);
    }
    if (kind_ == metric::cosine)
      normalise(row);
    return row;
  }

private:
  metric kind_;
  std::size_t dimension_;
  std::vector<std::vector<float>> centres_;
  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
};

std::vector<scored_slot> nearest(const tail& of, const distance_function& distance,
                                 const std::vector<float>& query, std::size_t k, bool by_codes,
                                 const slot_set* allowed = nullptr,
                                 std::uint64_t* visited = nullptr) {
  top_k<scored_slot> best(k);
  budget unlimited;
  of.scan(distance, query.data(), allowed, by_codes, best, unlimited);
  if (visited != nullptr)
    *visited += unlimited.visited();
  return best.take();
}

std::size_t common(const std::vector<scored_slot>& a, const std::vector<scored_slot>& b) {
  return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](const auto& each) {
    return std::find(b.begin(), b.end(), each) != b.end();
  }));
}

} // namespace

TEST_SUITE("core.index.tail_codes") {
  TEST_CASE(
      "all instruction sets find the same rows of a block, as the coder's own distances say") {
    for (const auto kind : {metric::cosine, metric::euclid, metric::dot})
      for (const std::size_t dimension : {32U, 100U, 300U}) {
        CAPTURE(to_string(kind));
        CAPTURE(dimension);
        drifting_rows source(kind, dimension, 3);
        std::vector<std::vector<float>> rows;
        for (int i = 0; i < 128; ++i)
          rows.push_back(source.next());
        tail_codes codes(kind, dimension);
        codes.append_block([&](std::size_t i) { return rows[i].data(); });
        codes.append_block([&](std::size_t i) { return rows[i].data(); });
        REQUIRE(codes.blocks() == 2);
        const auto query = source.next();
        const auto coder = quantizer_bits::learn(kind, dimension, 64,
                                                 [&](std::size_t i) { return rows[i].data(); });
        const auto asked = coder->prepare(query.data());
        for (const auto set : usable_isas()) {
          tail_probe probe(codes, query.data(), set);
          std::array<float, bit_block_rows> least{};
          REQUIRE(probe.measure(1, 1e30F, least) == bit_block_rows);
          std::vector<std::uint8_t> code(coder->stride());
          for (std::size_t i = 0; i < bit_block_rows; ++i) {
            coder->encode_stored(rows[64 + i].data(), code.data());
            float factor;
            std::memcpy(&factor, code.data() + code.size() - 2 * sizeof factor, sizeof factor);
            const auto estimate =
                static_cast<float>(asked.true_origin) + coder->distance(asked, code.data());
            CHECK(least[i]
                  == doctest::Approx(estimate - 2.25F * factor * asked.spread).epsilon(1e-3));
          }
          auto sorted = least;
          std::sort(sorted.begin(), sorted.end());
          const auto bound = (sorted[9] + sorted[10]) / 2;
          const auto near = probe.near(0, bound);
          CHECK(std::count_if(near.begin(), near.end(), [](auto row) { return row >= 64; }) == 10);
          for (const auto row : near)
            if (row >= 64)
              CHECK(least[row - 64] <= bound);
          CHECK(probe.near(0, -1e30F).empty());
        }
      }
  }

  TEST_CASE("estimates are off as far as their spread says") {
    for (const auto kind : {metric::cosine, metric::euclid}) {
      CAPTURE(to_string(kind));
      constexpr std::size_t dimension = 100;
      drifting_rows source(kind, dimension, 4);
      std::vector<std::vector<float>> rows;
      for (int i = 0; i < 4'000; ++i)
        rows.push_back(source.next());
      const auto coder = quantizer_bits::learn(kind, dimension, rows.size(),
                                               [&](std::size_t i) { return rows[i].data(); });
      const distance_function distance(kind, dimension);
      const auto query = source.next();
      const auto asked = coder->prepare(query.data());
      double squares = 0;
      std::vector<std::uint8_t> code(coder->stride());
      for (const auto& row : rows) {
        coder->encode_stored(row.data(), code.data());
        float factor;
        std::memcpy(&factor, code.data() + code.size() - 2 * sizeof factor, sizeof factor);
        const auto off =
            (asked.true_origin + static_cast<double>(coder->distance(asked, code.data()))
             - static_cast<double>(distance(query.data(), row.data())))
            / static_cast<double>(factor * asked.spread);
        squares += off * off;
      }
      CHECK(std::sqrt(squares / static_cast<double>(rows.size()))
            == doctest::Approx(1).epsilon(0.1));
    }
  }

  TEST_CASE("a scan by codes finds what a scan finds, and measures few rows") {
    for (const auto kind : {metric::cosine, metric::euclid, metric::dot})
      for (const auto form : {row_form::float32, row_form::float16}) {
        CAPTURE(to_string(kind));
        CAPTURE(static_cast<int>(form));
        constexpr std::size_t dimension = 128;
        constexpr std::uint32_t count = 20'030; // Two chunks, and a block that is not whole.
        drifting_rows source(kind, dimension, 5);
        tail rows(segment_id{tail_bit + 1}, {form, dimension}, kind);
        for (std::uint32_t i = 0; i < count; ++i)
          rows.append(slot{i}, point_id(i), i, source.next());
        for (std::uint32_t i = 0; i < count; i += 7)
          rows.kill(row{i});
        slot_set some(count);
        for (std::uint32_t i = 0; i < count; i += 3)
          some.insert(slot{i});
        REQUIRE(rows.is_coded());
        const distance_function distance(kind, dimension);
        std::size_t right = 0;
        std::size_t right_filtered = 0;
        std::uint64_t visited = 0;
        for (int i = 0; i < 50; ++i) {
          const auto query = source.next();
          right += common(nearest(rows, distance, query, 10, false),
                          nearest(rows, distance, query, 10, true, nullptr, &visited));
          const auto filtered = nearest(rows, distance, query, 10, true, &some);
          right_filtered += common(nearest(rows, distance, query, 10, false, &some), filtered);
          for (const auto& each : filtered) {
            CHECK(each.where.value % 3 == 0);
            CHECK(each.where.value % 7 != 0);
          }
        }
        CHECK(right >= 495);
        CHECK(right_filtered >= 495);
        CHECK(visited / 50 < count / 4);
      }
  }

  TEST_CASE("every row finds itself, and k beyond the rows gives all") {
    constexpr std::size_t dimension = 64;
    drifting_rows source(metric::cosine, dimension, 6);
    tail rows(segment_id{tail_bit + 1}, {row_form::float32, dimension}, metric::cosine);
    std::vector<std::vector<float>> kept;
    for (std::uint32_t i = 0; i < 1'100; ++i) {
      kept.push_back(source.next());
      rows.append(slot{i}, point_id(i), i, kept.back());
    }
    const distance_function distance(metric::cosine, dimension);
    for (std::uint32_t i = 0; i < kept.size(); ++i)
      CHECK(nearest(rows, distance, kept[i], 1, true).front().where == slot{i});
    CHECK(nearest(rows, distance, kept[0], 5'000, true).size() == kept.size());
  }

  TEST_CASE("codes come only where they are of use") {
    CHECK_FALSE(tail_codes::suit(metric::manhattan, 128));
    CHECK_FALSE(tail_codes::suit(metric::cosine, 8));
    tail plain(segment_id{tail_bit + 1}, {row_form::float32, 8}, metric::cosine);
    tail coded(segment_id{tail_bit + 1}, {row_form::float32, 64}, metric::cosine);
    drifting_rows narrow(metric::cosine, 8, 7);
    drifting_rows wide(metric::cosine, 64, 7);
    for (std::uint32_t i = 0; i < 1'023; ++i) {
      plain.append(slot{i}, point_id(i), i, narrow.next());
      coded.append(slot{i}, point_id(i), i, wide.next());
    }
    CHECK_FALSE(coded.is_coded());
    coded.append(slot{1'023}, point_id(1'023), 1, wide.next());
    plain.append(slot{1'023}, point_id(1'023), 1, narrow.next());
    CHECK(coded.is_coded());
    CHECK_FALSE(plain.is_coded());
  }

  TEST_CASE("readers of copies are not disturbed by the writer") {
    constexpr std::size_t dimension = 64;
    drifting_rows source(metric::euclid, dimension, 8);
    tail rows(segment_id{tail_bit + 1}, {row_form::float32, dimension}, metric::euclid);
    for (std::uint32_t i = 0; i < 2'000; ++i)
      rows.append(slot{i}, point_id(i), i, source.next());
    const distance_function distance(metric::euclid, dimension);
    const auto query = source.next();
    const auto then = rows;
    const auto before = nearest(then, distance, query, 10, true);
    std::atomic<bool> stop{false};
    std::size_t other = 0;
    std::thread reader([&] {
      while (!stop)
        other += nearest(then, distance, query, 10, true) == before ? 0 : 1;
    });
    for (std::uint32_t i = 2'000; i < 20'000; ++i)
      rows.append(slot{i}, point_id(i), i, source.next());
    stop = true;
    reader.join();
    CHECK(other == 0);
  }
}
