#include "core/index/sparse_index.hpp"
#include "core/vector/similarity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

using namespace grape;
using namespace grape::index;

namespace {

using plain_index = std::map<slot, sparse_vector>;

/// Every vector in a map, every search over all of them.
std::vector<scored_slot> naive(const plain_index& all, const sparse_vector& query, std::size_t k,
                               const slot_set* allowed) {
  std::vector<scored_slot> found;
  for (const auto& [owner, vector] : all)
    if (allowed == nullptr || allowed->contains(owner))
      if (const auto product = sparse_product(query, vector))
        found.push_back({-*product, owner});
  std::sort(found.begin(), found.end(), better);
  found.resize(std::min(found.size(), k));
  return found;
}

std::uint64_t naive_count(const plain_index& all, std::uint32_t index, const slot_set* allowed) {
  return static_cast<std::uint64_t>(std::count_if(all.begin(), all.end(), [&](const auto& each) {
    const auto& indices = each.second.indices;
    return (allowed == nullptr || allowed->contains(each.first))
           && std::binary_search(indices.begin(), indices.end(), index);
  }));
}

/// Words as texts have them: a few are in every second vector, most are rare.
struct vocabulary {
  std::mt19937 random;
  std::uint32_t size = 3'000;
  bool signed_values = false;

  std::uint32_t word() {
    const auto x = std::uniform_real_distribution<double>(0, 1)(random);
    return static_cast<std::uint32_t>(size * x * x * x * x) * 7 + 1;
  }

  float value() {
    // Coarse, so that sums tie often.
    const auto v = static_cast<float>(1 + random() % 16) / 8;
    return signed_values && random() % 3 == 0 ? -v : v;
  }

  sparse_vector vector(std::size_t words_max) {
    std::map<std::uint32_t, float> made;
    for (auto left = random() % (words_max + 1); left > 0; --left)
      made[word()] = value();
    sparse_vector out;
    for (const auto& [index, weight] : made) {
      out.indices.push_back(index);
      out.values.push_back(weight);
    }
    return out;
  }
};

slot_set some_of(std::uint32_t slots, std::mt19937& random, std::uint32_t one_in) {
  slot_set made(slots);
  for (std::uint32_t each = 0; each < slots; ++each)
    if (random() % one_in == 0)
      made.insert(slot{each});
  return made;
}

void check_searches(const sparse_view& view, const plain_index& twin, vocabulary& words,
                    std::uint32_t slots) {
  const auto filter = some_of(slots, words.random, 3);
  for (const auto* allowed : {static_cast<const slot_set*>(nullptr), &filter})
    for (const auto k : {1u, 10u, 100'000u}) {
      const auto query = words.vector(8);
      budget unlimited;
      const auto found = view.search({&query, k, allowed}, unlimited);
      REQUIRE(found.ok());
      REQUIRE(*found == naive(twin, query, k, allowed));
      const auto counts = view.count(query.indices, allowed, unlimited);
      REQUIRE(counts.ok());
      for (std::size_t i = 0; i < query.indices.size(); ++i)
        REQUIRE((*counts)[i] == naive_count(twin, query.indices[i], allowed));
    }
}

} // namespace

TEST_SUITE("core.index.sparse_index") {
  TEST_CASE("searches and counts equal a scan of all vectors, whatever happened before") {
    for (const auto seed : {1u, 2u, 3u, 4u}) {
      CAPTURE(seed);
      vocabulary words{std::mt19937(seed)};
      words.signed_values = seed % 2 == 0;
      constexpr std::uint32_t slots = 6'000;
      sparse_index index;
      plain_index twin;
      for (int round = 0; round < 8; ++round) {
        for (int step = 0; step < 1'500; ++step) {
          const slot where{static_cast<std::uint32_t>(words.random() % slots)};
          if (words.random() % 5 == 0) {
            index.remove(where);
            twin.erase(where);
          } else {
            auto vector = words.vector(30);
            twin[where] = vector;
            index.put(where, std::move(vector));
          }
        }
        CHECK(index.view().size() == twin.size());
        check_searches(index.view(), twin, words, slots);
      }
    }
  }

  TEST_CASE("a view does not see what comes later") {
    vocabulary words{std::mt19937(9)};
    sparse_index index;
    plain_index twin;
    for (std::uint32_t i = 0; i < 1'500; ++i) {
      auto vector = words.vector(20);
      twin[slot{i}] = vector;
      index.put(slot{i}, std::move(vector));
    }
    const auto before = index.view();
    for (std::uint32_t i = 0; i < 3'000; ++i)
      index.put(slot{i}, words.vector(20));
    for (std::uint32_t i = 0; i < 700; ++i)
      index.remove(slot{i});

    check_searches(before, twin, words, 3'000);
    CHECK(before.size() == 1'500);
    CHECK(index.view().size() == 2'300);
    CHECK(index.contains(slot{2'999}));
    CHECK_FALSE(index.contains(slot{0}));
  }

  TEST_CASE("what cannot be among the best is skipped") {
    vocabulary words{std::mt19937(5)};
    sparse_index index;
    for (std::uint32_t i = 0; i < 20'000; ++i)
      index.put(slot{i}, words.vector(40));
    sparse_vector query{{1, 8, 15 * 7 + 1}, {0.1f, 0.1f, 4}};
    budget all;
    budget few;

    REQUIRE(index.view().search({&query, 20'000}, all).ok());
    REQUIRE(index.view().search({&query, 10}, few).ok());

    CHECK(few.visited() * 3 < all.visited());
  }

  TEST_CASE("a search that is late says so") {
    vocabulary words{std::mt19937(5)};
    sparse_index index;
    for (std::uint32_t i = 0; i < 3'000; ++i)
      index.put(slot{i}, words.vector(40));
    const auto query = words.vector(30);
    budget late(1'000'000, [] { return true; });

    CHECK(index.view().search({&query, 10}, late).error().code == errc::timed_out);
    CHECK(index.view().count(query.indices, nullptr, late).error().code == errc::timed_out);
  }

  TEST_CASE("rewriting the same vectors for ever takes no more memory") {
    vocabulary words{std::mt19937(6)};
    sparse_index index;
    std::uint64_t after_first = 0;
    for (int round = 0; round < 12; ++round) {
      for (std::uint32_t i = 0; i < 2'000; ++i)
        index.put(slot{i}, words.vector(40));
      if (round == 0)
        after_first = index.bytes();
      CHECK(index.bytes() < after_first * 3);
    }
  }
  TEST_CASE("the vectors that live are told by their own bytes, not by those of the tables") {
    vocabulary words{std::mt19937(7)};
    sparse_index index;
    CHECK(index.vector_bytes() == 0);
    std::uint64_t postings = 0;
    for (std::uint32_t i = 0; i < 3'000; ++i) {
      auto vector = words.vector(40);
      postings += vector.indices.size();
      index.put(slot{i}, std::move(vector));
    }
    CHECK(index.vector_bytes() == postings * 8);
    for (std::uint32_t i = 0; i < 3'000; ++i)
      index.put(slot{i}, {{1, 2}, {1.0f, 1.0f}});
    CHECK(index.vector_bytes() < postings * 8);
    CHECK(index.vector_bytes() >= 3'000 * 2 * 8);
    for (std::uint32_t i = 0; i < 3'000; ++i)
      index.remove(slot{i});
    CHECK(index.vector_bytes() == 0);
  }
}
