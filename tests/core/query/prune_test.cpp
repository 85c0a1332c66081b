#include "core/query/prune.hpp"

#include "core/cluster/split.hpp"
#include "core/payload/evaluate.hpp"
#include "core/query/session.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using namespace grape;

namespace {

std::shared_ptr<const cluster::metadata> one_collection(std::uint32_t shards) {
  auto state = std::make_shared<cluster::metadata>();
  cluster::create_collection made{"words", {}};
  made.options.vectors[""].size = 2;
  made.options.vectors[""].distance = metric::dot;
  made.options.shard_number = shards;
  REQUIRE(state->apply(made).ok());
  return state;
}

payload::filter random_filter(std::mt19937_64& random, int depth);

payload::condition random_condition(std::mt19937_64& random, int depth) {
  const auto kind = random() % (depth > 0 ? 4 : 3);
  if (kind == 0)
    return {payload::has_vector{"far"}};
  if (kind == 3)
    return {random_filter(random, depth - 1)};
  payload::has_id ids;
  for (auto left = random() % 12; left > 0; --left)
    ids.ids.emplace_back(random() % 40);
  return {ids};
}

payload::filter random_filter(std::mt19937_64& random, int depth) {
  payload::filter made;
  const auto some = [&](std::vector<payload::condition>& to) {
    for (auto left = random() % 3; left > 0; --left)
      to.push_back(random_condition(random, depth));
  };
  some(made.must);
  some(made.should);
  some(made.must_not);
  if (random() % 4 == 0) {
    payload::min_should at_least;
    some(at_least.conditions);
    at_least.min_count = 1;
    if (!at_least.conditions.empty())
      made.at_least = at_least;
  }
  return made;
}

} // namespace

TEST_SUITE("core.query.prune") {
  // The slow twin asks every point of every shard.
  TEST_CASE("no shard with a point that matches is left out, and few others are asked") {
    std::size_t asked = 0;
    std::size_t bounded = 0;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      const auto known = one_collection(static_cast<std::uint32_t>(1 + random() % 8));
      const auto& entry = *known->find_exact("words");
      const auto scope = cluster::whole_scope(entry);
      const std::optional filter{random_filter(random, 2)};
      const auto shards = query::shards_that_may_match(scope, {&filter});
      REQUIRE_FALSE(shards.empty());
      REQUIRE(std::is_sorted(shards.begin(), shards.end()));

      for (std::uint64_t id = 0; id < 40; ++id) {
        const std::vector<point_id> one{point_id{id}};
        const auto owner = cluster::split(one, scope).begin()->first;
        const auto matches = payload::matches(*filter, one.front(), {},
                                              [&](std::string_view) { return id % 2 == 0; });
        if (matches)
          REQUIRE(std::binary_search(shards.begin(), shards.end(), owner));
      }
      if (const auto ids = query::ids_that_may_match(*filter)) {
        ++bounded;
        asked += shards.size();
        REQUIRE(shards.size() <= std::max<std::size_t>(ids->size(), 1));
      } else {
        REQUIRE(shards.size() == entry.groups.size());
      }
    }
    CHECK(bounded > 50);
    CHECK(asked < 3 * bounded);
  }

  TEST_CASE("a search for one id asks one shard, and a batch those of all its searches") {
    const auto known = one_collection(4);
    query_request one;
    one.collection = "words";
    one.query = nearest_query{vector_value{dense_vector{1, 0}}};
    one.limit = 2;
    one.filter.emplace().must.push_back({payload::has_id{{point_id{7}}}});
    query::read_session single{one, known, epoch{3}};
    const auto asks = std::get<std::vector<query::shard_ask>>(single.begin());
    REQUIRE(asks.size() == 1);
    const auto& entry = *known->find_exact("words");
    const std::vector<point_id> id{point_id{7}};
    const auto owner = cluster::split(id, cluster::whole_scope(entry)).begin()->first;
    CHECK(asks.front().group == entry.groups.at(owner));

    auto all = one;
    all.filter.reset();
    query_batch_request batch;
    batch.collection = "words";
    batch.queries = {one, all};
    query::read_session both{batch, known, epoch{3}};
    CHECK(std::get<std::vector<query::shard_ask>>(both.begin()).size() == 4);
  }
}
