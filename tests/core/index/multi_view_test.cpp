#include "core/index/multi_view.hpp"
#include "core/index/vector_index.hpp"
#include "core/vector/similarity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

using namespace grape;
using namespace grape::index;

namespace {

constexpr std::uint32_t dimension = 16;

/// Multivectors in an index of rows, and beside it in a map.
struct multi_world {
  std::mt19937 random;
  metric kind;
  vector_index rows{options_for(kind)};
  multi_rows places{};
  std::map<slot, multi_vector> twin{};

  static vector_index_options options_for(metric distance) {
    vector_index_options made;
    made.dimension = dimension;
    made.distance = distance;
    made.graph = {8, 60, 1};
    made.policy.indexing_threshold_bytes = 1;
    return made;
  }

  /// Rows around one of 40 themes, as tokens are.
  multi_vector value(std::size_t count) {
    multi_vector made{dimension, {}};
    for (std::size_t i = 0; i < count; ++i) {
      std::mt19937 theme(random() % 40);
      std::vector<float> components(dimension);
      std::normal_distribution<float> normal;
      for (auto& component : components)
        component = normal(theme) + 0.4f * normal(random);
      if (kind == metric::cosine)
        normalise(components);
      made.values.insert(made.values.end(), components.begin(), components.end());
    }
    return made;
  }

  void remove(slot where) {
    const auto [first, count] = places.remove(where);
    for (std::uint32_t i = 0; i < count; ++i)
      rows.remove(slot{first + i});
    twin.erase(where);
  }

  void put(slot where, multi_vector what) {
    remove(where);
    const auto count = static_cast<std::uint32_t>(what.rows());
    const auto first = places.place(where, count).first;
    for (std::uint32_t i = 0; i < count; ++i)
      rows.put(slot{first + i}, point_id{where.value}, version_of_row(1, i), what.row(i));
    twin[where] = std::move(what);
  }

  multi_view view() const { return {kind, dimension, rows.view(), places.now()}; }

  std::vector<scored_slot> plain(const multi_vector& query, std::size_t k,
                                 const slot_set* allowed) const {
    std::vector<scored_slot> all;
    for (const auto& [where, what] : twin)
      if (allowed == nullptr || allowed->contains(where))
        all.push_back({max_sim_distance({kind, dimension}, query, what.values), where});
    std::sort(all.begin(), all.end(), better);
    all.resize(std::min(all.size(), k));
    return all;
  }

  void seal() {
    inline_executor here;
    const std::atomic<bool> stop{false};
    while (const auto job = rows.plan(shard::pace::quiet)) {
      auto done = vector_index::run(*job, here, stop, nullptr);
      REQUIRE(done.ok());
      rows.install(*job, std::move(*done));
    }
  }
};

} // namespace

TEST_SUITE("core.index.multi_view") {
  TEST_CASE("exact searches equal a comparison with every point, after any changes") {
    for (const auto kind : {metric::cosine, metric::dot, metric::euclid, metric::manhattan}) {
      multi_world world{std::mt19937(3), kind};
      for (int step = 0; step < 600; ++step) {
        const slot where{static_cast<std::uint32_t>(world.random() % 150)};
        if (world.random() % 5 == 0)
          world.remove(where);
        else
          world.put(where, world.value(1 + world.random() % 6));
        if (step % 200 == 150)
          world.seal();
      }
      slot_set some(150);
      for (std::uint32_t i = 0; i < 150; i += 3)
        some.insert(slot{i});
      const auto view = world.view();
      CHECK(view.size() == world.twin.size());
      for (const auto& [where, what] : world.twin)
        CHECK(view.vector(where) == what);
      for (const auto* allowed : std::initializer_list<const slot_set*>{nullptr, &some}) {
        const auto query = world.value(3);
        multi_search wanted;
        wanted.query = &query;
        wanted.k = 7;
        wanted.exact = true;
        wanted.allowed = allowed;
        wanted.allowed_count = some.count();
        budget unlimited;
        CHECK(view.search(wanted, unlimited).value() == world.plain(query, 7, allowed));
      }
    }
  }

  TEST_CASE("candidates from the rows' graph find nine in ten of the nearest, scored exactly") {
    multi_world world{std::mt19937(4), metric::cosine};
    for (std::uint32_t i = 0; i < 3'000; ++i)
      world.put(slot{i}, world.value(2 + i % 5));
    world.seal();
    slot_set some(3'000);
    for (std::uint32_t i = 0; i < 3'000; i += 2)
      some.insert(slot{i});
    const auto view = world.view();
    for (const auto* allowed : std::initializer_list<const slot_set*>{nullptr, &some}) {
      std::size_t hits = 0;
      for (int round = 0; round < 20; ++round) {
        const auto query = world.value(4);
        std::string plan;
        multi_search wanted;
        wanted.query = &query;
        wanted.allowed = allowed;
        wanted.allowed_count = some.count();
        wanted.ef = allowed != nullptr ? 180 : 300; // With more all would simply be compared.
        wanted.plan = &plan;
        budget unlimited;
        const auto found = view.search(wanted, unlimited).value();
        REQUIRE(found.size() == 10);
        CHECK(plan.find("candidates") != std::string::npos);
        const auto expected = world.plain(query, 10, allowed);
        for (const auto& each : found) {
          CHECK((allowed == nullptr || allowed->contains(each.where)));
          CHECK(each.distance
                == max_sim_distance({metric::cosine, dimension}, query,
                                    world.twin.at(each.where).values));
          hits += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), each));
        }
      }
      CHECK(hits >= 180);
    }
  }

  TEST_CASE("places that are free are used again, and halves of them too") {
    multi_rows places;
    places.place(slot{0}, 6);
    places.place(slot{1}, 2);
    places.remove(slot{0});

    CHECK(places.place(slot{2}, 4) == row_range{0, 4});
    CHECK(places.place(slot{3}, 2) == row_range{4, 2});
    CHECK(places.place(slot{1}, 1).count == 1);
    CHECK(places.now().owner(slot{5}) == slot{3});
    CHECK(places.now().points() == 3);
    CHECK(places.now().capacity() == 8);
  }
}
