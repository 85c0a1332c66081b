#include "index_world.hpp"

#include <mutex>
#include <thread>

using namespace grape;
using namespace grape::index;
using grape::test::check_honest;
using grape::test::index_world;

namespace {

vector_index_options graph_options_for(std::uint64_t threshold_rows) {
  vector_index_options options;
  options.dimension = 8;
  options.distance = metric::euclid;
  options.graph = {.m = 12, .ef_construct = 64, .seed = 1};
  options.policy.indexing_threshold_bytes = threshold_rows * 8 * sizeof(float);
  return options;
}

// The mean share of the nearest found, over 40 queries that lie on the low side of the first axis.
double recall(index_world& world, const slot_set* allowed) {
  const auto view = world.index.view();
  double sum = 0;
  for (int i = 0; i < 40; ++i) {
    auto query = world.vector();
    query.front() = -1.5F;
    vector_search wanted;
    wanted.query = query;
    wanted.ef = 48;
    wanted.allowed = allowed;
    wanted.allowed_count = allowed == nullptr ? 0 : allowed->count();
    sum += check_honest(view, world.twin, wanted);
  }
  return sum / 40;
}

} // namespace

TEST_SUITE("core.index.vector_index") {
  TEST_CASE("filters of any share, near or far from the query, get their k and good recall") {
    index_world world(graph_options_for(6'000), 1);
    world.put_many(6'000);
    world.settle();
    world.put_many(500);
    for (int i = 0; i < 1'000; ++i)
      world.remove(world.any());
    REQUIRE(world.index.view().indexed() > 4'900);

    CHECK(recall(world, nullptr) >= 0.95);
    for (const std::size_t per_mille : {999U, 500U, 100U, 10U, 1U}) {
      CAPTURE(per_mille);
      const auto allowed = world.some(per_mille);
      CHECK(recall(world, &allowed) >= 0.95);
    }
    for (const auto least : {-1.0F, 0.0F, 1.0F, 2.0F, 3.0F}) {
      CAPTURE(least);
      slot_set far(world.points.size() + world.free.size());
      for (const auto& [where, values] : world.twin.vectors())
        if (values.front() > least)
          far.insert(where);
      CHECK(recall(world, &far) >= 0.95);
    }
  }

  // Run under ThreadSanitizer this proves that readers and the writer share no byte that changes.
  TEST_CASE("views are read on other threads while the writer goes on") {
    index_world world(graph_options_for(300), 2);
    world.put_many(100);
    std::mutex door;
    vector_view newest = world.index.view();
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (std::uint64_t seed = 1; seed <= 2; ++seed)
      readers.emplace_back([&, seed] {
        std::mt19937_64 random(seed);
        std::normal_distribution<float> component(0, 1);
        while (!stop) {
          const auto view = [&] {
            const std::lock_guard held(door);
            return newest;
          }();
          std::vector<float> query(8);
          for (auto& value : query)
            value = component(random);
          vector_search wanted;
          wanted.query = query;
          wanted.ef = 10;
          budget unlimited;
          const auto found = view.search(wanted, unlimited);
          if (!found || found->size() != 10)
            ++wrong;
          else
            for (const auto& each : *found)
              wrong += view.contains(each.where) ? 0 : 1;
        }
      });

    for (int i = 0; i < 3'000; ++i) {
      if (world.below(3) == 0 && world.points.size() > 50)
        world.remove(world.any());
      else if (world.below(3) == 0)
        world.put(world.any(), world.vector());
      else
        world.put_new();
      if (i % 500 == 0)
        world.settle();
      auto view = world.index.view();
      const std::lock_guard held(door);
      newest = std::move(view);
    }
    stop = true;
    for (auto& reader : readers)
      reader.join();

    CHECK(wrong == 0);
  }
}
