#include "index_world.hpp"

#include <array>
#include <optional>
#include <utility>

using namespace grape;
using namespace grape::index;
using grape::test::check_exact;
using grape::test::check_honest;
using grape::test::index_world;

namespace {

vector_index_options small_segments(metric distance) {
  vector_index_options options;
  options.dimension = 8;
  options.distance = distance;
  options.graph = {.m = 8, .ef_construct = 32, .seed = 1};
  options.policy = {.indexing_threshold_bytes = 200 * 8 * sizeof(float),
                    .deleted_threshold = 0.3,
                    .vacuum_min_rows = 50};
  return options;
}

// One moment of an index and what it must answer for ever after.
struct moment {
  vector_view view;
  flat_index twin;
};

// Writes, background work and questions in any order.
class storm {
public:
  storm(metric distance, std::uint64_t seed) : world(small_segments(distance), seed) {
  }

  void step() {
    const auto dice = world.below(1'000);
    if (dice < 500 || world.points.empty())
      world.put_new();
    else if (dice < 650)
      world.put(world.any(), world.vector());
    else if (dice < 680) // A vector twice: equal distances.
      world.put(world.any(), world.twin.vectors().begin()->second);
    else if (dice < 900)
      world.remove(world.any());
    else if (dice < 980)
      work();
    else
      look();
  }

  void look() {
    moments.push_back({world.index.view(), world.twin});
    if (moments.size() > 5)
      moments.erase(moments.begin() + static_cast<std::ptrdiff_t>(world.below(5)));
    for (const auto& each : moments)
      ask(each);
  }

  index_world world;
  int installed = 0;

private:
  // The next stage of the job; writes fall between any two.
  void work() {
    if (!job) {
      job = world.index.plan(world.below(3) == 0 ? shard::pace::quiet : shard::pace::busy);
    } else if (!product) {
      CHECK_FALSE(world.index.plan().has_value());
      product = index_world::build(*job);
    } else {
      if (world.below(8) == 0) {
        world.index.abandon();
      } else {
        world.index.install(*job, std::move(*product));
        ++installed;
      }
      product.reset();
      job.reset();
    }
  }

  void ask(const moment& then) {
    constexpr std::array<std::size_t, 5> shares = {0, 1, 10, 100, 500};
    const auto query = world.vector();
    const auto allowed = world.some(shares[world.below(shares.size())]);
    vector_search wanted;
    wanted.query = query;
    wanted.k = 1 + world.below(12);
    wanted.ef = 16;
    if (world.below(2) == 0) {
      wanted.allowed = &allowed;
      wanted.allowed_count = allowed.count();
    }
    check_exact(then.view, then.twin, wanted);
    check_honest(then.view, then.twin, wanted);
    CHECK(then.view.size() == then.twin.vectors().size());
  }

  std::optional<seal_job> job;
  std::optional<sealed_rows> product;
  std::vector<moment> moments;
};

} // namespace

TEST_SUITE("core.index.vector_index") {
  // Goal: snapshot isolation and honest answers. Method: a storm by seed against the twin; every
  // moment looked at goes on being asked while writes and background work pass over it.
  TEST_CASE("a view answers for its moment, whatever happens later") {
    for (const auto distance : {metric::euclid, metric::cosine, metric::dot, metric::manhattan})
      for (const std::uint64_t seed : {1U, 2U, 3U}) {
        CAPTURE(to_string(distance));
        CAPTURE(seed);
        storm all(distance, seed);

        for (int i = 0; i < 4'000; ++i)
          all.step();

        all.look();
        CHECK(all.installed > 8);
        CHECK(all.world.index.view().indexed() > 0);
      }
  }
}
