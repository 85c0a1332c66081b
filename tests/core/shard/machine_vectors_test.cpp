#include "machine_world.hpp"

#include "core/index/code_planner.hpp"
#include "core/index/locator.hpp"
#include "core/request/vector_form.hpp"
#include "core/vector/similarity.hpp"

#include <algorithm>
#include <cmath>

using namespace grape;
using namespace grape::test;

namespace {

struct kind_of_field {
  const char* name;
  metric distance;
  vector_datatype datatype;
  bool multi;
};

constexpr kind_of_field kinds[] = {
    {"rows", metric::cosine, vector_datatype::float32, true},
    {"near", metric::euclid, vector_datatype::float16, true},
    {"half", metric::dot, vector_datatype::float16, false},
    {"bytes", metric::cosine, vector_datatype::uint8, false},
    {"small", metric::manhattan, vector_datatype::uint8, false},
};

collection_schema every_kind() {
  collection_schema schema;
  for (const auto& kind : kinds)
    schema.options.vectors[kind.name] = {.size = 3,
                                         .distance = kind.distance,
                                         .hnsw = {},
                                         .echoed = {},
                                         .datatype = kind.datatype,
                                         .multi = kind.multi};
  schema.options.sparse_vectors["words"] = {};
  schema.options.optimizers.indexing_threshold_kb = 1;
  schema.fields["n"] = {field_type::integer, {}};
  return schema;
}

vector_value random_value(const kind_of_field& kind, std::mt19937_64& random) {
  const auto largest = kind.datatype == vector_datatype::uint8 ? 260.0f : 2.0f;
  const auto component = [&] {
    return static_cast<float>(random() % 2'001) / 2'000.0f * largest - largest / 8;
  };
  multi_vector rows{3, {}};
  for (auto left = 3 * (kind.multi ? 1 + random() % 4 : 1); left > 0; --left)
    rows.values.push_back(component());
  if (kind.multi)
    return rows;
  return dense_vector(rows.values);
}

sparse_vector random_words(std::mt19937_64& random) {
  sparse_vector made;
  for (std::uint32_t word = 0; word < 12; ++word)
    if (random() % 4 == 0) {
      made.indices.push_back(word * word);
      made.values.push_back(static_cast<float>(random() % 9) / 4 - 1);
    }
  return made;
}

point any_point(std::mt19937_64& random, std::uint64_t id) {
  point made{point_id{id}, {}, {}};
  for (const auto& kind : kinds)
    if (random() % 4 != 0)
      made.vectors.push_back({kind.name, random_value(kind, random)});
  if (random() % 4 != 0)
    made.vectors.push_back({"words", random_words(random)});
  std::sort(made.vectors.begin(), made.vectors.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  made.payload.set("n", payload::value{static_cast<std::int64_t>(random() % 10)});
  return made;
}

/// The distance between a query and a stored vector by the plainest loops; none: no answer.
std::optional<float> plain_distance(const vector_value& query, vector_value stored,
                                    const std::string& name, const collection_options& options) {
  if (const auto* sparse = std::get_if<sparse_vector>(&query)) {
    const auto product = sparse_product(*sparse, std::get<sparse_vector>(stored));
    return product ? std::optional{-*product} : std::nullopt;
  }
  const auto& field = options.vectors.at(name);
  const distance_function by{field.distance, field.size};
  if (auto* dense = std::get_if<dense_vector>(&stored)) {
    to_compared_form(*dense, field);
    return by(std::get<dense_vector>(query).data(), dense->data());
  }
  return max_sim_distance(by, std::get<multi_vector>(query), std::get<multi_vector>(stored).values);
}

std::vector<float> plain_scores(const shard_twin& twin, const shard::shard_query& wanted,
                                const collection_options& options) {
  std::vector<float> distances;
  for (const auto& [id, what] : twin.points) {
    const auto* stored = find_vector(what.vectors, wanted.vector_name);
    if (stored == nullptr || (wanted.filter && !twin.matches(*wanted.filter, what)))
      continue;
    const auto& target = std::get<shard::rank_nearest>(wanted.by).target;
    if (const auto far = plain_distance(target, *stored, wanted.vector_name, options))
      distances.push_back(*far);
  }
  std::sort(distances.begin(), distances.end());
  distances.resize(std::min<std::size_t>(distances.size(), wanted.k));
  const auto field = options.vectors.find(wanted.vector_name);
  for (auto& each : distances)
    each = score_from_distance(
        field == options.vectors.end() ? metric::dot : field->second.distance, each);
  return distances;
}

void check_exact(const shard::view& view, const shard_twin& twin, std::mt19937_64& random) {
  const auto& options = view.schema().options;
  std::vector<std::pair<std::string, vector_value>> targets;
  for (const auto& kind : kinds)
    if (options.vectors.contains(kind.name))
      targets.emplace_back(kind.name, *query_form(random_value(kind, random), kind.name, options));
  if (options.sparse_vectors.contains("words"))
    targets.emplace_back("words", random_words(random));
  for (const auto& [name, target] : targets)
    for (const auto filtered : {false, true}) {
      CAPTURE(name);
      shard::shard_query wanted;
      wanted.vector_name = name;
      wanted.by = shard::rank_nearest{target};
      wanted.k = 4;
      wanted.params.exact = true;
      wanted.with_vectors.wanted = vector_selector::mode::all;
      if (filtered)
        wanted.filter = number_below(5);
      budget unlimited;
      const auto found = view.query(wanted, unlimited);
      REQUIRE(found.ok());
      std::vector<float> scores;
      for (const auto& hit : found->hits) {
        scores.push_back(hit.score);
        CHECK(hit.point.vectors == twin.points.at(hit.point.id).vectors);
      }
      CHECK(scores == plain_scores(twin, wanted, options));
    }
}

void check_terms(const shard::view& view, const shard_twin& twin) {
  const std::vector<std::uint32_t> indices{0, 1, 4, 9, 10'000};
  for (const auto filtered : {false, true}) {
    shard::term_question about{"words", indices, {}};
    if (filtered)
      about.corpus = number_below(3);
    shard::term_counts expected{0, std::vector<std::uint64_t>(indices.size())};
    for (const auto& [id, what] : twin.points) {
      const auto* stored = find_vector(what.vectors, "words");
      if (stored == nullptr || (about.corpus && !twin.matches(*about.corpus, what)))
        continue;
      ++expected.vectors;
      const auto& has = std::get<sparse_vector>(*stored).indices;
      for (std::size_t i = 0; i < indices.size(); ++i)
        expected.with_index[i] += std::binary_search(has.begin(), has.end(), indices[i]);
    }
    budget unlimited;
    CHECK(view.terms(about, unlimited).value() == expected);
  }
}

/// One random entry, done to the machine and to its twin.
void vector_entry(machine_world& world, shard_twin& twin, std::mt19937_64& random) {
  const auto version = world->applied().value + 1;
  const auto id = point_id{random() % 80};
  switch (random() % 5) {
    case 0: {
      twin.erase(id);
      world.write({delete_points{std::vector{id}}});
      return;
    }
    case 1: {
      const std::string name = random() % 2 == 0 ? "rows" : "words";
      if (twin.points.contains(id)) {
        std::erase_if(twin.points[id].vectors, [&](const auto& v) { return v.name == name; });
        twin.versions[id] = version;
      }
      world.write({delete_vectors{{name}, std::vector{id}}});
      return;
    }
    default: {
      std::vector<write_operation> operations{upsert_points{}};
      auto& points = std::get<upsert_points>(operations[0]).points;
      for (auto left = 1 + random() % 10; left > 0; --left)
        points.push_back(any_point(random, random() % 80));
      REQUIRE(validate(operations, world->schema()).ok());
      auto stored = operations;
      normalise(stored, world->schema());
      for (const auto& each : std::get<upsert_points>(stored[0]).points)
        twin.upsert(each, version);
      world.write(operations);
    }
  }
}

void change_schema(machine_world& world, const std::function<void(collection_schema&)>& how) {
  auto schema = world->schema();
  schema.version = schema.version.next();
  how(schema);
  world.apply(shard::change_schema{schema});
}

void forget(shard_twin& twin, const std::string& name) {
  for (auto& [id, what] : twin.points)
    std::erase_if(what.vectors, [&](const auto& v) { return v.name == name; });
}

} // namespace

TEST_SUITE("core.shard.machine_vectors") {
  // Goal: exact searches of every kind of vector equal plain loops, after any history. Method:
  // random entries, background jobs and restarts by seed.
  TEST_CASE("exact searches over every kind of vector equal plain loops, whatever was done") {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(seed);
      std::mt19937_64 random{seed};
      machine_world world{every_kind()};
      shard_twin twin;
      for (int step = 0; step < 60; ++step) {
        CAPTURE(step);
        vector_entry(world, twin, random);
        if (random() % 10 == 0)
          world.settle_indexes();
        if (random() % 15 == 0) {
          REQUIRE(world->sync().ok());
          world.reopen();
        }
        check_exact(*world->snapshot(), twin, random);
        check_terms(*world->snapshot(), twin);
      }
    }
  }

  TEST_CASE("a vector that is dropped is gone from all points, also if one comes by its name") {
    std::mt19937_64 random{11};
    machine_world world{every_kind()};
    shard_twin twin;
    for (int step = 0; step < 40; ++step)
      vector_entry(world, twin, random);
    world.settle_indexes();
    const auto before = world->snapshot();
    for (const std::string name : {"rows", "words", "half"}) {
      change_schema(world, [&](collection_schema& schema) {
        schema.options.vectors.erase(name);
        schema.options.sparse_vectors.erase(name);
      });
      forget(twin, name);
    }
    check_exact(*world->snapshot(), twin, random);

    change_schema(world, [](collection_schema& schema) {
      auto fresh = every_kind().options;
      for (const auto* name : {"rows", "half"}) {
        schema.options.vectors[name] = fresh.vectors[name];
        schema.options.vectors[name].born = schema.version;
      }
      schema.options.sparse_vectors["words"].born = schema.version;
    });
    check_exact(*world->snapshot(), twin, random);
    check_terms(*world->snapshot(), twin);
    for (int step = 0; step < 20; ++step)
      vector_entry(world, twin, random);
    REQUIRE(world->sync().ok());
    world.reopen();
    check_exact(*world->snapshot(), twin, random);
    check_terms(*world->snapshot(), twin);
    CHECK(before->schema().options == every_kind().options);
  }

  TEST_CASE("one schema that replaces a vector by another of its name leaves nothing of the old") {
    std::mt19937_64 random{12};
    machine_world world{every_kind()};
    shard_twin twin;
    for (int step = 0; step < 20; ++step)
      vector_entry(world, twin, random);
    change_schema(world, [](collection_schema& schema) {
      schema.options.vectors["half"].born = schema.version;
      schema.options.sparse_vectors["words"].born = schema.version;
    });
    forget(twin, "half");
    forget(twin, "words");

    check_exact(*world->snapshot(), twin, random);
    check_terms(*world->snapshot(), twin);
    REQUIRE(world->sync().ok());
    world.reopen();
    check_exact(*world->snapshot(), twin, random);
  }

  TEST_CASE("the memory that a shard tells is what the formula says, and less for narrow vectors") {
    constexpr std::uint32_t size = 128;
    constexpr std::uint32_t count = 3'000;
    std::map<vector_datatype, double> told;
    for (const auto kind :
         {vector_datatype::float32, vector_datatype::float16, vector_datatype::uint8}) {
      CAPTURE(to_string(kind));
      collection_schema schema;
      schema.options.vectors[""] = {.size = size,
                                    .distance = metric::euclid,
                                    .hnsw = {},
                                    .echoed = {},
                                    .datatype = kind,
                                    .multi = false};
      schema.options.optimizers.indexing_threshold_kb = 1;
      machine_world world{schema};
      std::mt19937_64 random{5};
      upsert_points many;
      for (std::uint64_t id = 0; id < count; ++id) {
        dense_vector vector(size);
        for (auto& component : vector)
          component = static_cast<float>(random() % 256);
        many.points.push_back({point_id{id}, {{"", std::move(vector)}}, {}});
      }
      world.write({write_operation{std::move(many)}});
      world.settle_indexes();

      const auto figures = world->snapshot()->figures();

      REQUIRE(figures.indexed_vectors == count);
      const auto segment = index::memory_of(
        {count, size, 16, index::expected_upper_lists(count, 16), metric::euclid, coding::int8,
         form_of(kind, metric::euclid)});
      const auto tables = count * (sizeof(index::locator) + sizeof(std::uint32_t)) + count / 8;
      told[kind] = static_cast<double>(figures.memory_bytes);
      CHECK(told[kind]
            == doctest::Approx(static_cast<double>(segment.total() + tables)).epsilon(0.05));
      CHECK(figures.mapped_bytes <= segment.vectors);
    }
    CHECK(told[vector_datatype::float32] - told[vector_datatype::float16]
          == doctest::Approx(2.0 * size * count).epsilon(0.02));
    CHECK(told[vector_datatype::float32] - told[vector_datatype::uint8]
          == doctest::Approx(3.0 * size * count).epsilon(0.02));
  }
}
