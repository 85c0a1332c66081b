#include "tests/core/query/keyed_world.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace grape;
using namespace grape::test;

namespace {

/// The slow twin: each key a map of points of its own.
using twins = std::map<shard_key, shard_twin>;

const std::vector<shard_key> all_keys{"a", "b", std::uint64_t{7}, "c"};

/// One random life of a collection that is sharded by keys.
class life {
public:
  explicit life(std::uint64_t seed)
    : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  void change_keys() {
    const auto key = all_keys[below(all_keys.size())];
    if (twins_.contains(key) && twins_.size() > 1 && below(3) == 0) {
      world.drop(key);
      twins_.erase(key);
    } else if (!twins_.contains(key)) {
      world.add(key, static_cast<std::uint32_t>(1 + below(3)));
      twins_[key] = {};
    }
  }

  /// Of those that exist: one, several or, sometimes, one with a fallback.
  shard_key_selector some_keys() {
    std::vector<shard_key> existing;
    for (const auto& [key, twin] : twins_)
      existing.push_back(key);
    std::shuffle(existing.begin(), existing.end(), random_);
    if (below(4) == 0)
      return {{all_keys[below(all_keys.size())]}, existing.front()};
    existing.resize(1 + below(existing.size()));
    return {existing};
  }

  /// The keys that this means.
  std::vector<shard_key> meant(const std::optional<shard_key_selector>& keys) const {
    std::vector<shard_key> found;
    if (!keys) {
      for (const auto& [key, twin] : twins_)
        found.push_back(key);
      return found;
    }
    if (keys->fallback)
      return {twins_.contains(keys->keys.front()) ? keys->keys.front() : *keys->fallback};
    return keys->keys;
  }

  void write() {
    const auto keys = some_keys();
    const auto kind = below(10);
    if (kind < 6) {
      upsert_points made;
      for (auto left = 1 + below(6); left > 0; --left)
        made.points.push_back(random_point(random_, below(60)));
      REQUIRE(world.write(made, keys).ok());
      for (const auto& key : meant(keys))
        for (const auto& one : made.points)
          twins_[key].upsert(one, 0);
    } else if (kind < 8) {
      const std::vector<point_id> ids{point_id{below(60)}, point_id{below(60)}};
      REQUIRE(world.write(delete_points{ids}, keys).ok());
      for (const auto& key : meant(keys))
        for (const auto& id : ids)
          twins_[key].erase(id);
    } else if (kind == 8) {
      const auto filter = city_is("London");
      REQUIRE(world.write(delete_points{filter}, keys).ok());
      for (const auto& key : meant(keys))
        for (const auto& id : twins_[key].matching(filter))
          twins_[key].erase(id);
    } else {
      set_payload_of_one(keys);
    }
  }

  keyed_world world;
  twins twins_;
  std::mt19937_64 random_;

private:
  /// Refused unless the point exists under each of the keys.
  void set_payload_of_one(const shard_key_selector& keys) {
    const point_id id{below(60)};
    const payload::object change{{"free", payload::value{static_cast<std::int64_t>(below(9))}}};
    const auto done = world.write(set_payload{change, std::vector<point_id>{id}, false, {}}, keys);
    bool exists = true;
    for (const auto& key : meant(keys))
      exists = exists && twins_[key].points.contains(id);
    REQUIRE(done.ok() == exists);
    for (const auto& key : meant(keys))
      if (exists)
        twins_[key].points.at(id).payload.set("free", *change.find("free"));
  }
};

read_options about(const std::optional<shard_key_selector>& keys) {
  read_options options;
  options.keys = keys;
  return options;
}

/// The record is the copy under the key that it names, which was asked for.
void check_copy(const life& of, const std::vector<shard_key>& keys, const record& found) {
  REQUIRE(found.key.has_value());
  REQUIRE(std::find(keys.begin(), keys.end(), *found.key) != keys.end());
  const auto& twin = of.twins_.at(*found.key);
  REQUIRE(twin.points.contains(found.id));
  if (found.payload)
    CHECK(*found.payload == twin.points.at(found.id).payload);
}

std::set<point_id> ids_under(const life& of, const std::vector<shard_key>& keys,
                             const std::optional<payload::filter>& filter) {
  std::set<point_id> ids;
  for (const auto& key : keys)
    for (const auto& [id, what] : of.twins_.at(key).points)
      if (!filter || of.twins_.at(key).matches(*filter, what))
        ids.insert(id);
  return ids;
}

void check_simple_reads(life& of, const std::optional<shard_key_selector>& asked,
                        const std::optional<payload::filter>& filter) {
  const auto keys = of.meant(asked);
  std::size_t copies = 0;
  std::map<std::string, std::uint64_t> cities;
  for (const auto& key : keys)
    for (const auto& [id, what] : of.twins_.at(key).points)
      if (!filter || of.twins_.at(key).matches(*filter, what)) {
        ++copies;
        if (const auto* city = what.payload.find("city"))
          ++cities[*city->as_string()];
      }
  count_request counting;
  counting.filter = filter;
  counting.read = about(asked);
  CHECK(of.world.ask<count_reply>(counting).count == copies);

  facet_request facet;
  facet.key = "city";
  facet.filter = filter;
  facet.read = about(asked);
  const auto hits = of.world.ask<facet_reply>(facet).hits;
  REQUIRE(hits.size() == cities.size());
  for (const auto& hit : hits)
    CHECK(cities.at(std::get<std::string>(hit.value)) == hit.count);

  const auto ids = ids_under(of, keys, filter);
  scroll_request page;
  page.filter = filter;
  page.limit = 1 + of.below(9);
  page.read = about(asked);
  std::vector<point_id> walked;
  do {
    const auto reply = of.world.ask<scroll_reply>(page);
    for (const auto& found : reply.points) {
      check_copy(of, keys, found);
      walked.push_back(found.id);
    }
    page.offset = reply.next;
  } while (page.offset);
  CHECK(walked == std::vector<point_id>{ids.begin(), ids.end()});

  retrieve_request wanted;
  for (std::uint64_t id = 0; id < 60; id += 1 + of.below(5))
    wanted.ids.emplace_back(id);
  wanted.read = about(asked);
  const auto everything = ids_under(of, keys, std::nullopt);
  std::vector<point_id> expected;
  for (const auto& id : wanted.ids)
    if (everything.contains(id))
      expected.push_back(id);
  std::vector<point_id> got;
  for (const auto& found : of.world.ask<retrieve_reply>(wanted).points) {
    check_copy(of, keys, found);
    got.push_back(found.id);
  }
  CHECK(got == expected);
}

struct copy {
  float score;
  point_id id;
};

/// Every copy with its score, the best first; ties by id.
std::vector<copy> copies_by_score(const life& of, const std::vector<shard_key>& keys,
                                  const std::optional<payload::filter>& filter,
                                  const dense_vector& to) {
  std::vector<copy> all;
  for (const auto& key : keys)
    for (const auto& [id, what] : of.twins_.at(key).points) {
      const auto* found = find_vector(what.vectors, "");
      if (found == nullptr || (filter && !of.twins_.at(key).matches(*filter, what)))
        continue;
      const auto& own = std::get<dense_vector>(*found);
      float score = 0;
      for (std::size_t i = 0; i < own.size(); ++i)
        score += own[i] * to[i];
      all.push_back({score, id});
    }
  std::sort(all.begin(), all.end(), [](const copy& a, const copy& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  return all;
}

void check_search(life& of, const std::optional<shard_key_selector>& asked,
                  const std::optional<payload::filter>& filter) {
  const auto keys = of.meant(asked);
  const dense_vector to{1, static_cast<float>(of.below(7)), -2, 0.5f};
  query_request query;
  query.query = nearest_query{vector_value{to}};
  query.params.exact = true;
  query.filter = filter;
  query.limit = 1 + of.below(12);
  query.with_payload.wanted = payload_selector::mode::all;
  query.read = about(asked);
  std::vector<copy> best;
  std::set<point_id> seen;
  for (const auto& one : copies_by_score(of, keys, filter, to))
    if (best.size() < query.limit && seen.insert(one.id).second)
      best.push_back(one);
  const auto found = of.world.ask<query_reply>(query).points;
  REQUIRE(found.size() == best.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].score == doctest::Approx(best[i].score).epsilon(1e-4));
    check_copy(of, keys, found[i].point);
  }

  query_part leg = query; // A fusion looks its records up where it found its hits.
  query.prefetches = {leg, leg};
  query.query = fusion_query{rrf_fusion{}};
  query.filter.reset();
  const auto fused = of.world.ask<query_reply>(query).points;
  REQUIRE(fused.size() == best.size());
  std::set<point_id> once;
  for (const auto& hit : fused) {
    REQUIRE(hit.point.payload.has_value());
    check_copy(of, keys, hit.point);
    CHECK(once.insert(hit.point.id).second);
  }
}

void check_order(life& of, const std::optional<shard_key_selector>& asked) {
  const auto keys = of.meant(asked);
  std::set<std::pair<std::int64_t, point_id>> expected;
  for (const auto& key : keys)
    for (const auto& [id, what] : of.twins_.at(key).points)
      if (const auto* n = what.payload.find("n"))
        expected.emplace(*n->as_int(), id);
  scroll_request page;
  page.limit = 500;
  page.order = order_by{"n", false, {}};
  page.read = about(asked);
  const auto points = of.world.ask<scroll_reply>(page).points;
  std::vector<std::pair<std::int64_t, point_id>> got;
  for (const auto& found : points) {
    check_copy(of, keys, found);
    got.emplace_back(std::get<std::int64_t>(found.order.value()), found.id);
  }
  CHECK(got == std::vector(expected.begin(), expected.end()));
}

void check_groups(life& of, const std::optional<shard_key_selector>& asked) {
  const auto keys = of.meant(asked);
  const dense_vector to{1, 2, -2, 0.5f};
  query_groups_request groups;
  groups.query.query = nearest_query{vector_value{to}};
  groups.query.params.exact = true;
  groups.query.limit = 5;
  groups.group_by = "city";
  groups.group_size = 2;
  groups.read = about(asked);
  std::set<point_id> once;
  for (const auto& group : of.world.ask<query_groups_reply>(groups).groups)
    for (const auto& hit : group.hits) {
      check_copy(of, keys, hit.point);
      CHECK(once.insert(hit.point.id).second);
      CHECK(*of.twins_.at(*hit.point.key).points.at(hit.point.id).payload.find("city") == group.id);
    }
}

} // namespace

TEST_SUITE("core.query.keyed_reads") {
  TEST_CASE("reads through keys equal a model that keeps a map of points for each key") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
      CAPTURE(seed);
      life one{seed};
      one.change_keys();
      for (int step = 0; step < 60; ++step) {
        CAPTURE(step);
        if (one.below(8) == 0)
          one.change_keys();
        one.write();
        if (step % 6 != 0)
          continue;
        const auto asked = one.below(3) == 0 ? std::nullopt : std::optional{one.some_keys()};
        const auto bound = static_cast<double>(one.below(9));
        const auto filter = one.below(2) == 0 ? std::nullopt : std::optional{number_below(bound)};
        check_simple_reads(one, asked, filter);
        check_search(one, asked, filter);
        check_order(one, asked);
        check_groups(one, asked);
      }
    }
  }

  TEST_CASE("without keys there is nothing, and everything is answered") {
    keyed_world world;
    query_request query;
    query.query = nearest_query{vector_value{dense_vector{1, 0, 0, 0}}};
    query_batch_request batch;
    batch.queries = {query, query};
    query_groups_request groups;
    groups.query = query;
    groups.group_by = "city";
    facet_request facet;
    facet.key = "city";
    retrieve_request wanted;
    wanted.ids = {point_id{1}};

    CHECK(world.ask<count_reply>(count_request{}).count == 0);
    CHECK(world.ask<query_reply>(query).points.empty());
    CHECK(world.ask<query_batch_reply>(batch).replies.size() == 2);
    CHECK(world.ask<query_groups_reply>(groups).groups.empty());
    CHECK(world.ask<facet_reply>(facet).hits.empty());
    CHECK(world.ask<scroll_reply>(scroll_request{}).points.empty());
    CHECK(world.ask<retrieve_reply>(wanted).points.empty());
    CHECK(world.ask<matrix_reply>(matrix_request{}).ids.empty());
    CHECK(world.ask<collection_description>(describe_collection_request{}).points == 0);
  }

  TEST_CASE("an id stands for the vector that it has under the keys asked, if it is there") {
    keyed_world world;
    world.add("a", 1);
    world.add("b", 2);
    const auto put = [&world](const shard_key& key, std::uint64_t id, dense_vector vector) {
      upsert_points one{.points = {{point_id{id}, {{"", std::move(vector)}}, {}}}, .only_if = {}};
      REQUIRE(world.write(one, {{key}}).ok());
    };
    put("a", 1, {1, 0, 0, 0});
    put("b", 1, {0, 0, 0, 1});
    put("a", 2, {1, 0, 0, 0});
    put("b", 3, {0, 0, 0, 1});
    put("b", 4, {0.5f, 0, 0, 0});
    query_request like;
    like.query = nearest_query{point_id{1}};

    like.read = about(shard_key_selector{{"b"}});
    CHECK(world.ask<query_reply>(like).points.at(0).point.id == point_id{3});
    like.query = nearest_query{point_id{2}}; // Elsewhere, and stands for its vector all the same.
    CHECK(world.ask<query_reply>(like).points.at(0).point.id == point_id{4});
    like.lookup_from = lookup_location{"cats", "", shard_key_selector{{"b"}}};
    like.query = nearest_query{point_id{1}};
    like.read = about(shard_key_selector{{"a"}});
    CHECK(world.ask<query_reply>(like).points.at(0).score == doctest::Approx(0));
  }

  TEST_CASE("each search of a batch is about its own keys") {
    keyed_world world;
    world.add("a", 2);
    world.add("b", 1);
    for (std::uint64_t id = 0; id < 20; ++id) {
      upsert_points one{.points = {{point_id{id}, {{"", dense_vector{1, 0, 0, 0}}}, {}}},
                        .only_if = {}};
      REQUIRE(world.write(one, {{id < 12 ? "a" : "b"}}).ok());
    }
    query_request query;
    query.query = nearest_query{vector_value{dense_vector{1, 0, 0, 0}}};
    query.limit = 100;
    query_batch_request batch;
    batch.queries = {query, query, query};
    batch.queries[0].read = about(shard_key_selector{{"a"}});
    batch.queries[1].read = about(shard_key_selector{{"b"}});

    const auto replies = world.ask<query_batch_reply>(batch).replies;

    CHECK(replies.at(0).points.size() == 12);
    CHECK(replies.at(1).points.size() == 8);
    CHECK(replies.at(2).points.size() == 20);
  }
}
