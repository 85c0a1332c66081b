#include "machine_world.hpp"

#include "core/vector/kernels.hpp"

#include <algorithm>

using namespace grape;
using namespace grape::test;

namespace {

/// Every read of the view must give what the twin gives.
void check_equal(const shard::view& view, const shard_twin& twin) {
  budget unlimited;
  REQUIRE(view.count({}, unlimited).value() == twin.points.size());
  shard::shard_scroll everything{.from = {}, .limit = UINT64_MAX, .filter = {},
                                 .with_payload = {payload_selector::mode::all, {}},
                                 .with_vectors = {vector_selector::mode::all, {}}};
  const auto page = view.scroll(everything, unlimited);
  REQUIRE(page.ok());
  REQUIRE(page->records.size() == twin.points.size());
  auto expected = twin.points.begin();
  for (const auto& record : page->records) {
    CHECK(record.id == expected->first);
    CHECK(record.version == twin.versions.at(record.id));
    CHECK(record.payload == expected->second.payload);
    CHECK(record.vectors == expected->second.vectors);
    ++expected;
  }
}

std::vector<std::pair<float, point_id>> brute_force(const shard_twin& twin, const char* field,
                                                    const dense_vector& target,
                                                    const payload::filter& filter) {
  const auto schema = two_field_schema();
  const auto kind = schema.options.vectors.at(field).distance;
  const distance_function distance{kind, target.size()};
  std::vector<std::pair<float, point_id>> all;
  for (const auto& [id, what] : twin.points)
    if (const auto* vector = find_vector(what.vectors, field))
      if (twin.matches(filter, what))
        all.emplace_back(distance(target.data(), std::get<dense_vector>(*vector).data()), id);
  std::sort(all.begin(), all.end());
  return all;
}

void check_searches(const shard::view& view, const shard_twin& twin, std::mt19937_64& random) {
  budget unlimited;
  for (const auto& filter :
       {payload::filter{}, city_is("Berlin"), number_below(3), free_or_far()}) {
    CHECK(view.count(filter, unlimited).value() == twin.matching(filter).size());
    for (const auto* field : {"", "far"}) {
      shard::shard_query wanted;
      const auto size = two_field_schema().options.vectors.at(field).size;
      dense_vector target(size);
      for (auto& component : target)
        component = static_cast<float>(random() % 2'001) / 1'000.0f - 1.0f;
      wanted.by = shard::rank_nearest{target};
      wanted.vector_name = field;
      wanted.filter = filter;
      wanted.params.exact = random() % 2 == 0;
      wanted.k = 5;
      const auto expected = brute_force(twin, field, target, filter);

      const auto found = view.query(wanted, unlimited);

      REQUIRE(found.ok());
      REQUIRE(found->hits.size() == std::min<std::size_t>(5, expected.size()));
      const auto kind = two_field_schema().options.vectors.at(field).distance;
      if (wanted.params.exact)
        for (std::size_t i = 0; i < found->hits.size(); ++i)
          CHECK(found->hits[i].score == score_from_distance(kind, expected[i].first));
      for (const auto& hit : found->hits)
        CHECK(twin.matches(filter, twin.points.at(hit.point.id)));
    }
  }
}

/// Deletes only what has not changed since some entry.
void unchanged_entry(machine_world& world, shard_twin& twin, std::mt19937_64& random) {
  const auto version = world->applied().value + 1;
  const auto since = version > 20 ? version - random() % 20 : version;
  std::vector<point_id> ids;
  for (std::uint64_t one = random() % 3; one < 60; one += 3)
    ids.push_back(point_id{one});
  for (const auto& one : ids)
    if (twin.points.contains(one) && twin.versions.at(one) <= since)
      twin.erase(one);
  world.write({delete_points{unchanged_points{ids, log_index{since}}}});
}

/// Replaces vectors of those points that match.
void conditional_entry(machine_world& world, shard_twin& twin, std::mt19937_64& random) {
  const auto version = world->applied().value + 1;
  const auto id = point_id{random() % 60};
  const auto filter = city_is("Berlin");
  const auto other = point_id{random() % 60};
  const named_vector far{"far", dense_vector{3, 2, 1}};
  for (const auto& one : std::set{id, other})
    if (twin.points.contains(one) && twin.matches(filter, twin.points[one])) {
      auto& vectors = twin.points[one].vectors;
      std::erase_if(vectors, [](const auto& v) { return v.name == "far"; });
      vectors.push_back(far);
      std::sort(vectors.begin(), vectors.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
      twin.versions[one] = version;
    }
  world.write({update_vectors{{{id, {far}}, {other, {far}}}, filter}});
}

/// One random entry, done to the machine and to its twin.
void random_entry(machine_world& world, shard_twin& twin, std::mt19937_64& random) {
  const auto version = world->applied().value + 1;
  const auto id = point_id{random() % 60};
  switch (random() % 10) {
    case 0: case 1: case 2: {
      upsert_points upsert;
      for (auto left = 1 + random() % 20; left > 0; --left)
        upsert.points.push_back(random_point(random, random() % 60));
      for (const auto& point : upsert.points)
        twin.upsert(point, version);
      world.write({upsert});
      break;
    }
    case 3:
      twin.erase(id);
      world.write({delete_points{std::vector{id, point_id{99}}}});
      break;
    case 4: {
      const auto filter = number_below(static_cast<double>(random() % 3));
      for (const auto& gone : twin.matching(filter))
        twin.erase(gone);
      world.write({delete_points{filter}});
      break;
    }
    case 5: {
      const payload::object change{{"city", payload::value{"Oslo"}}, {"free", payload::value{}}};
      const auto filter = city_is("London");
      for (const auto& hit : twin.matching(filter)) {
        twin.points[hit].payload.set("city", payload::value{"Oslo"});
        twin.points[hit].payload.erase("free");
        twin.versions[hit] = version;
      }
      world.write({set_payload{change, filter, false, ""}});
      break;
    }
    case 6: {
      if (twin.points.contains(id)) {
        twin.points[id].payload = {};
        twin.versions[id] = version;
      }
      world.write({clear_payload{std::vector{id}}});
      break;
    }
    case 7: return unchanged_entry(world, twin, random);
    case 8: return conditional_entry(world, twin, random);
    default: {
      const named_vector far{"far", dense_vector{1, 2, 3}};
      if (twin.points.contains(id)) {
        auto& vectors = twin.points[id].vectors;
        std::erase_if(vectors, [](const auto& v) { return v.name == "far" || v.name == ""; });
        vectors.push_back(far);
        std::sort(vectors.begin(), vectors.end(),
                  [](const auto& a, const auto& b) { return a.name < b.name; });
        twin.versions[id] = version;
      }
      world.write({update_vectors{{{id, {far}}}}, delete_vectors{{""}, std::vector{id}}});
    }
  }
}

} // namespace

TEST_SUITE("core.shard.machine") {
  // Goal: whatever happens, a shard equals a map of points. Method: random entries, background
  // jobs and restarts by seed, compared after each step.
  TEST_CASE("a shard is a map of points, whatever is done to it") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      machine_world world;
      shard_twin twin;
      for (int step = 0; step < 60; ++step) {
        CAPTURE(step);
        random_entry(world, twin, random);
        if (random() % 10 == 0)
          world.settle_indexes();
        if (random() % 15 == 0) {
          REQUIRE(world->sync().ok());
          world.reopen();
        }
        check_equal(*world->snapshot(), twin);
        check_searches(*world->snapshot(), twin, random);
      }
    }
  }

  TEST_CASE("a view shows its moment for ever") {
    std::mt19937_64 random{3};
    machine_world world;
    shard_twin twin;
    for (int step = 0; step < 20; ++step)
      random_entry(world, twin, random);
    const auto then = world->snapshot();
    const auto twin_then = twin;

    for (int step = 0; step < 40; ++step)
      random_entry(world, twin, random);
    world.settle_indexes();

    check_equal(*then, twin_then);
    check_searches(*then, twin_then, random);
    check_equal(*world->snapshot(), twin);
  }

  TEST_CASE("a job that ran while points changed does not bring old vectors back") {
    machine_world world;
    upsert_points many;
    std::mt19937_64 random{11};
    for (std::uint64_t id = 0; id < 400; ++id)
      many.points.push_back(
        {point_id{id}, {{"", dense_vector{static_cast<float>(id), 1, 0, 0}}}, {}});
    world.write({many});
    const auto job = world->plan(shard::pace::quiet);
    REQUIRE(job.has_value());

    world.write({delete_points{std::vector{point_id{399}}}});
    world.write({upsert_points{{{point_id{0}, {{"", dense_vector{5'000, 0, 0, 0}}}, {}}}, {}, {}}});
    inline_executor here;
    const std::atomic<bool> go_on{false};
    shard::job_progress progress;
    const auto done = shard::machine::run(*job, here, go_on, progress);
    REQUIRE(done.ok());
    world->install(*done);

    shard::shard_query wanted;
    wanted.by = shard::rank_nearest{dense_vector{1, 0, 0, 0}};
    wanted.k = 3;
    budget unlimited;
    const auto found = world->snapshot()->query(wanted, unlimited);
    REQUIRE(found.ok());
    REQUIRE(found->hits.size() == 3);
    CHECK(found->hits[0].point.id == point_id{0});
    CHECK(found->hits[1].point.id == point_id{398});
    CHECK(world->snapshot()->figures().indexed_vectors > 0);
  }

  TEST_CASE("a collection's quantization becomes its segments' code") {
    auto schema = two_field_schema();
    schema.options.vectors[""].size = 32;
    schema.options.quantization = payload::value{
      payload::object{{"binary", payload::value{payload::object{}}}}};
    machine_world world(schema);
    upsert_points many;
    for (std::uint64_t id = 0; id < 400; ++id) {
      dense_vector values(32, 1);
      values[id % 32] = static_cast<float>(id);
      many.points.push_back({point_id{id}, {{"", std::move(values)}}, {}});
    }
    world.write({many});

    CHECK(world.settle_indexes() > 0);

    const std::string folder = "shard/segments/v-/";
    const auto names = world.files().list(folder);
    REQUIRE(names.ok());
    REQUIRE(names->size() == 1);
    const auto segment = index::segment::open(world.files(), folder + names->front());
    REQUIRE(segment.ok());
    CHECK((*segment)->code() == coding::bits);
  }

  TEST_CASE("the product of an abandoned job is dropped, and the store stays whole") {
    machine_world world;
    upsert_points many;
    for (std::uint64_t id = 0; id < 400; ++id)
      many.points.push_back(
        {point_id{id}, {{"", dense_vector{static_cast<float>(id), 1, 0, 0}}}, {}});
    world.write({many});
    const auto job = world->plan(shard::pace::quiet);
    REQUIRE(job.has_value());
    inline_executor here;
    const std::atomic<bool> go_on{false};
    shard::job_progress progress;
    const auto late = shard::machine::run(*job, here, go_on, progress);
    REQUIRE(late.ok());

    world->abandon();
    world->install(*late);

    CHECK(world->snapshot()->figures().indexed_vectors == 0);
    world.write({delete_points{std::vector{point_id{399}}}});
    CHECK(world.settle_indexes() > 0);
    CHECK(world->snapshot()->figures().indexed_vectors > 0);
  }

  TEST_CASE("an entry validated against another schema changes nothing") {
    machine_world world;
    const auto index = world->applied().next();
    const shard::command stale
      = shard::write_points{schema_version{9}, {upsert_points{{{point_id{1}, {}, {}}}, {}, {}}}};

    const auto applied = world->apply(index, shard::encode(stale));

    REQUIRE(applied.ok());
    CHECK(applied->result.code == errc::stale_route);
    CHECK(world->applied() == index);
    CHECK(world->snapshot()->figures().points == 0);
  }

  TEST_CASE("an entry that cannot be read changes nothing, and the next one applies") {
    machine_world world;

    const auto applied = world->apply(world->applied().next(), "no frame at all");
    world.write({upsert_points{{{point_id{1}, {}, {}}}, {}, {}}});

    REQUIRE(applied.ok());
    CHECK(applied->result.code == errc::corrupted);
    CHECK(world->snapshot()->figures().points == 1);
  }

  TEST_CASE("the next view stands at an entry that changed nothing, too") {
    machine_world world;

    for (const auto* bytes : {"", "no frame at all", ""}) {
      CHECK(world->snapshot()->applied() == world->applied());
      CHECK(world->apply(world->applied().next(), bytes).ok());
      CHECK(world->snapshot()->applied() == world->applied());
    }
  }

  TEST_CASE("a new payload index answers as the scan without it did") {
    std::mt19937_64 random{5};
    auto bare = two_field_schema();
    bare.fields.clear();
    machine_world world{bare};
    shard_twin twin;
    for (int step = 0; step < 30; ++step)
      random_entry(world, twin, random);

    auto indexed = bare;
    indexed.version = indexed.version.next();
    indexed.fields = two_field_schema().fields;
    world.apply(shard::change_schema{indexed});
    check_searches(*world->snapshot(), twin, random);
    world.reopen();
    check_searches(*world->snapshot(), twin, random);

    auto dropped = indexed;
    dropped.version = dropped.version.next();
    dropped.fields.erase("city");
    world.apply(shard::change_schema{dropped});
    check_searches(*world->snapshot(), twin, random);
  }

  TEST_CASE("modes and conditions of an upsert decide point by point") {
    machine_world world;
    const auto of = [](std::uint64_t id, const char* city) {
      return point{point_id{id}, {}, {{"city", payload::value{city}}}};
    };
    world.write({upsert_points{{of(1, "Berlin"), of(2, "London")}, {}, {}}});

    world.write({upsert_points{{of(1, "a"), of(3, "a")}, upsert_points::mode::insert_only, {}}});
    world.write({upsert_points{{of(1, "b"), of(4, "b")}, upsert_points::mode::update_only, {}}});
    world.write({upsert_points{{of(1, "c"), of(2, "c"), of(5, "c")}, {}, city_is("London")}});

    const std::vector<point_id> ids{point_id{1}, point_id{2}, point_id{3}, point_id{4},
                                    point_id{5}};
    const auto records
      = world->snapshot()->retrieve(ids, {payload_selector::mode::all, {}}, {});
    REQUIRE(records.ok());
    std::string cities;
    for (const auto& record : *records)
      cities += *record.payload->find("city")->as_string() + " ";
    CHECK(cities == "b c a c ");
  }
}
