#pragma once

#include "core/index/flat_index.hpp"
#include "core/index/vector_index.hpp"
#include "core/vector/kernels.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

namespace grape::test {

/// A vector index beside its twin, with the points that a shard would hold around them.
struct index_world {
  struct held_point {
    point_id id;
    std::uint64_t version = 0;
  };

  index_world(const index::vector_index_options& from, std::uint64_t seed)
    : options(from)
    , index(from)
    , twin(from.distance)
    , random(seed) {
  }

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  }

  std::vector<float> vector() {
    std::normal_distribution<float> component(0, 1);
    std::vector<float> values(options.dimension);
    for (auto& value : values)
      value = component(random);
    if (options.distance == metric::cosine)
      normalise(values);
    return values;
  }

  void put(slot where, const std::vector<float>& values) {
    auto& point = points[where];
    if (point.version == 0)
      point.id = point_id(++ids);
    point.version = ++versions;
    index.put(where, point.id, point.version, values);
    twin.put(where, values);
  }

  /// A new point, in a slot that was free if there is one.
  slot put_new(const std::vector<float>& values) {
    slot where{static_cast<std::uint32_t>(points.size())};
    if (!free.empty()) {
      const auto chosen = free.begin() + static_cast<std::ptrdiff_t>(below(free.size()));
      where = *chosen;
      free.erase(chosen);
    }
    put(where, values);
    return where;
  }

  slot put_new() { return put_new(vector()); }

  void put_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      put_new();
  }

  void remove(slot where) {
    index.remove(where);
    twin.remove(where);
    points.erase(where);
    free.push_back(where);
  }

  /// A slot that holds a point; there must be one.
  slot any() {
    const auto skipped = static_cast<std::ptrdiff_t>(below(points.size()));
    return std::next(points.begin(), skipped)->first;
  }

  /// Slots at random, `per_mille` of a thousand.
  slot_set some(std::size_t per_mille) {
    slot_set chosen(points.size() + free.size());
    for (std::uint32_t i = 0; i < chosen.capacity(); ++i)
      if (below(1'000) < per_mille)
        chosen.insert(slot{i});
    return chosen;
  }

  static index::sealed_rows build(const index::seal_job& job) {
    inline_executor here;
    const std::atomic<bool> stop{false};
    auto built = index::vector_index::run(job, here, stop, nullptr);
    REQUIRE(built.ok());
    return std::move(built).value();
  }

  /// Plans, builds and installs until there is nothing left to do.
  void settle(shard::pace now = shard::pace::busy) {
    while (const auto job = index.plan(now))
      index.install(*job, build(*job));
  }

  index::vector_index_options options;
  index::vector_index index;
  index::flat_index twin;
  std::map<slot, held_point> points;
  std::vector<slot> free;
  std::mt19937_64 random;
  std::uint64_t ids = 0;
  std::uint64_t versions = 0;
};

/// What a view owes for any question, whether it walks or scans: as many hits as match, each
/// once, alive, allowed, with its true distance, in order. Returns the share of the nearest found.
inline double check_honest(const index::vector_view& view, const index::flat_index& twin,
                           const index::vector_search& wanted) {
  budget unlimited;
  const auto found = view.search(wanted, unlimited);
  const auto truth = twin.search(wanted);
  REQUIRE(found.ok());
  REQUIRE(found->size() == truth.size());

  const distance_function distance(twin.distance(), wanted.query.size());
  std::set<slot> seen;
  std::size_t right = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const auto& each = (*found)[i];
    const auto held = twin.vectors().find(each.where);
    REQUIRE(held != twin.vectors().end());
    REQUIRE(seen.insert(each.where).second);
    REQUIRE((wanted.allowed == nullptr || wanted.allowed->contains(each.where)));
    REQUIRE(each.distance
            == doctest::Approx(distance(wanted.query.data(), held->second.data())).epsilon(1e-5));
    REQUIRE((i == 0 || index::better((*found)[i - 1], each)));
    right += each.distance <= truth.back().distance ? 1 : 0;
  }
  return truth.empty() ? 1 : static_cast<double>(right) / static_cast<double>(truth.size());
}

/// As above, and nothing nearer was missed.
inline void check_exact(const index::vector_view& view, const index::flat_index& twin,
                        index::vector_search wanted) {
  wanted.exact = true;
  REQUIRE(check_honest(view, twin, wanted) == 1);
}

} // namespace grape::test
